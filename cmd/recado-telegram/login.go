package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"rsc.io/qr"
)

// An operator talks to the gateway that runs, about one account.
type operator struct {
	url string
	in  io.Reader
	out io.Writer
}

// An answer is what the gateway says to a step.
type answer struct {
	Status, Reason, URL string
}

func (o operator) do(ctx context.Context, step, word string) (a answer, err error) {
	body, err := json.Marshal(map[string]string{"word": word})
	if err != nil {
		return a, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url+step, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return a, fmt.Errorf("the gateway does not answer: %w", err)
	}
	defer reply.Body.Close()
	var said struct {
		OK          bool
		Description string
		Result      answer
	}
	if err := json.NewDecoder(io.LimitReader(reply.Body, 1<<20)).Decode(&said); err != nil {
		return a, fmt.Errorf("the gateway answers with HTTP status %d", reply.StatusCode)
	}
	if !said.OK {
		return a, errors.New(said.Description)
	}
	return said.Result, nil
}

func (o operator) status(ctx context.Context) error {
	a, err := o.do(ctx, "status", "")
	if err == nil {
		fmt.Fprintln(o.out, strings.TrimSpace(a.Status+" "+a.Reason))
	}
	return err
}

// logout ends the login of the account.
func (o operator) logout(ctx context.Context) error {
	a, err := o.do(ctx, "logout", "")
	for err == nil && a.Status == "working" {
		if err = pause(ctx); err == nil {
			a, err = o.do(ctx, "status", "")
		}
	}
	if err == nil {
		fmt.Fprintln(o.out, "The account is logged out.")
	}
	return err
}

// login logs the account in: by the code that Telegram sends to the phone number, or
// without one by a QR code.
func (o operator) login(ctx context.Context, phone string) error {
	fmt.Fprint(o.out, risk)
	lines := bufio.NewScanner(o.in)
	ask := func(question string) (string, error) {
		fmt.Fprint(o.out, question)
		if !lines.Scan() {
			return "", errors.Join(errors.New("nothing was typed"), lines.Err())
		}
		return strings.TrimSpace(lines.Text()), nil
	}
	var a answer
	var err error
	if phone == "" {
		a, err = o.scan(ctx)
	} else if a, err = o.do(ctx, "login", phone); err == nil {
		var code string
		if code, err = ask("The code that Telegram sent: "); err == nil {
			a, err = o.do(ctx, "code", code)
		}
	}
	if err == nil && a.Status == "password_needed" {
		var password string
		if password, err = ask("The password of the account (it is shown): "); err == nil {
			a, err = o.do(ctx, "secret", password)
		}
	}
	if err != nil {
		return err
	}
	for a.Status != "working" {
		if err := pause(ctx); err != nil {
			return err
		}
		if a, err = o.do(ctx, "status", ""); err != nil {
			return err
		}
	}
	fmt.Fprintln(o.out, "The account is logged in.")
	return nil
}

// scan shows QR codes until one was scanned.
func (o operator) scan(ctx context.Context) (a answer, err error) {
	for shown := ""; ; {
		a, err := o.do(ctx, "status", "")
		if err != nil || a.Status == "working" || a.Status == "password_needed" {
			return a, err
		}
		code, err := o.do(ctx, "qr", "")
		if err == nil && code.URL != shown {
			shown = code.URL
			if err := o.draw(code.URL); err != nil {
				return a, err
			}
		}
		for range 20 { // a code holds for half a minute
			if err := pause(ctx); err != nil {
				return a, err
			}
			if a, err = o.do(ctx, "status", ""); err != nil || a.Status == "working" || a.Status == "password_needed" {
				return a, err
			}
		}
	}
}

func (o operator) draw(url string) error {
	code, err := qr.Encode(url, qr.L)
	if err != nil {
		return err
	}
	const quiet = 2 // what scanners need around the code
	for y := -quiet; y < code.Size+quiet; y += 2 {
		for x := -quiet; x < code.Size+quiet; x++ {
			upper, lower := code.Black(x, y), code.Black(x, y+1)
			fmt.Fprint(o.out, map[[2]bool]string{{false, false}: "█", {false, true}: "▀", {true, false}: "▄", {true, true}: " "}[[2]bool{upper, lower}])
		}
		fmt.Fprintln(o.out)
	}
	fmt.Fprintln(o.out, "Scan it: Telegram, Settings, Devices, Link Desktop Device.")
	return nil
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return nil
	}
}
