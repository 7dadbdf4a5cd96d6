package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"recado/adapters/vault"
)

// An account in the gateway that runs.
type running struct {
	Connection string
	Account    struct {
		Status, Reason string
		Since          int64
		Waiting        int64  `json:"pending_update_count"`
		LastError      string `json:"last_error_message"`
	}
}

// runningAccounts asks the gateway that listens at the internal address.
func runningAccounts(ctx context.Context, internal string) ([]running, error) {
	body, err := get(ctx, "http://"+internal+"/accounts")
	if err != nil {
		return nil, fmt.Errorf("the gateway does not answer: %w", err)
	}
	var answer struct{ Result []running }
	return answer.Result, json.Unmarshal(body, &answer)
}

func get(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(r) //nolint:gosec // as above
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %d", answer.StatusCode)
	}
	return io.ReadAll(io.LimitReader(answer.Body, 1<<20))
}

// accounts lists the accounts of the gateway that runs.
func (p program) accounts(ctx context.Context, internal string) error {
	all, err := runningAccounts(ctx, internal)
	for _, a := range all {
		since := time.Unix(a.Account.Since, 0).UTC().Format(time.RFC3339)
		fmt.Fprintf(p.stdout, "%s\t%s\tsince %s\t%d webhooks wait\n",
			a.Connection, strings.TrimSpace(a.Account.Status+" "+a.Account.Reason), since, a.Account.Waiting)
	}
	return err
}

// errFailed ends doctor after it said what failed.
var errFailed = errors.New("something failed")

// doctor checks the file, the environment, the gateway that runs, its accounts, and Recado.
func (p program) doctor(ctx context.Context, file, internal string) error {
	failed := false
	say := func(check string, wrong error, do string) {
		if wrong == nil {
			fmt.Fprintf(p.stdout, "ok    %s\n", check)
			return
		}
		failed = true
		fmt.Fprintf(p.stdout, "fail  %s: %v → %s\n", check, wrong, do)
	}
	c, err := readConfig(file, p.getenv)
	say("the file", err, "correct it")
	if err != nil {
		return errFailed
	}
	_, err = vault.ParseKey(p.getenv("RECADO_SECRET_KEY"))
	say("RECADO_SECRET_KEY", err, "set it to 32 bytes in base64, the same as for serve")
	_, err = get(ctx, strings.TrimRight(c.Recado, "/")+"/healthz")
	say("Recado", err, "look at recado in the file, and at the network between the two")
	all, err := runningAccounts(ctx, internal)
	say("the gateway", err, "start it, or give its -internal address")
	byName := map[string]running{}
	for _, a := range all {
		byName[a.Connection] = a
	}
	for _, a := range c.Accounts {
		if err == nil {
			r, known := byName[a.Connection]
			var wrong error
			what, do := diagnose(a.Connection, r, known)
			if what != "" {
				wrong = errors.New(what)
			}
			say("account "+a.Connection, wrong, do)
		}
	}
	fmt.Fprint(p.stdout, "\n", risk)
	if failed {
		return errFailed
	}
	return nil
}

// diagnose says what is wrong with an account, and what to do; empty: nothing.
func diagnose(name string, a running, known bool) (wrong, do string) {
	status := strings.TrimSpace(a.Account.Status + " " + a.Account.Reason)
	switch {
	case !known:
		return "the gateway does not have it", "start the gateway anew with this file"
	case a.Account.Status == "connecting":
		return "it does not reach Telegram", "look at the network; another gateway may hold the account"
	case a.Account.Status == "frozen" || a.Account.Status == "banned":
		return status, "ask Telegram on the phone of the account"
	case a.Account.Status != "working":
		return status, "recado-telegram login " + name
	case a.Account.LastError != "":
		return fmt.Sprintf("%d webhooks wait: %s", a.Account.Waiting, a.Account.LastError), "compare the secret_token and the connection with those in Recado"
	}
	return "", ""
}
