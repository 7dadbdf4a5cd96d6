package main

import (
	"cmp"
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

// versionLine is the version, the commit and Go for people; info may be nil.
func versionLine(version, commit string, info *debug.BuildInfo) string {
	version, commit = buildOf(version, commit, info)
	return fmt.Sprintf("recado %s, commit %s, %s %s/%s", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// buildOf falls back to the build information that the Go tool embeds; info may be
// nil.
func buildOf(version, commit string, info *debug.BuildInfo) (v, c string) {
	if info == nil {
		info = &debug.BuildInfo{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && commit == "" {
			commit = s.Value
		}
	}
	return cmp.Or(version, info.Main.Version, "unknown"), cmp.Or(commit, "unknown")
}
