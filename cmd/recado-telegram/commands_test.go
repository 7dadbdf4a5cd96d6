package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"recado/cmd/recado-telegram/dc"
)

// An operator sees the accounts of a gateway that runs, what is wrong, and ends a login.
func TestTheCommandsOfAnOperator(t *testing.T) {
	t.Parallel()
	recado := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer recado.Close()
	p := newProcess(t, dc.New(t), recado.URL, t.TempDir(), "")
	if out, err := p.command("doctor", "-f", p.file); err == nil || !strings.Contains(out, "fail  the gateway") || !strings.Contains(out, "ok    Recado") {
		t.Errorf("before it runs: %v\n%s", err, out)
	}
	p.start()
	eventually(t, "it runs", func() bool { _, err := p.command("accounts"); return err == nil })
	if out, err := p.command("doctor", "-f", p.file); err == nil || !strings.Contains(out, "fail  account tg-1: logged_out → recado-telegram login tg-1") {
		t.Errorf("before the login: %v\n%s", err, out)
	}
	p.login()
	if out, err := p.command("doctor", "-f", p.file); err != nil || !strings.Contains(out, "ok    account tg-1") || !strings.Contains(out, risk) {
		t.Errorf("after it: %v\n%s", err, out)
	}
	if out, err := p.command("accounts"); err != nil || !strings.HasPrefix(out, "tg-1\tworking\tsince 2") {
		t.Errorf("the accounts: %v\n%s", err, out)
	}
	if out, err := p.command("logout", "tg-1"); err != nil || out != "The account is logged out.\n" {
		t.Errorf("the logout: %v\n%s", err, out)
	}
	if out, err := p.command("status", "tg-1"); err != nil || out != "logged_out\n" {
		t.Errorf("the status: %v\n%s", err, out)
	}
	if out, err := p.command("dance"); err == nil || out != "" {
		t.Errorf("an unknown command: %v\n%s", err, out)
	}
}
