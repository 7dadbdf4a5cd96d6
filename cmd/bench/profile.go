package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// profile writes profiles of Recado, if they are wanted, between this call and the
// end of wait: two seconds of CPU, and allocations.
func (b *bench) profile(ctx context.Context, t *site) (wait func() error) {
	if b.profiles == "" {
		return func() error { return nil }
	}
	cpu := inBackground(func() error { return b.fetch(ctx, t, "profile?seconds=2", "cpu.pprof") })
	return func() error {
		if err := cpu(); err != nil {
			return err
		}
		return b.fetch(ctx, t, "allocs", "allocs.pprof")
	}
}

// fetch writes one of Recado's profiles to a file.
func (b *bench) fetch(ctx context.Context, t *site, name, file string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+t.private+"/debug/pprof/"+name, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	defer answer.Body.Close()
	f, err := os.Create(filepath.Join(b.profiles, file))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(f, answer.Body)
	return err
}
