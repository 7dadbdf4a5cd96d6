package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"recado/domain"
)

// failuresCmd prints the reference of failures as Markdown.
type failuresCmd struct{}

// Run prints the page from the tables that decide what a failure is, so that the
// two cannot differ.
func (*failuresCmd) Run(env environment) error {
	return printFailures(env.stdout, failureTables(connectors(Config{})))
}

func printFailures(w io.Writer, answers map[domain.Kind][]domain.FailureRow) error {
	p := &page{w: w}
	p.printf("# Why a message failed\n\n" +
		"This page is what `recado failures` prints, and `GET /v1/failures` serves. Every failed message has one *code*,\n" +
		"whose text the employee reads, and a *cause*, the messenger's own error, for support. The *reason* is what Recado\n" +
		"concludes from the cause: it decides the code and what happens next.\n")

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
		p.heading(fmt.Sprintf("Errors of `%s`", kind), "error", "reason", "retried")
		for _, a := range answers[kind] {
			p.row(strings.ReplaceAll(a.Answer, "|", `\|`), tick(a.Reason), yes(a.Retried()))
		}
		p.printf("\nThe first row that matches decides. An error that matches none is `%s`.\n", domain.ReasonUnrecognized)
	}
	return p.err
}

func then(p domain.Policy) string {
	switch {
	case p.Suspend:
		return "the connection is suspended"
	case p.Offline:
		return "the connection is disconnected; retried when it is linked again"
	case p.Slow:
		return "retried; the whole connection waits"
	case p.Retried():
		return "retried; the chat waits"
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

// A page writes Markdown until its first error.
type page struct {
	w   io.Writer
	err error
}

func (p *page) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// heading starts a table.
func (p *page) heading(title string, columns ...string) {
	p.printf("\n## %s\n\n", title)
	p.row(columns...)
	p.printf("|%s\n", strings.Repeat("---|", len(columns)))
}

func (p *page) row(cells ...string) { p.printf("| %s |\n", strings.Join(cells, " | ")) }
