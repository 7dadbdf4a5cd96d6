// Recado-telegram is a gateway to personal Telegram accounts: it is logged in as them,
// and serves the contract of adapters/messenger/telegram/GATEWAY.md to Recado.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/gotd/td/telegram"

	"recado/adapters/vault"
	"recado/cmd/recado-telegram/gateway"
	"recado/cmd/recado-telegram/mtproto"
	"recado/cmd/recado-telegram/store"
)

const usage = `Usage:
  recado-telegram serve -f telegram.yaml [-listen :8081] [-internal 127.0.0.1:9091] [-data ./telegram-data]
  recado-telegram login CONNECTION [-phone +34…] [-internal 127.0.0.1:9091]
  recado-telegram logout CONNECTION [-internal 127.0.0.1:9091]
  recado-telegram status CONNECTION [-internal 127.0.0.1:9091]
  recado-telegram accounts [-internal 127.0.0.1:9091]
  recado-telegram doctor [-f telegram.yaml] [-internal 127.0.0.1:9091]

login logs an account in at the gateway that runs: by a QR code, or by the code that
Telegram sends to a phone number; logout ends that. doctor checks the file, the gateway
that runs, its accounts, and Recado. RECADO_SECRET_KEY seals the sessions: 32 bytes in base64.

` + risk

const risk = "Telegram supports no such program. It watches accounts that log in by one, and bans\nsome of them, now and then at the first login. Use an account that you can lose.\n"

// A program is what one call of recado-telegram has to do with.
type program struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	telegram       func(*telegram.Options) // where Telegram is; nil: at Telegram
	settle         time.Duration           // before an account is served that another may have had; zero: as long as it takes
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	p := program{getenv: os.Getenv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	if err := p.run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "recado-telegram:", err)
		os.Exit(1)
	}
}

// run does what the arguments say.
func (p program) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		fmt.Fprint(p.stdout, usage)
		return nil
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	file := flags.String("f", "telegram.yaml", "")
	listen := flags.String("listen", ":8081", "")
	internal := flags.String("internal", "127.0.0.1:9091", "")
	data := flags.String("data", "telegram-data", "")
	phone := flags.String("phone", "", "")
	rest, connection := args[1:], ""
	aboutOne := slices.Contains([]string{"login", "logout", "status"}, args[0])
	if aboutOne && len(rest) > 0 {
		connection, rest = rest[0], rest[1:]
	}
	if err := flags.Parse(rest); err != nil || aboutOne && connection == "" || flags.NArg() > 0 {
		return p.misused()
	}
	operator := operator{url: "http://" + *internal + "/accounts/" + connection + "/", in: p.stdin, out: p.stdout}
	switch args[0] {
	case "serve":
		return p.serve(ctx, *file, *listen, *internal, *data)
	case "login":
		return operator.login(ctx, *phone)
	case "logout":
		return operator.logout(ctx)
	case "status":
		return operator.status(ctx)
	case "accounts":
		return p.accounts(ctx, *internal)
	case "doctor":
		return p.doctor(ctx, *file, *internal)
	}
	return p.misused()
}

// misused shows how the program is called.
func (p program) misused() error {
	fmt.Fprint(p.stderr, usage)
	return errors.New("there is no such command, or it lacks something")
}

// serve runs until the context ends or a part fails.
func (p program) serve(ctx context.Context, file, listen, internal, data string) error {
	log := slog.New(slog.NewJSONHandler(p.stderr, nil))
	c, err := readConfig(file, p.getenv)
	if err != nil {
		return err
	}
	key, err := vault.ParseKey(p.getenv("RECADO_SECRET_KEY"))
	if err != nil {
		return err
	}
	seal, err := vault.New(key)
	if err != nil {
		return err
	}
	s, err := open(ctx, c.Database, data, seal)
	if err != nil {
		return err
	}
	defer s.Close()
	g := gateway.New(p.configured(c, s, log), s, c.Recado, log)
	g.Settle = cmp.Or(p.settle, g.Settle)
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	for address, handler := range map[string]http.Handler{listen: g.Handler(), internal: g.Internal()} {
		server := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
		defer server.Close()
		go func() { fail(server.ListenAndServe()) }()
	}
	log.Info("serving", "accounts", len(c.Accounts), "listen", listen, "internal", internal)
	g.Run(ctx)
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// open opens the database: PostgreSQL at a URL, or SQLite in a directory.
func open(ctx context.Context, url, dir string, seal store.Sealer) (*store.Store, error) {
	if url != "" {
		return store.OpenPostgres(ctx, url, seal)
	}
	return store.Open(dir, seal)
}

// configured returns the accounts of the file.
func (p program) configured(c config, s *store.Store, log *slog.Logger) (all []gateway.Account) {
	for _, a := range c.Accounts {
		all = append(all, gateway.Account{Connection: a.Connection, Token: a.Token, Secret: a.Secret, Account: mtproto.New(mtproto.Config{
			Connection: a.Connection, Groups: a.Groups, ImportContacts: a.Import, APIID: c.APIID, APIHash: c.APIHash, Store: s, Log: log, Telegram: p.telegram,
		})})
	}
	return all
}
