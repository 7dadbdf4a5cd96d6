package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnknownVariablesAreNamed(t *testing.T) {
	got := unknownVariables([]string{
		"RECADO_DATABASE_URI=postgres://recado:hunter2@db/recado", "RECADO_PUBLICURL=https://recado.example", "RECADO_COLOUR=blue",
		"RECADO_LISTEN=:8080", "PATH=/bin",
		"RECADO_VERSION=1", "RECADO_CONTRACTS=/contracts", "RECADO_TEST_IS_PROGRAM=1", // of the project itself
		"RECADO_SERVICE_HOST=10.0.0.1", "RECADO_API_SERVICE_PORT_PUBLIC=80", "RECADO_PORT=tcp://10.0.0.1:80", "RECADO_API_PORT_80_TCP_ADDR=10.0.0.1", // of Kubernetes
	})
	want := map[string]string{"RECADO_DATABASE_URI": "RECADO_DATABASE_URL", "RECADO_PUBLICURL": "RECADO_PUBLIC_URL", "RECADO_COLOUR": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
}

// The values are not shown: they may be secrets.
func TestAStartWarnsOfUnknownVariables(t *testing.T) {
	var out bytes.Buffer
	warnOfUnknown(slog.New(slog.NewTextHandler(&out, nil)), []string{"RECADO_SECRET_KEI=hunter2"})
	if text := out.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "variable=RECADO_SECRET_KEI meant=RECADO_SECRET_KEY") || strings.Contains(text, "hunter2") {
		t.Errorf("it logs %s", text)
	}
}

func TestTheDoctorNamesUnknownVariables(t *testing.T) {
	t.Setenv("RECADO_SECRET_KEI", "hunter2")
	w := newWorld(t, "embedded")
	out, err := w.run("doctor")
	if want := "warn  configuration RECADO_SECRET_KEI: no such variable is read; it has no effect → did you mean RECADO_SECRET_KEY?\n"; err != nil || !strings.Contains(out, want) {
		t.Errorf("it ends with %v and prints %s", err, out)
	}
}
