package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"recado/domain"
)

// failuresCmd prints the reference of failures, as Markdown.
type failuresCmd struct{}

// Run prints the tables by which failures are decided; there is no other text
// about them that could differ.
func (*failuresCmd) Run(env environment) error {
	return printFailures(env.stdout, failureTables(connectors(Config{})))
}

func printFailures(w io.Writer, answers map[domain.Kind][]domain.FailureRow) error {
	p := &page{w: w}
	p.printf("# Why a message failed\n\n" +
		"This page is what `recado failures` prints, and `GET /v1/failures` serves. Every failed message has one *code*,\n" +
		"whose text the employee reads, and a *cause*, which is what the messenger said, for support. Between them stands\n" +
		"the *reason*: what Recado knows, and by which it decides.\n")

	p.heading("Codes and their texts", "code", "text", "hint")
	for _, code := range slices.Sorted(maps.Keys(domain.Texts)) {
		p.row(tick(code), domain.Texts[code], domain.Hints[code])
	}
	p.heading("Reasons", "reason", "code", "what it means", "what the employee should do", "then")
	for _, reason := range slices.Sorted(maps.Keys(domain.Policies)) {
		policy := domain.Policies[reason]
		p.row(tick(reason), tick(policy.Code), policy.Means, policy.Do, then(policy))
	}
	for _, kind := range slices.Sorted(maps.Keys(answers)) {
		p.heading(fmt.Sprintf("What `%s` answers", kind), "answer", "reason", "tried again")
		for _, a := range answers[kind] {
			p.row(strings.ReplaceAll(a.Answer, "|", `\|`), tick(a.Reason), yes(a.Retried()))
		}
		p.printf("\nThe first that fits decides. What none fits is `%s`.\n", domain.ReasonUnrecognized)
	}
	return p.err
}

func then(p domain.Policy) string {
	switch {
	case p.Suspend:
		return "the connection is suspended"
	case p.Slow:
		return "tried again; the connection waits"
	case p.Retried():
		return "tried again; the chat waits"
	}
	return "final"
}

func tick[T ~string](word T) string { return "`" + string(word) + "`" }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// A page is Markdown on its way out. The first error stays.
type page struct {
	w   io.Writer
	err error
}

func (p *page) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// heading begins a table.
func (p *page) heading(title string, columns ...string) {
	p.printf("\n## %s\n\n", title)
	p.row(columns...)
	p.printf("|%s\n", strings.Repeat("---|", len(columns)))
}

func (p *page) row(cells ...string) { p.printf("| %s |\n", strings.Join(cells, " | ")) }
