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

// build makes an image of two files and nothing else: no shell, no libraries. Time
// zones are in the program.
func build(program, certificates string) (v1.Image, error) {
	files, err := layer([]file{{program, "recado"}, {certificates, "etc/ssl/certs/ca-certificates.crt"}})
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, files)
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

// A file of this host, and its place in the image.
type file struct{ from, to string }

// layer holds the files without times.
func layer(files []file) (v1.Layer, error) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	var wrong []error
	for _, f := range files {
		data, err := os.ReadFile(f.from)
		wrong = append(wrong, err, w.WriteHeader(&tar.Header{Name: f.to, Mode: 0o555, Size: int64(len(data))}))
		_, err = w.Write(data)
		wrong = append(wrong, err)
	}
	if err := errors.Join(append(wrong, w.Close())...); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed.Bytes())), nil })
}
