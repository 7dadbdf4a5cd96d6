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

// applyCmd stores what an operator declares in a file.
type applyCmd struct {
	File   string `short:"f" required:"" placeholder:"FILE" help:"The YAML file; $${NAME} in a value is read from the environment."`
	DryRun bool   `help:"Print what would change and change nothing."`
}

// Run reads the whole file first: one mistake, and nothing of it is stored.
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

// declare prints a line for each thing that changes.
func declare(ctx context.Context, store domain.Registrar, r domain.Registry, dryRun bool, w io.Writer) error {
	changes, err := store.Declare(ctx, r, dryRun)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		fmt.Fprintln(w, "nothing to change")
	}
	for _, line := range changes {
		fmt.Fprintln(w, line)
	}
	return nil
}
