package main

import (
	"archive/tar"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func TestTheImageHoldsTheProgramAndIsAlwaysTheSame(t *testing.T) {
	dir := t.TempDir()
	program, err := os.Executable() // of Go, as Recado is
	if err != nil {
		t.Fatal(err)
	}
	certificates := filepath.Join(dir, "certificates")
	if err := os.WriteFile(certificates, []byte("certificates"), 0o600); err != nil {
		t.Fatal(err)
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

// filesOf lists what is in an image of this test.
func filesOf(t *testing.T) *tar.Reader {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	image, err := build(program, program)
	if err != nil {
		t.Fatal(err)
	}
	packed := mutate.Extract(image)
	t.Cleanup(func() { packed.Close() })
	return tar.NewReader(packed)
}

// A volume that is new takes over the owner and the mode of the folder in the image.
func TestTheProgramMayWriteInItsFolders(t *testing.T) {
	may := map[string]bool{}
	for r := filesOf(t); ; {
		header, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		may[strings.Trim(header.Name, "/")] = header.Uid == 65532 && header.Mode&0o200 != 0 || header.Mode == 0o1777
	}
	if !may["data"] || !may["tmp"] || may["recado"] {
		t.Errorf("it may write to %v", may)
	}
	dockerfile, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, same := range []string{"mkdir -p /image/data /image/tmp && chmod 1777 /image/tmp", "--chown=65532:65532 /image/ /"} {
		if !strings.Contains(string(dockerfile), same) {
			t.Errorf("the image of the Dockerfile differs: it has no %q", same)
		}
	}
}

// The image holds a bill of its materials, which names each module with its version.
func TestTheImageNamesWhatItIsMadeOf(t *testing.T) {
	for r := filesOf(t); ; {
		header, err := r.Next()
		if err != nil {
			t.Fatalf("no %s: %v", billPath, err)
		}
		if header.Name != billPath {
			continue
		}
		var b bill
		if err := json.NewDecoder(r).Decode(&b); err != nil {
			t.Fatal(err)
		}
		registry := slices.IndexFunc(b.Components, func(c component) bool { return c.Name == "github.com/google/go-containerregistry" })
		if b.Format != "CycloneDX" || registry < 0 || !strings.HasPrefix(b.Components[registry].PURL, "pkg:golang/github.com/google/go-containerregistry@v") {
			t.Errorf("the bill is %+v", b)
		}
		return
	}
}
