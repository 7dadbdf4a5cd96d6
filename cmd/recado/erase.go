package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"recado/domain"
)

// eraseCmd erases what is stored of one person.
type eraseCmd struct {
	Company string `required:"" placeholder:"ID" help:"The company whose chats are searched."`
	Peer    string `required:"" placeholder:"NAME" help:"The person: a phone number, a username, or the messenger's id."`
	DryRun  bool   `help:"List what would go, without erasing it."`
	Yes     bool   `help:"Do not ask."`
}

// Run lists the chats with the person on every connection of the company, asks, and
// erases them. The service may run meanwhile.
func (c *eraseCmd) Run(ctx context.Context, env environment) error {
	return withStoreBeside(ctx, env, func(s domain.Store) error {
		if err := checkCompany(ctx, s, domain.CompanyID(c.Company)); err != nil {
			return err
		}
		return c.erase(ctx, s, env)
	})
}

func (c *eraseCmd) erase(ctx context.Context, s domain.Eraser, env environment) error {
	company := domain.CompanyID(c.Company)
	chats, err := s.PeerChats(ctx, company, c.Peer)
	if err != nil {
		return err
	}
	if len(chats) == 0 {
		fmt.Fprintf(env.stdout, "company %s has no chat with %s\n", c.Company, oneLine(c.Peer, 80))
		return nil
	}
	if err := listErasable(env.stdout, chats); err != nil || c.DryRun {
		return err
	}
	if !c.Yes {
		if err := confirm(env, fmt.Sprintf("These %d will be erased for good. Continue?", len(chats))); err != nil {
			return err
		}
	}
	ids := make([]domain.ChatID, len(chats))
	for i, chat := range chats {
		ids[i] = chat.ID
	}
	if err := s.EraseChats(ctx, company, ids); err != nil {
		return fmt.Errorf("not all is erased, run it again: %w", err)
	}
	fmt.Fprintf(env.stdout, "erased; a running service deletes the files within a minute, and one that it is fetching now within %v\n", domain.FetchTime)
	return nil
}

// checkCompany refuses a company of which nothing is known: its id is misspelt.
func checkCompany(ctx context.Context, s domain.CompanySettings, id domain.CompanyID) error {
	connections, err := s.Connections(ctx, id)
	if err != nil || len(connections) > 0 {
		return err
	}
	employees, err := s.Employees(ctx, id)
	if err != nil || len(employees) > 0 {
		return err
	}
	paid, err := s.Usage(ctx, "")
	if err != nil {
		return err
	}
	var known []domain.CompanyID
	for _, u := range paid {
		if u.Company == id {
			return nil
		}
		known = append(known, u.Company)
	}
	if near := nearest(id, known); near != "" {
		return fmt.Errorf("there is no company %s; did you mean %s?", id, near)
	}
	return fmt.Errorf("there is no company %s", id)
}

// listErasable prints what goes.
func listErasable(w io.Writer, chats []domain.PeerChat) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CHAT\tCONNECTION\tPEER\tNAME\tMESSAGES\tFILES\tBYTES\tBLOCKED")
	for _, c := range chats {
		blocked := ""
		if !c.BlockedAt.IsZero() {
			blocked = "the block goes too"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n",
			c.ID, c.Connection, oneLine(string(c.Peer), 0), oneLine(c.Title, 40), c.Messages, c.Files, c.Bytes, blocked)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "With them go their events and what waits to be sent. What they wrote in groups stays, and so do counted dialogs.")
	return err
}
