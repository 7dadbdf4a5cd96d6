// Recado-telegram is a gateway to personal Telegram accounts: it is logged in as them,
// and serves the contract of adapters/messenger/telegram/GATEWAY.md to Recado.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"recado/adapters/vault"
	"recado/cmd/recado-telegram/gateway"
	"recado/cmd/recado-telegram/mtproto"
	"recado/cmd/recado-telegram/store"
)

const usage = `Usage:
  recado-telegram serve -f telegram.yaml [-listen :8081] [-internal 127.0.0.1:9091] [-data ./telegram-data]
  recado-telegram login CONNECTION [-phone +34…] [-internal 127.0.0.1:9091]
  recado-telegram status CONNECTION [-internal 127.0.0.1:9091]

login logs an account in at the gateway that runs: by a QR code, or by the code that
Telegram sends to a phone number. RECADO_SECRET_KEY seals the sessions: 32 bytes in base64.

` + risk

const risk = "Telegram supports no such program. It watches accounts that log in by one, and bans\nsome of them, now and then at the first login. Use an account that you can lose.\n"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "recado-telegram:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(stdout, usage)
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
	if args[0] != "serve" && len(rest) > 0 {
		connection, rest = rest[0], rest[1:]
	}
	if err := flags.Parse(rest); err != nil || args[0] != "serve" && connection == "" || flags.NArg() > 0 {
		return misused(stderr)
	}
	operator := operator{url: "http://" + *internal + "/accounts/" + connection + "/", in: stdin, out: stdout}
	switch args[0] {
	case "serve":
		return serve(ctx, *file, *listen, *internal, *data, getenv, slog.New(slog.NewJSONHandler(stderr, nil)))
	case "login":
		return operator.login(ctx, *phone)
	case "status":
		return operator.status(ctx)
	}
	return misused(stderr)
}

// misused shows how the program is called.
func misused(stderr io.Writer) error {
	fmt.Fprint(stderr, usage)
	return errors.New("there is no such command, or it lacks something")
}

// serve runs until the context ends or a part fails.
func serve(ctx context.Context, file, listen, internal, data string, getenv func(string) string, log *slog.Logger) error {
	c, err := readConfig(file, getenv)
	if err != nil {
		return err
	}
	key, err := vault.ParseKey(getenv("RECADO_SECRET_KEY"))
	if err != nil {
		return err
	}
	seal, err := vault.New(key)
	if err != nil {
		return err
	}
	s, err := store.Open(data, seal)
	if err != nil {
		return err
	}
	defer s.Close()
	g := gateway.New(accounts(c, s, log), s, c.Recado, log)
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

func accounts(c config, s *store.Store, log *slog.Logger) (all []gateway.Account) {
	for _, a := range c.Accounts {
		all = append(all, gateway.Account{Connection: a.Connection, Token: a.Token, Secret: a.Secret, Account: mtproto.New(mtproto.Config{
			Connection: a.Connection, Groups: a.Groups, APIID: c.APIID, APIHash: c.APIHash, Store: s, Log: log,
		})})
	}
	return all
}
