package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"recado/adapters/porttest"
)

// Whoever opens the link that the demonstration prints is Ana, among her chats.
func TestTheDemosLinkLogsInAsAna(t *testing.T) {
	t.Parallel()
	path := os.Getenv("TEST_CHROMIUM")
	switch {
	case path == "" && os.Getenv("CI") == "true":
		t.Fatal("TEST_CHROMIUM is not set; see deploy/services")
	case path == "":
		t.Skip("TEST_CHROMIUM is not set; see deploy/services")
	}
	dir := t.TempDir()
	writeWide(t, filepath.Join(dir, "secret.key"), aKey)
	shown := &screen{}
	demo := exec.Command(os.Args[0], "demo", "--pace=400ms")
	demo.Env = append(os.Environ(), "RECADO_TEST_IS_PROGRAM=1", "RECADO_DATA_DIR="+dir,
		"RECADO_LISTEN="+porttest.Address(t), "RECADO_INTERNAL_LISTEN="+porttest.Address(t))
	demo.Stdout, demo.Stderr = shown, shown
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = demo.Process.Kill()
		_ = demo.Wait() // it was killed
		if t.Failed() {
			t.Log(shown.text.String())
		}
	})
	link := regexp.MustCompile(`http\S+/chat/login#\S+`)
	eventually(t, "the screen shows a link", time.Minute, func() bool { return shown.finds(link) != "" })

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	browser, closeBrowser := chromedp.NewContext(allocator)
	defer closeBrowser()
	if err := chromedp.Run(browser); err != nil { // without a deadline, which would be the browser's
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(browser, time.Minute)
	defer cancel()
	var who, address string
	var chats int
	if err := chromedp.Run(
		ctx, chromedp.Navigate(shown.finds(link)), chromedp.WaitVisible("#list .row"),
		chromedp.Text(".nav .who", &who), chromedp.Location(&address), chromedp.Evaluate(`document.querySelectorAll("#list .row").length`, &chats),
	); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^Ana\b`).MatchString(who) || regexp.MustCompile(`#|/login`).MatchString(address) || chats == 0 {
		t.Errorf("the link leads %q to %s, with %d chats", who, address, chats)
	}
}

// finds returns what the program has printed that matches; empty: nothing yet.
func (s *screen) finds(what *regexp.Regexp) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return what.FindString(s.text.String())
}
