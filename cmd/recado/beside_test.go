package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const oneCompany = `companies: [{id: acme, name: ACME, time_zone: UTC, subscriptions: [{id: acme-bots, kind: telegram_bot, tariff: inicial, trial_until: 2099-01-01}]}]`

// What only reads, or works on what is stored, creates nothing in a wrong directory.
func TestOnlyTheServiceAndApplyCreateAStore(t *testing.T) {
	file := written(t, oneCompany)
	for name, want := range map[string]string{
		"parked":                              "there is no database in the data directory yet: ",
		"deliveries":                          "there is no database in the data directory yet: ",
		"hooks":                               "there is no database in the data directory yet: ",
		"login wa-1":                          "there is no database in the data directory yet: ",
		"erase --company acme --peer 1 --yes": "there is no database in the data directory yet: ",
		"rekey":                               "there is no database in the data directory yet: ",
		"doctor":                              "",
		"failures":                            "",
		"apply --dry-run -f " + file:          "",
	} {
		t.Run(strings.Fields(name)[0], func(t *testing.T) {
			w := newWorld(t, "embedded")
			w.env["RECADO_DATA_DIR"] = filepath.Join(t.TempDir(), "data")
			out, err := w.run(strings.Fields(name)...)
			if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
				t.Errorf("it ends with %v, want %q; it prints %q", err, want, out)
			}
			if _, err := os.Stat(w.env["RECADO_DATA_DIR"]); !errors.Is(err, fs.ErrNotExist) {
				t.Error("it creates the directory")
			}
		})
	}
}

// Beside an embedded service a command does its work, or says what has to be done first.
func TestCommandsBesideAnEmbeddedService(t *testing.T) {
	w := newWorld(t, "embedded")
	w.start()
	for command, want := range map[string]string{
		"hooks": "", "parked": "nothing is parked\n", "deliveries": "no deliveries\n", "rekey": "nothing to seal again\n",
	} {
		if out, err := w.run(command); err != nil || out != want {
			t.Errorf("recado %s: %v %s", command, err, out)
		}
	}
	for _, command := range []string{"apply -f " + written(t, oneCompany), "serve", "demo"} {
		_, err := w.run(strings.Fields(command)...)
		if err == nil || !strings.HasSuffix(err.Error(), ": stop it first, or set RECADO_DATA_DIR to another directory") {
			t.Errorf("recado %s ends with %v", command, err)
		}
	}
}
