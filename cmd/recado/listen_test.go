package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// What keeps the program from its start names the variable that mends it.
func TestAStartThatFailsNamesTheVariable(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	at := taken.Addr().String()
	below := filepath.Join(written(t, ""), "spool") // a folder in a file
	for _, tt := range []struct{ name, value, want string }{
		{"RECADO_INTERNAL_LISTEN", at, "RECADO_INTERNAL_LISTEN " + at + " is taken: "},
		{"RECADO_LISTEN", at, "RECADO_LISTEN " + at + " is taken: "},
		{"RECADO_LISTEN", "203.0.113.1:80", "RECADO_LISTEN: listen tcp 203.0.113.1:80: "},
		{"RECADO_SPOOL_DIR", below, "webhooks cannot be spooled: "},
		{"RECADO_MEDIA_URL", below, "files cannot be kept: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "embedded")
			w.env[tt.name] = tt.value
			_, err := w.run("serve")
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.name) {
				t.Errorf("serve ends with %v, want %s", err, tt.want)
			}
		})
	}
}
