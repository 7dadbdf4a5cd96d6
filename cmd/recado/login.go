package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"rsc.io/qr"

	"recado/domain"
)

// loginCmd links the account of a connection by a code that is scanned with its phone.
type loginCmd struct {
	Connection string        `arg:"" help:"The connection whose account is linked."`
	Wait       time.Duration `default:"5m" placeholder:"TIME" help:"How long to wait until the account is linked (${default})."`
}

// loginEvery is the time between looks at the code, which changes every 20 s or so.
const loginEvery = 2 * time.Second

// Run shows each new code until the account is linked.
func (c *loginCmd) Run(ctx context.Context, env environment) error {
	cfg, err := readConfig(env.getenv)
	if err != nil {
		return err
	}
	return withStoreBeside(ctx, env, func(store domain.Store) error {
		conn, err := store.Connection(ctx, domain.ConnectionID(c.Connection))
		if errors.Is(err, domain.ErrNotFound) {
			return fmt.Errorf("there is no connection %s", c.Connection)
		}
		if err != nil {
			return err
		}
		linker, ok := connectors(cfg)[conn.Kind].(domain.Linker)
		if !ok {
			return fmt.Errorf("connection %s: accounts of %s are not linked by a code", conn.ID, conn.Kind)
		}
		ctx, cancel := context.WithTimeoutCause(ctx, c.Wait, fmt.Errorf("connection %s was not linked within %s", conn.ID, c.Wait))
		defer cancel()
		return link(ctx, linker, conn, env.stdout, loginEvery)
	})
}

// link shows the codes of an account until it is linked.
func link(ctx context.Context, linker domain.Linker, conn domain.Connection, out io.Writer, every time.Duration) error {
	fmt.Fprintln(out, "Unofficial: "+domain.RiskOf(conn.Kind, linker))
	for shown := ""; ; {
		code, linked, err := linker.LinkCode(ctx, conn)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return fmt.Errorf("connection %s: %w", conn.ID, err)
		case linked:
			fmt.Fprintf(out, "connection %s is linked\n", conn.ID)
			return nil
		case code != "" && code != shown:
			shown = code
			if err := showCode(out, code); err != nil {
				return err
			}
			fmt.Fprintln(out, "Scan it: WhatsApp, Settings, Linked devices, Link a device.")
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(every):
		}
	}
}

// showCode draws a QR code, two rows of it in each line of the terminal.
func showCode(out io.Writer, text string) error {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return err
	}
	const quiet = 2 // what scanners need around the code
	var b strings.Builder
	for y := -quiet; y < code.Size+quiet; y += 2 {
		for x := -quiet; x < code.Size+quiet; x++ {
			upper, lower := code.Black(x, y), code.Black(x, y+1)
			b.WriteString(map[[2]bool]string{{false, false}: "█", {false, true}: "▀", {true, false}: "▄", {true, true}: " "}[[2]bool{upper, lower}])
		}
		b.WriteByte('\n')
	}
	_, err = io.WriteString(out, b.String())
	return err
}
