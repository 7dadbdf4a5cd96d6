package shared

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"recado/domain"
)

// SaveRegistry writes what differs between a registry and what is stored, and
// returns a line for each thing that changed; see domain.Registrar. Nobody else
// may declare meanwhile.
func (q Queries) SaveRegistry(ctx context.Context, tx Tx, r domain.Registry) ([]string, error) {
	d := &declaration{safe: q.safe, finds: q.finds, tx: tx, known: map[string]bool{}}
	steps := []func(context.Context, domain.Registry) error{
		d.end, d.erasing, d.moves, d.companies, d.subscriptions, d.hooks, d.claimIdentities, d.connections, d.employees, d.endpoints, d.endHooks, d.unpark,
	}
	for _, step := range steps {
		if err := step(ctx, r); err != nil {
			return nil, err
		}
	}
	return d.lines, errors.Join(d.mistakes...)
}

// A declaration compares a registry with what is stored, writes what differs
// and says so.
type declaration struct {
	safe
	finds    finds
	tx       Tx
	lines    []string
	mistakes []error
	known    map[string]bool // hooks and companies that exist
}

// A fact is one value of a declared thing. A secret is compared, but not shown.
type fact struct {
	name   string
	before string
	after  string
	secret bool
}

// compare notes what becomes of a thing, and reports whether it must be written.
func (d *declaration) compare(what, id string, exists bool, facts ...fact) bool {
	if !exists {
		d.lines = append(d.lines, fmt.Sprintf("+ %s %s", what, id))
		return true
	}
	var changed []string
	for _, f := range facts {
		switch {
		case f.before == f.after:
		case f.secret:
			changed = append(changed, f.name)
		default:
			changed = append(changed, fmt.Sprintf("%s %q → %q", f.name, f.before, f.after))
		}
	}
	if len(changed) == 0 {
		return false
	}
	d.lines = append(d.lines, fmt.Sprintf("~ %s %s: %s", what, id, strings.Join(changed, ", ")))
	return true
}

// mistake notes why the declaration cannot stand; the rest is still checked.
func (d *declaration) mistake(format string, args ...any) {
	d.mistakes = append(d.mistakes, fmt.Errorf(format, args...))
}

// write stores what differs.
func (d *declaration) write(ctx context.Context, sql string, args ...any) error {
	_, err := d.tx.Exec(ctx, sql, args...)
	return err
}

// owned notes a mistake if a thing belongs to another company.
func (d *declaration) owned(what, id string, exists bool, before, after domain.CompanyID) bool {
	if exists && before != after {
		d.mistake("%s %s exists already; ids are unique in the installation, choose another", what, id)
		return false
	}
	return true
}
