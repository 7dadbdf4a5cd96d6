package domain

import "testing"

func TestAStoreThatIsWellAgainIsAskedForMore(t *testing.T) {
	const most = 500
	var l BatchLimit
	for range 12 {
		l.Learn(most, l.Of(most), ErrTimeout)
	}
	if l.Of(most) != 1 {
		t.Errorf("after many failures the limit is %d", l.Of(most))
	}
	for range 80 {
		l.Learn(most, l.Of(most), nil)
	}
	if l.Of(most) != most {
		t.Errorf("after many successes the limit is %d", l.Of(most))
	}
}
