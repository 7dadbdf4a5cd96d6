package console

import (
	"os"
	"strings"
	"testing"
)

// axe returns the source of axe-core, which deploy/services fetches.
func axe(t *testing.T) string {
	t.Helper()
	path := os.Getenv("TEST_AXE")
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("TEST_AXE is not set; see deploy/services")
		}
		return ""
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// accessible checks the page as it is with axe-core, by the rules of WCAG 2.2 AA and
// its best practices.
func (b *browser) accessible() {
	b.t.Helper()
	b.passes("")
}

// passes checks the page by one rule of axe-core, or by all, once nothing on it fades
// any more: half shown, no colour has the contrast that it will have.
func (b *browser) passes(rule string) {
	b.t.Helper()
	source := axe(b.t)
	if source == "" {
		b.t.Log("without axe-core: TEST_AXE is not set; see deploy/services")
		return
	}
	if !b.is(`window.axe`) { // it is half a megabyte
		b.js(source+`;true`, nil)
	}
	options := map[string]any{"resultTypes": []string{"violations"}, "preload": false} // what it would fetch, it fetches for rules about films and turned screens
	if rule != "" {
		options["runOnly"] = []string{rule}
	}
	var violations []string
	b.js(`Promise.allSettled(document.getAnimations().map(a => a.finished)).then(() => axe.run(document, `+jsonOf(options)+`)).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 160) + " — " + (n.any[0] ?? n.all[0] ?? n.none[0])?.message)))`, &violations)
	if len(violations) > 0 {
		b.shot("inaccessible")
		b.t.Errorf("axe-core finds:\n%s", strings.Join(violations, "\n"))
	}
}
