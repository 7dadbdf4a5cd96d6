package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"recado/domain"
)

// parkedCmd works on parked items.
type parkedCmd struct {
	List   parkedListCmd   `cmd:"" default:"withargs" help:"List parked items."`
	Show   parkedShowCmd   `cmd:"" help:"Print an item and its body."`
	Retry  parkedRetryCmd  `cmd:"" help:"Process an item again: it goes back to its lane."`
	Delete parkedDeleteCmd `cmd:"" help:"Delete an item for good."`
}

type (
	parkedListCmd struct {
		Limit int `default:"100" help:"The most items to list (${default})."`
	}
	parkedShowCmd   struct{ parkedID }
	parkedRetryCmd  struct{ parkedID }
	parkedDeleteCmd struct{ parkedID }

	parkedID struct {
		ID string `arg:"" help:"The id of an item as listed, for example inbox:12."`
	}
)

// Run prints a table.
func (c *parkedListCmd) Run(ctx context.Context, env environment) error {
	return withParking(ctx, env, func(p domain.ParkedItems) error { return listParked(ctx, p, c.Limit, env.stdout) })
}

// Run prints the item and its body.
func (c *parkedShowCmd) Run(ctx context.Context, env environment) error {
	return withParking(ctx, env, func(p domain.ParkedItems) error { return showParked(ctx, p, c.ID, env.stdout) })
}

// Run moves the item back.
func (c *parkedRetryCmd) Run(ctx context.Context, env environment) error {
	return withParking(ctx, env, func(p domain.ParkedItems) error { return retryParked(ctx, p, c.ID, env.stdout) })
}

// Run deletes the item.
func (c *parkedDeleteCmd) Run(ctx context.Context, env environment) error {
	return withParking(ctx, env, func(p domain.ParkedItems) error { return deleteParked(ctx, p, c.ID, env.stdout) })
}

func withParking(ctx context.Context, env environment, do func(domain.ParkedItems) error) error {
	return withStoreBeside(ctx, env, func(s domain.Store) error { return do(s) })
}

func listParked(ctx context.Context, p domain.ParkedItems, limit int, w io.Writer) error {
	items, err := p.Parked(ctx, limit)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		fmt.Fprintln(w, "nothing is parked")
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tLANE\tOF\tPARKED\tEXPIRES\tERROR")
	for _, i := range items {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", i.ID, i.Lane, oneLine(owner(i), 0), stamp(i.At), stamp(i.Expires), oneLine(i.Error, 80))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(items) == limit {
		fmt.Fprintf(w, "only the first %d are listed; --limit lists more\n", limit)
	}
	return nil
}

func showParked(ctx context.Context, p domain.ParkedItems, id string, w io.Writer) error {
	i, err := p.ParkedItem(ctx, id)
	if err != nil {
		return about(id, err)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"id", i.ID},
		{"lane", string(i.Lane)},
		{"kind", string(i.Kind)},
		{"of", oneLine(owner(i), 0)},
		{"parked", stamp(i.At)},
		{"expires", stamp(i.Expires)},
		{"error", oneLine(i.Error, 0)},
	} {
		if row[1] != "" {
			fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s\n", pretty(i.Body))
	return err
}

func retryParked(ctx context.Context, p domain.ParkedItems, id string, w io.Writer) error {
	if err := p.Unpark(ctx, id); err != nil {
		return about(id, err)
	}
	_, err := fmt.Fprintln(w, id, "will be processed again")
	return err
}

func deleteParked(ctx context.Context, p domain.ParkedItems, id string, w io.Writer) error {
	if err := p.DeleteParked(ctx, id); err != nil {
		return about(id, err)
	}
	_, err := fmt.Fprintln(w, id, "deleted")
	return err
}

// about explains an error if there is no such item.
func about(id string, err error) error {
	if errors.Is(err, domain.ErrNotFound) {
		return fmt.Errorf("no parked item has the id %q; see recado parked list", id)
	}
	return err
}

// owner names the hook and account, or the endpoint, that an item belongs to.
func owner(i domain.ParkedItem) string {
	switch {
	case i.Account == "":
		return string(i.Hook)
	case i.Hook == "":
		return i.Account
	}
	return string(i.Hook) + "/" + i.Account
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// oneLine makes a foreign text safe to print in one line: it removes control
// characters and, if limit is not 0, cuts what exceeds limit characters.
func oneLine(text string, limit int) string {
	runes := []rune(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " "))
	if limit > 0 && len(runes) > limit {
		runes = append(runes[:limit-1], '…')
	}
	return string(runes)
}

// pretty indents JSON. It quotes anything else, since a terminal would interpret
// its control characters.
func pretty(body []byte) string {
	var indented bytes.Buffer
	if err := json.Indent(&indented, body, "", "  "); err != nil {
		return fmt.Sprintf("%q", body)
	}
	return indented.String()
}
