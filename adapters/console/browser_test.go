package console

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A browser is a real Chromium with nobody logged in; each has cookies of its own.
type browser struct {
	t      *testing.T
	o      *office
	ctx    context.Context
	mu     sync.Mutex
	faults []string // errors of scripts, and what the policy forbade
}

// chromium starts the one process that the browsers of all tests share.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path := os.Getenv("TEST_CHROMIUM")
	if path == "" {
		var err error
		if path, err = exec.LookPath("chromium"); err != nil {
			return nil, err
		}
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("lang", "es"), chromedp.Flag("accept-lang", "es"), chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true))
	allocator, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	stopChromium = stop
	return ctx, chromedp.Run(ctx)
})

var stopChromium = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stopChromium()
	os.Exit(code)
}

func (o *office) browser() *browser {
	o.t.Helper()
	root, err := chromium()
	if err != nil {
		if os.Getenv("CI") == "true" {
			o.t.Fatalf("no Chromium: %v; see deploy/services", err)
		}
		o.t.Skipf("no Chromium: %v; see deploy/services", err)
	}
	ctx := o.window(root)
	b := &browser{t: o.t, o: o, ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.faults = append(b.faults, e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if e.Entry.Source == log.SourceSecurity {
				b.faults = append(b.faults, e.Entry.Text)
			}
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				b.faults = append(b.faults, fmt.Sprint(e.Args))
			}
		}
	})
	b.size(1200, 800)
	b.run(performance.Enable(), log.Enable())
	o.t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, fault := range b.faults {
			o.t.Errorf("the browser says: %s", fault)
		}
	})
	return b
}

// forgives returns the faults so far, which are none of the page then.
func (b *browser) forgives() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	faults := strings.Join(b.faults, "\n")
	b.faults = nil
	return faults
}

// idle are the windows that tests have left as new. A new one takes seconds on a busy
// machine.
var idle []context.Context

// window returns a window that nobody uses, until the test ends.
func (o *office) window(root context.Context) context.Context {
	o.t.Helper()
	var window context.Context
	if last := len(idle) - 1; last >= 0 {
		window, idle = idle[last], idle[:last]
	} else {
		window = o.newWindow(root)
	}
	ctx, stop := context.WithCancel(window) // its listeners end with the test
	o.t.Cleanup(func() {
		stop()
		clean := chromedp.Tasks{chromedp.Navigate("about:blank"), network.ClearBrowserCookies(), page.SetInterceptFileChooserDialog(false)}
		if !o.t.Failed() && chromedp.Run(window, clean) == nil {
			idle = append(idle, window)
		}
	})
	return ctx
}

// newWindow opens a window with cookies of its own: Chromium opens no tab in a
// context that has no window.
func (o *office) newWindow(root context.Context) context.Context {
	o.t.Helper()
	browser := cdp.WithExecutor(root, chromedp.FromContext(root).Browser)
	own, err := target.CreateBrowserContext().Do(browser)
	if err != nil {
		o.t.Fatal(err)
	}
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(own).WithNewWindow(true).Do(browser)
	if err != nil {
		o.t.Fatal(err)
	}
	ctx, _ := chromedp.NewContext(root, chromedp.WithTargetID(id)) // it ends with Chromium
	if err := chromedp.Run(ctx); err != nil {                      // without a deadline: its end would be that of the window
		o.t.Fatal(err)
	}
	return ctx
}

// patience is how long a busy machine may take for one action.
const patience = 30 * time.Second

// run runs actions.
func (b *browser) run(actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.shot("failed")
		b.t.Fatalf("browser: %v\n%s", err, b.text("body"))
	}
}

func (b *browser) size(width, height int64) {
	b.t.Helper()
	b.run(chromedp.EmulateViewport(width, height))
}

// as logs an employee in, by the link that a terminal would print.
func (o *office) as(employee string) *browser {
	o.t.Helper()
	b := o.browser()
	b.goes("/chat/login#key-of-" + employee)
	b.ready()
	return b
}

// goes opens an address of the page.
func (b *browser) goes(path string) {
	b.t.Helper()
	b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, problem, _, err := page.Navigate(b.o.url + path).Do(ctx)
		if problem != "" {
			b.t.Fatalf("%s: %s", path, problem)
		}
		return err
	}))
	b.until(`document.readyState === "complete"`)
}

