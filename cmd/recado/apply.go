package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"recado/adapters/declaration"
	"recado/domain"
)

// applyCmd stores what a file declares.
type applyCmd struct {
	File   string `short:"f" required:"" placeholder:"FILE" help:"The YAML file; $${NAME} in a value is read from the environment."`
	DryRun bool   `help:"Print what would change, without changing it."`
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
	store, err := openStore(ctx, config)
	if err != nil {
		return err
	}
	defer store.Close()
	return declare(ctx, store, registry, a.DryRun, env.stdout)
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
