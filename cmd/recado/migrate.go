package main

import (
	"context"
	"fmt"
)

// migrateCmd upgrades the database to the schema of this version.
type migrateCmd struct{}

// Run prints the names of the migrations that it applied.
func (*migrateCmd) Run(ctx context.Context, env environment) error {
	config, err := readConfig(env.getenv)
	if err != nil {
		return err
	}
	if config.DatabaseURL == "" {
		fmt.Fprintln(env.stdout, "nothing to migrate: the embedded store migrates itself when it opens")
		return nil
	}
	applied, err := migrate(ctx, config, func(why error) { fmt.Fprintln(env.stderr, why) })
	for _, name := range applied {
		fmt.Fprintln(env.stdout, "applied", name)
	}
	if err == nil && len(applied) == 0 {
		fmt.Fprintln(env.stdout, "nothing to migrate")
	}
	return err
}
