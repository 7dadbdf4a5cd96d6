package console

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestPictures takes the pictures of the README. It checks nothing, and does nothing
// unless deploy/screenshots says where a demonstration runs.
func TestPictures(t *testing.T) {
	demo, dir := os.Getenv("TEST_DEMO"), os.Getenv("TEST_PICTURES")
	if demo == "" {
		return
	}
	o := &office{t: t, url: demo}
	b := o.browser()
	b.size(1280, 800)
	b.goes("/chat/login#" + os.Getenv("TEST_DEMO_KEY"))
	b.ready()
	b.looks("en", "light")
	take := func(name string) {
		t.Helper()
		b.run(chromedp.ActionFunc(func(ctx context.Context) error {
			picture, err := page.CaptureScreenshot().Do(ctx)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600)
		}))
	}
	b.goes("/chat/c/" + os.Getenv("TEST_DEMO_CHAT"))
	b.ready()
	const atEnd = `(s => s.scrollTop + s.clientHeight >= s.scrollHeight - 1)(document.querySelector("#stream"))`
	b.until(atEnd)
	if bang := ".bang-button"; b.count(bang) > 0 {
		b.js(fmt.Sprintf(`document.querySelector(%q).scrollIntoView({block: "nearest"}), true`, bang), nil)
		b.hovers(bang)
		b.sees(".why")
	}
	take("chat")
	b.goes("/chat/account")
	take("account")
}
