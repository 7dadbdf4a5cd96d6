// Command recado carries messages between messengers and CRMs. The service and
// the operators' tools are subcommands of this one program.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"syscall"
	"time"
	_ "time/tzdata" // for the time zones of companies; the image has no zone database

	"github.com/alecthomas/kong"
)

// commands is the command line: a field per subcommand.
type commands struct {
	Demo       demoCmd       `cmd:"" help:"Run everything in one process, with simulated messengers and a simulated CRM."`
	Serve      serveCmd      `cmd:"" help:"Run the service: receive webhooks, send messages, deliver callbacks to CRMs."`
	Apply      applyCmd      `cmd:"" help:"Create or update what a file declares; with --prune, end what it does not."`
	Migrate    migrateCmd    `cmd:"" help:"Upgrade the database to the schema of this version."`
	Parked     parkedCmd     `cmd:"" help:"Show, retry and delete parked items: webhooks and callbacks that need a person."`
	Deliveries deliveriesCmd `cmd:"" help:"Show, retry and replay deliveries of events to CRMs."`
	Erase      eraseCmd      `cmd:"" help:"Erase a person: chats, messages, files and names; it lists what goes, and asks."`
	Failures   failuresCmd   `cmd:"" help:"Print the reference of failures: texts, reasons, and the messengers' errors."`
	Hooks      hooksCmd      `cmd:"" help:"Show where the messengers deliver webhooks, or set it."`
	Login      loginCmd      `cmd:"" help:"Link the account of a connection by the QR code that its phone scans."`
	Doctor     doctorCmd     `cmd:"" help:"Check the configuration, the stores, every connection and every endpoint, and say how to mend what is wrong."`
	Rekey      rekeyCmd      `cmd:"" help:"Seal stored credentials again, after RECADO_SECRET_KEY was changed."`
	Simulate   simulateCmd   `cmd:"" help:"Simulate the messengers of a file's connections, to try a CRM."`
	Version    versionCmd    `cmd:"" help:"Print version, commit and Go."`
}

// An environment is a subcommand's access to the process that it runs in.
type environment struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		if !errors.As(err, new(loggedError)) {
			fmt.Fprintln(terminal{os.Stderr}, "recado:", err)
		}
		os.Exit(exitCode(err))
	}
}

// run runs the subcommand that the arguments name.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	stdout = terminal{stdout}
	helped := false
	parser, err := kong.New(&commands{},
		kong.Name("recado"),
		kong.Description("Recado carries messages between messengers and CRMs."),
		kong.Help(printHelp),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }), // kong continues to parse after --help
		kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(readTime)),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(environment{getenv, os.Stdin, stdout, stderr}),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	switch {
	case helped:
		return nil
	case err != nil:
		return withHelp(err)
	}
	return command.Run()
}

// withHelp names the help to who named no command.
func withHelp(err error) error {
	usage, ok := errors.AsType[*kong.ParseError](err)
	if ok && usage.Context.Selected() == nil {
		return fmt.Errorf("%w; recado --help lists the commands", err)
	}
	return err
}

// printHelp adds the environment variables to the help of the whole program.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	if ctx.Selected() != nil {
		return nil
	}
	return printVariables(ctx.Stdout)
}

// exitCode returns 2 if the command line is wrong, else 1.
func exitCode(err error) int {
	var usage *kong.ParseError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}
