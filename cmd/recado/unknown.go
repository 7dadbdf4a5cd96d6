package main

import (
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// others match variables that begin as ours, and that somebody else reads: compose, the
// tests, the gateway, the examples of adapters/crm; and those by which Kubernetes tells
// each pod of a service that is called recado, or recado-api.
var others = regexp.MustCompile(`^RECADO_(VERSION|CONTRACTS|URL|KEY|SECRET|TEST_.*|TELEGRAM_.*)$` +
	`|_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\d+_(TCP|UDP|SCTP)(_.*)?)?)$`)

// unknownVariables returns the names of an environment that look like ours and that
// nothing reads, each with the one that may have been meant, or an empty text.
func unknownVariables(environment []string) map[string]string {
	unknown := map[string]string{}
	for _, line := range environment {
		name, _, _ := strings.Cut(line, "=")
		known := func(v variable) bool { return v.name == name }
		if strings.HasPrefix(name, "RECADO_") && !slices.ContainsFunc(variables, known) && !others.MatchString(name) {
			unknown[name] = nearest(name, variableNames())
		}
	}
	return unknown
}

func variableNames() (names []string) {
	for _, v := range variables {
		names = append(names, v.name)
	}
	return names
}

// warnOfUnknown logs them. The value may be a secret.
func warnOfUnknown(log *slog.Logger, environment []string) {
	unknown := unknownVariables(environment)
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		log.Warn("no such variable is read, so it has no effect", "variable", name, "meant", unknown[name])
	}
}

// explainUnknown is the warning of the doctor.
func explainUnknown(environment []string) (found []finding) {
	unknown := unknownVariables(environment)
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		f := finding{
			Check: "configuration", About: name, Level: levelWarn, Wrong: "no such variable is read", Means: "it has no effect",
			Do: "remove it; recado --help lists those that are read",
		}
		if unknown[name] != "" {
			f.Do = "did you mean " + unknown[name] + "?"
		}
		found = append(found, f)
	}
	return found
}
