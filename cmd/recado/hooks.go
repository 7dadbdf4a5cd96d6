package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"recado/domain"
)

// hooksCmd shows where the messengers deliver webhooks, or sets it.
type hooksCmd struct {
	Set        bool     `help:"Make the messengers deliver webhooks to RECADO_PUBLIC_URL."`
	Connection []string `arg:"" optional:"" help:"The connections; by default all whose messenger is asked where webhooks go."`
}

// hookURL is where the webhooks of a connection go; empty: RECADO_PUBLIC_URL is not set.
func (c Config) hookURL(conn domain.Connection) string {
	if c.PublicURL == "" {
		return ""
	}
	return c.PublicURL + "/webhooks/" + string(conn.Kind) + "/" + string(conn.Hook)
}

// Run goes through the connections one by one. What fails of one does not keep it
// from the others.
func (c *hooksCmd) Run(ctx context.Context, env environment) error {
	cfg, err := readConfig(env.getenv)
	if err != nil {
		return err
	}
	if c.Set && cfg.PublicURL == "" {
		return errors.New("RECADO_PUBLIC_URL is not set: it says where the messengers reach this installation")
	}
	return withStoreBeside(ctx, env, func(store domain.Store) error {
		all := connectors(cfg)
		ids, err := c.connections(ctx, store, all)
		if err != nil {
			return err
		}
		var failed []error
		for _, id := range ids {
			if err := c.one(ctx, env.stdout, cfg, store, all, id); err != nil {
				failed = append(failed, fmt.Errorf("connection %s: %w", id, err))
			}
		}
		return errors.Join(failed...)
	})
}

// connections lists those that are named, or else all whose messenger has to be given an address.
func (c *hooksCmd) connections(ctx context.Context, store domain.Lookup, all map[domain.Kind]domain.Connector) (ids []domain.ConnectionID, err error) {
	for _, id := range c.Connection {
		ids = append(ids, domain.ConnectionID(id))
	}
	if len(ids) > 0 {
		return ids, nil
	}
	for _, kind := range domain.Kinds() {
		if _, ok := all[kind].(domain.HookRegistrar); !ok {
			continue
		}
		more, err := store.ConnectionsOf(ctx, kind)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

// one sets the webhook of a connection, if asked to, and shows it.
func (c *hooksCmd) one(
	ctx context.Context, out io.Writer, cfg Config, store domain.Lookup, all map[domain.Kind]domain.Connector, id domain.ConnectionID,
) error {
	conn, err := store.Connection(ctx, id)
	if errors.Is(err, domain.ErrNotFound) {
		return errors.New("there is no such connection")
	}
	if err != nil {
		return err
	}
	registrar, ok := all[conn.Kind].(domain.HookRegistrar)
	if !ok {
		return fmt.Errorf("the webhooks of %s are set in the messenger's own pages", conn.Kind)
	}
	want := cfg.hookURL(conn)
	if c.Set {
		if err := registrar.SetHook(ctx, conn, want); err != nil {
			return err
		}
	}
	status, err := registrar.HookStatus(ctx, conn)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, hookLine(id, status, want))
	return nil
}

// hookLine shows the webhook of a connection, with what is wrong about it.
func hookLine(id domain.ConnectionID, s domain.HookStatus, want string) string {
	parts := []string{string(id) + ": " + s.URL}
	switch {
	case s.URL == "":
		parts = []string{string(id) + ": no webhook is set"}
	case want != "" && s.URL != want:
		parts = append(parts, "not "+want)
	}
	parts = append(parts, fmt.Sprintf("%d waiting", s.Waiting))
	if s.LastError != "" {
		parts = append(parts, fmt.Sprintf("last error %s: %s", s.LastErrorAt.Format(time.RFC3339), s.LastError))
	}
	if len(s.Kinds) > 0 {
		kinds := slices.Clone(s.Kinds)
		slices.Sort(kinds)
		parts = append(parts, strings.Join(kinds, " "))
	}
	return strings.Join(parts, "; ")
}
