package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func TestTheImageHoldsTheProgramAndIsAlwaysTheSame(t *testing.T) {
	dir := t.TempDir()
	program, certificates := filepath.Join(dir, "program"), filepath.Join(dir, "certificates")
	for _, path := range []string{program, certificates} {
		if err := os.WriteFile(path, []byte(path), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var digests []string
	for _, name := range []string{"a.tar", "b.tar"} {
		out := filepath.Join(dir, name)
		if err := run(program, certificates, "recado:1.2.3", out); err != nil {
			t.Fatal(err)
		}
		image, err := tarball.ImageFromPath(out, nil)
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Config.User != user || !slices.Equal(config.Config.Entrypoint, []string{"/recado"}) {
			t.Errorf("it runs %q as %q", config.Config.Entrypoint, config.Config.User)
		}
		digest, err := image.ConfigName()
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest.String())
	}
	if digests[0] != digests[1] {
		t.Errorf("twice the same program makes the images %v", digests)
	}
	if err := run(filepath.Join(dir, "none"), certificates, "recado:1.2.3", filepath.Join(dir, "c.tar")); err == nil {
		t.Error("an image without a program is made")
	}
}
