// Command image makes the container image of Recado from a program that is built, as
// a file that `docker load` and every registry's tool reads. It needs no daemon, and
// makes the same image of the same program.
package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func main() {
	program := flag.String("program", "bin/recado", "the program, built without cgo for Linux")
	certificates := flag.String("certificates", "/etc/ssl/certs/ca-certificates.crt", "the certificates of authorities")
	tag := flag.String("tag", "recado:latest", "the name of the image")
	out := flag.String("o", "bin/recado-image.tar", "where the image goes")
	flag.Parse()
	if err := run(*program, *certificates, *tag, *out); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(program, certificates, tag, out string) error {
	image, err := build(program, certificates)
	if err != nil {
		return err
	}
	ref, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	return tarball.WriteToFile(out, ref, image)
}

// user runs the program; it has no rights of its own.
const user = "65532:65532"

// billPath is where the image holds the bill of its materials.
const billPath = "usr/share/recado/sbom.cdx.json"

// folders are where the program writes. A new volume in their place belongs to the same
// user.
var folders = []tar.Header{
	{Name: "data/", Typeflag: tar.TypeDir, Mode: 0o755, Uid: 65532, Gid: 65532},
	{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777},
}

// build makes an image of the program, certificates and the bill of materials, and
// nothing else: no shell, no libraries. Time zones are in the program.
func build(program, certificates string) (v1.Image, error) {
	files := []file{{name: "recado"}, {name: "etc/ssl/certs/ca-certificates.crt"}, {name: billPath}}
	var wrong [3]error
	files[0].data, wrong[0] = os.ReadFile(program)
	files[1].data, wrong[1] = os.ReadFile(certificates)
	files[2].data, wrong[2] = billOf(program)
	if err := errors.Join(wrong[:]...); err != nil {
		return nil, err
	}
	packed, err := layer(files)
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, packed)
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Config = v1.Config{
		Entrypoint: []string{"/recado"}, Cmd: []string{"serve"}, User: user,
		ExposedPorts: map[string]struct{}{"8080/tcp": {}, "9090/tcp": {}},
	}
	return mutate.ConfigFile(image, config)
}

// A file of the image.
type file struct {
	name string
	data []byte
}

// layer holds the folders and the files, without times.
func layer(files []file) (v1.Layer, error) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	var wrong []error
	for _, folder := range folders {
		wrong = append(wrong, w.WriteHeader(&folder))
	}
	for _, f := range files {
		wrong = append(wrong, w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o555, Size: int64(len(f.data))}))
		_, err := w.Write(f.data)
		wrong = append(wrong, err)
	}
	if err := errors.Join(append(wrong, w.Close())...); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed.Bytes())), nil })
}
