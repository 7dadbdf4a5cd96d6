package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares a text with a golden file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// environ returns the getenv of a map.
func environ(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestHelp(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	tests := []struct {
		file string
		args []string
	}{
		{"help.txt", []string{"--help"}},
		{"help_serve.txt", []string{"serve", "--help"}},
		{"help_apply.txt", []string{"apply", "--help"}},
		{"help_parked.txt", []string{"parked", "--help"}},
		{"help_simulate.txt", []string{"simulate", "--help"}},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if err := run(t.Context(), tt.args, environ(nil), &stdout, &stderr); err != nil {
				t.Fatal(err)
			}
			if stderr.Len() > 0 {
				t.Errorf("stderr: %s", &stderr)
			}
			golden(t, tt.file, stdout.String())
		})
	}
}

func TestExitCode(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want int
		err  string
	}{
		{"no command", nil, 2, `expected one of "demo", "serve", "apply", "migrate", "parked", ...; recado --help lists the commands`},
		{"help", []string{"help"}, 2, `unexpected argument help; recado --help lists the commands`},
		{"a command that is not there", []string{"aply"}, 2, `unexpected argument aply, did you mean "apply"?; recado --help lists the commands`},
		{"a flag that is not there", []string{"migrate", "--force"}, 2, `unknown flag --force`},
		{"a role that is not there", []string{"serve", "--role=api,sender"}, 2, `--role must be one of "ingress","worker","api" but got "sender"`},
		{"apply without a file", []string{"apply"}, 2, `missing flags: --file=FILE`},
		{"parked show without an id", []string{"parked", "show"}, 2, `expected "<id>"`},
		{"a file that is not there", []string{"apply", "-f", "testdata/none.yaml"}, 1, "open testdata/none.yaml: no such file or directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := run(t.Context(), tt.args, environ(good), new(bytes.Buffer), new(bytes.Buffer))
			if err == nil {
				t.Fatalf("recado %q: no error", tt.args)
			}
			if diff := cmp.Diff(tt.err, err.Error()); diff != "" {
				t.Errorf("recado %q: error (-want +got):\n%s", tt.args, diff)
			}
			if got := exitCode(err); got != tt.want {
				t.Errorf("recado %q: exit code %d, want %d", tt.args, got, tt.want)
			}
		})
	}
}

func TestVersionCommand(t *testing.T) {
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"version"}, environ(nil), &stdout, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	if line := regexp.MustCompile(`^recado \S+, commit \S+, go\S+ \S+/\S+\n$`); !line.MatchString(stdout.String()) {
		t.Errorf("recado version prints %q", &stdout)
	}
}

func TestVersionLine(t *testing.T) {
	built := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "89abcde"}}}
	built.Main.Version = "v1.1.0"
	tests := []struct {
		name            string
		version, commit string
		info            *debug.BuildInfo
		want            string
	}{
		{"what the linker set goes first", "1.2.3", "0123abc", built, "recado 1.2.3, commit 0123abc, go"},
		{"else what the Go tool knows", "", "", built, "recado v1.1.0, commit 89abcde, go"},
		{"else nothing", "", "", nil, "recado unknown, commit unknown, go"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := versionLine(tt.version, tt.commit, tt.info); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q, want it to begin with %q", got, tt.want)
			}
		})
	}
}
