package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"recado/adapters/declaration"
	"recado/domain"
)

// applyCmd stores what a file declares.
type applyCmd struct {
	File   string `short:"f" required:"" placeholder:"FILE" help:"The YAML file; $${NAME} in a value is read from the environment."`
	DryRun bool   `help:"Print what would change, without changing it."`
	Prune  bool   `help:"End what the file does not name: it lists what goes, and asks."`
	Yes    bool   `help:"Do not ask."`
}

// Run reads the whole file before it stores anything: a file with a mistake
// changes nothing.
func (a *applyCmd) Run(ctx context.Context, env environment) error {
	config, mistakes := readConfig(env.getenv)
	data, err := os.ReadFile(a.File)
	if err != nil {
		return errors.Join(mistakes, err)
	}
	registry, err := declaration.Read(a.File, data, env.getenv, connectors(config))
	if err := errors.Join(mistakes, err); err != nil {
		return err
	}
	if a.DryRun && !config.hasStore() { // nothing is created: an empty store elsewhere stands for it
		if config.DataDir, err = os.MkdirTemp("", "recado-apply-*"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(config.DataDir) }()
	}
	store, err := openStore(ctx, config)
	if err != nil {
		return err
	}
	defer store.Close()
	registry.Complete = a.Prune
	if a.Prune && !a.DryRun && !a.Yes {
		if err := confirmEnds(ctx, store, registry, env); err != nil {
			return err
		}
	}
	if err := declare(ctx, store, registry, a.DryRun, env.stdout); err != nil {
		return err
	}
	warnOfRisks(registry, connectors(config), env.stdout)
	return nil
}

// warnOfRisks names the connections whose accounts are linked in a way that their
// messenger does not permit.
func warnOfRisks(r domain.Registry, all map[domain.Kind]domain.Connector, w io.Writer) {
	for _, c := range r.Connections {
		if unofficial, ok := all[c.Kind].(domain.Unofficial); ok {
			fmt.Fprintf(w, "! connection %s is unofficial: %s\n", c.ID, domain.RiskOf(c.Kind, unofficial))
		}
	}
}

// confirmEnds lists what would end and asks whether it may. If nothing would, it
// does not ask.
func confirmEnds(ctx context.Context, store domain.Registrar, r domain.Registry, env environment) error {
	lines, err := store.Declare(ctx, r, true)
	if err != nil {
		return err
	}
	ends := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "- ") {
			ends++
			fmt.Fprintln(env.stdout, line)
		}
	}
	if ends == 0 {
		return nil
	}
	return confirm(env, fmt.Sprintf("These %d will be ended. Continue?", ends))
}

// confirm asks a question, and returns an error unless the answer is yes.
func confirm(env environment, question string) error {
	fmt.Fprint(env.stdout, question, " [y/N] ")
	answer, _ := bufio.NewReader(env.stdin).ReadString('\n') // no answer is a no
	fmt.Fprintln(env.stdout)
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("nothing was changed; answer y, or add --yes")
	}
	return nil
}

// declare stores a registry and prints a line for each change.
func declare(ctx context.Context, store domain.Registrar, r domain.Registry, dryRun bool, w io.Writer) error {
	changes, err := store.Declare(ctx, r, dryRun)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		fmt.Fprintln(w, "no changes")
	}
	for _, line := range changes {
		fmt.Fprintln(w, line)
	}
	return nil
}
