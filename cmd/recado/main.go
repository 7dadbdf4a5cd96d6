// Command recado carries messages between messengers and CRMs. Every part of
// it, from the service to its upkeep, is a subcommand of this one program.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // companies name their zones; the image has none

	"github.com/alecthomas/kong"
)

// commands is the command line: a field per subcommand.
type commands struct {
	Demo     demoCmd     `cmd:"" help:"Show it all in one process, with messengers and a CRM that are played."`
	Serve    serveCmd    `cmd:"" help:"Take webhooks, apply them, send messages, tell CRMs."`
	Apply    applyCmd    `cmd:"" help:"Create or change what a file declares; what it does not name stays."`
	Migrate  migrateCmd  `cmd:"" help:"Bring the database to this version's schema."`
	Parked   parkedCmd   `cmd:"" help:"Show and move what was put aside for a person."`
	Failures failuresCmd `cmd:"" help:"Print why messages fail: every text, every reason, and which answer means it."`
	Simulate simulateCmd `cmd:"" help:"Play the messengers, so that a CRM can be tried."`
	Version  versionCmd  `cmd:"" help:"Print version, commit and Go."`
}

// An environment is what a subcommand has of the outside.
type environment struct {
	getenv         func(string) string
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "recado:", err)
		os.Exit(exitCode(err))
	}
}

// run does what the arguments say.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	helped := false
	parser, err := kong.New(&commands{},
		kong.Name("recado"),
		kong.Description("Recado carries messages between messengers and CRMs."),
		kong.Help(printHelp),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }), // parsing goes on after --help
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(environment{getenv, stdout, stderr}),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	switch {
	case helped:
		return nil
	case err != nil:
		return err
	}
	return command.Run()
}

// printHelp adds the environment to the help of the whole program.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	if ctx.Selected() != nil {
		return nil
	}
	return printVariables(ctx.Stdout)
}

// exitCode is 2 if the command line was wrong, 1 for all else.
func exitCode(err error) int {
	var usage *kong.ParseError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}
