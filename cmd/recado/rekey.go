package main

import (
	"context"
	"fmt"

	"recado/domain"
)

// rekeyCmd seals again what was sealed with the previous secret key. It may run beside
// the service, and once more after it was cut short.
type rekeyCmd struct{}

// Run prints how much it sealed.
func (*rekeyCmd) Run(ctx context.Context, env environment) error {
	return withStoreBeside(ctx, env, func(s domain.Store) error {
		sealed, err := s.Reseal(ctx)
		if err != nil {
			return err
		}
		if sealed == 0 {
			_, err = fmt.Fprintln(env.stdout, "nothing to seal again")
			return err
		}
		_, err = fmt.Fprintf(env.stdout, "credentials sealed with the new key: %d; RECADO_PREVIOUS_SECRET_KEY can be removed\n", sealed)
		return err
	})
}