// js evaluates an expression; promises are awaited.
func (b *browser) js(expression string, out any) {
	b.t.Helper()
	b.run(chromedp.Evaluate(expression, out, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
}

// is reports whether an expression is true.
func (b *browser) is(expression string) bool {
	b.t.Helper()
	var yes bool
	b.js("Boolean("+expression+")", &yes)
	return yes
}

// until waits until an expression is true, also beyond a change of pages.
func (b *browser) until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for yes := false; !yes; <-time.After(15 * time.Millisecond) {
		err := chromedp.Run(ctx, chromedp.Evaluate("Boolean("+expression+")", &yes))
		if ctx.Err() != nil {
			b.shot("failed")
			b.t.Fatalf("never true: %s: %v\n%s", expression, err, b.text("body"))
		}
	}
}

// sees waits until an element is visible that has the texts.
func (b *browser) sees(selector string, texts ...string) {
	b.t.Helper()
	list := jsonOf(append([]string{}, texts...))
	b.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.checkVisibility({visibilityProperty: true}) && %s.every(t => e.innerText.includes(t)))`, selector, list))
}

// seesNo waits until no visible element of the selector is left.
func (b *browser) seesNo(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`![...document.querySelectorAll(%q)].some(e => e.checkVisibility({visibilityProperty: true}))`, selector))
}

// of returns the browser for a part of a test.
func (b *browser) of(t *testing.T) *browser { return &browser{t: t, o: b.o, ctx: b.ctx} }

// hovers moves the pointer over an element.
func (b *browser) hovers(selector string) {
	b.t.Helper()
	x, y := b.middle(selector)
	b.run(chromedp.MouseEvent(input.MouseMoved, x, y))
}

// middle returns the middle of an element.
func (b *browser) middle(selector string) (x, y float64) {
	b.t.Helper()
	var at struct{ X, Y float64 }
	b.js(fmt.Sprintf(`(r => ({X: r.x + r.width / 2, Y: r.y + r.height / 2}))(document.querySelector(%q).getBoundingClientRect())`, selector), &at)
	return at.X, at.Y
}

// jsonOf writes a value for a script.
func jsonOf(value any) string {
	text, _ := json.Marshal(value) // of texts
	return string(text)
}

// text returns what an element shows.
func (b *browser) text(selector string) (text string) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_ = chromedp.Run(ctx, chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector), &text))
	return text
}

// clicks clicks the first visible element of a selector that has a text.
func (b *browser) clicks(selector string, texts ...string) {
	b.t.Helper()
	b.sees(selector, texts...)
	list := jsonOf(append([]string{}, texts...))
	var at struct{ X, Y float64 }
	b.js(fmt.Sprintf(`(() => {
		const e = [...document.querySelectorAll(%q)].find(e => e.checkVisibility({visibilityProperty: true}) && %s.every(t => e.innerText.includes(t)));
		e.scrollIntoView({block: "nearest"});
		const r = e.getBoundingClientRect();
		return {X: r.x + r.width / 2, Y: r.y + Math.min(r.height / 2, 20)};
	})()`, selector, list), &at)
	b.run(chromedp.MouseClickXY(at.X, at.Y))
}

// types types into the element that has the focus.
func (b *browser) types(text string) {
	b.t.Helper()
	b.run(chromedp.KeyEvent(text))
}

// count returns how many elements a selector finds.
func (b *browser) count(selector string) (n int) {
	b.t.Helper()
	b.js(fmt.Sprintf(`document.querySelectorAll(%q).length`, selector), &n)
	return n
}

// tabsTo presses the tab key until an element of the selector has the focus.
func (b *browser) tabsTo(selector string) {
	b.t.Helper()
	b.moves(chromedp.KeyEvent("\t"), selector)
}

// tabsBackTo does the same backwards.
func (b *browser) tabsBackTo(selector string) {
	b.t.Helper()
	b.moves(shiftTab, selector)
}

// moves presses a key until an element of the selector has the focus.
func (b *browser) moves(key chromedp.Action, selector string) {
	b.t.Helper()
	for range 60 {
		b.run(key)
		if b.focused(selector) {
			return
		}
	}
	b.t.Fatalf("the key never reaches %s", selector)
}

// focused reports whether an element of the selector has the focus.
func (b *browser) focused(selector string) bool {
	b.t.Helper()
	return b.is(fmt.Sprintf(`document.activeElement.matches(%q)`, selector))
}

// presses goes to a button by the tab key, and presses it.
func (b *browser) presses(selector string) {
	b.t.Helper()
	b.tabsTo(selector)
	b.types("\r")
}

// touches taps on an element.
func (b *browser) touches(selector string) {
	b.t.Helper()
	x, y := b.middle(selector)
	b.run(
		input.DispatchTouchEvent(input.TouchStart, []*input.TouchPoint{{X: x, Y: y}}),
		input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}),
	)
}

// opens opens a chat of the list.
func (b *browser) opens(title string) {
	b.t.Helper()
	b.clicks("#list .row a", title)
	b.sees("#head h1", title)
	b.ready()
}

// ready waits until the page of chats reacts.
func (b *browser) ready() {
	b.t.Helper()
	b.until(`document.body.dataset.ready`)
}

// looks shows the page in a language and a theme from now on.
func (b *browser) looks(language, theme string) {
	b.t.Helper()
	b.js(fmt.Sprintf(`fetch("/chat/look", {method: "POST", body: new URLSearchParams({language: %q, theme: %q, next: "/chat/account"})}).then(() => true)`, language, theme), nil)
	b.js(`location.reload(), true`, nil)
	b.until(fmt.Sprintf(`document.readyState === "complete" && document.documentElement.dataset.theme === %q`, theme))
}

// shot stores a picture of the page where TEST_SCREENSHOTS says.
func (b *browser) shot(name string) {
	dir := os.Getenv("TEST_SCREENSHOTS")
	if dir == "" {
		return
	}
	var picture []byte
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		picture, err = page.CaptureScreenshot().Do(ctx)
		return err
	})); err != nil {
		b.t.Logf("screenshot: %v", err)
		return
	}
	name = strings.ReplaceAll(b.t.Name(), "/", "-") + "-" + name + ".png"
	if err := os.WriteFile(filepath.Join(dir, name), picture, 0o600); err != nil {
		b.t.Log(err)
	}
}

// Keys that are no characters.
var (
	shiftEnter = chromedp.KeyEvent("\r", chromedp.KeyModifiers(input.ModifierShift))
	shiftTab   = chromedp.KeyEvent("\t", chromedp.KeyModifiers(input.ModifierShift))
	arrowUp    = chromedp.KeyEvent(kb.ArrowUp)
	arrowDown  = chromedp.KeyEvent(kb.ArrowDown)
	home       = chromedp.KeyEvent(kb.Home)
)

// chooses chooses a file in the dialog of an input.
func chooses(selector, path string) chromedp.Action {
	return chromedp.SetUploadFiles(selector, []string{path}, chromedp.ByQuery)
}
