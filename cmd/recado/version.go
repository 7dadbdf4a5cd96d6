package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Set by the linker: -X main.version=1.2.3 -X main.commit=0123abc.
var version, commit string

// versionCmd prints the version of this program.
type versionCmd struct{}

// Run prints one line.
func (*versionCmd) Run(env environment) error {
	info, _ := debug.ReadBuildInfo()
	_, err := fmt.Fprintln(env.stdout, versionLine(version, commit, info))
	return err
}

// versionLine falls back to the build information that the Go tool embeds; info
// may be nil.
func versionLine(version, commit string, info *debug.BuildInfo) string {
	if info == nil {
		info = &debug.BuildInfo{}
	}
	if version == "" {
		version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && commit == "" {
			commit = s.Value
		}
	}
	return fmt.Sprintf("recado %s, commit %s, %s %s/%s",
		orUnknown(version), orUnknown(commit), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
