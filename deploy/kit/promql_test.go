package kit

import (
	"fmt"
	"testing"
)

func TestAQueryThatFindsNothingIsAMistake(t *testing.T) {
	tests := []struct{ query, want string }{
		{`sum(rate(recado_webhooks_total{result="forged"}[5m]))`, "<nil>"},
		{`histogram_quantile(0.9, sum by (le) (rate(recado_webhook_seconds_bucket{le="1"}[5m])))`, "<nil>"},
		{`recado:used > 3 and up{job="recado"} == 1`, "<nil>"},
		{`recado_webhook_total`, "the metric recado_webhook_total does not exist"},
		{`recado_webhook_seconds`, "the metric recado_webhook_seconds does not exist"},
		{`recado:unrecorded`, "the metric recado:unrecorded does not exist"},
		{`recado_parked{kind="waba"}`, "recado_parked has no label kind"},
		{`recado_parked{lane=~"inbox|outbox"}`, `recado_parked{lane="outbox"}: the values are ["callback" "inbox" "media" "replay" "send"]`},
	}
	v := NewVocabulary([]string{"recado:used"})
	for _, tt := range tests {
		if got := fmt.Sprint(v.Check(tt.query)); got != tt.want {
			t.Errorf("%s:\n%s, want\n%s", tt.query, got, tt.want)
		}
	}
	if v.Check(`sum(recado_parked`) == nil {
		t.Error("what does not parse passes")
	}
}
