package demo

import (
	"bytes"
	"strings"
	"testing"
)

// What waited since the last run happens while the program starts.
func TestTheIntroductionComesFirst(t *testing.T) {
	var out bytes.Buffer
	s := &screen{w: &out}
	s.line("CRM", "heard before")
	s.intro(Program{Listen: "127.0.0.1:8080"}, "It continues.")
	s.line("CRM", "heard after")
	text := out.String()
	banner, before, after := strings.Index(text, "Recado at http://"), strings.Index(text, "heard before"), strings.Index(text, "heard after")
	if banner != 0 || before < 0 || after < before || strings.Count(text, "heard") != 2 {
		t.Errorf("it prints:\n%s", text)
	}
}
