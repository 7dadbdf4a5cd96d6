// Command gotest runs go test with its arguments and prints what go test would,
// and then each test that was slow, and each that was skipped, with its reason.
// With CI=true a skipped test is a failure: what a machine does not try, it does
// not vouch for. Only tests of the messengers' published contracts may skip, and
// only where RECADO_CONTRACTS is not set.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// An event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // seconds
}

// A test is named by its package and itself; the package alone has no Test.
type test struct{ pkg, name string }

func main() {
	cmd := exec.Command("go", append([]string{"test", "-json"}, os.Args[1:]...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fail(err)
	}
	forbidden, err := report(out, os.Stdout)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		fail(err)
	}
	if forbidden > 0 && os.Getenv("CI") == "true" {
		fail(fmt.Errorf("%d tests were skipped, which CI=true does not allow", forbidden))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "gotest:", err)
	os.Exit(1)
}

// report copies to w what a person reads of the events, and counts the tests
// that must not skip.
func report(events io.Reader, w io.Writer) (forbidden int, err error) {
	said := map[test]string{} // by tests that have not ended
	var slow, skips []string
	for dec := json.NewDecoder(events); ; {
		var e event
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, fmt.Errorf("go test -json: %w", err)
		}
		at := test{e.Package, e.Test}
		switch e.Action {
		case "build-output":
			fmt.Fprint(w, e.Output)
		case "output":
			if !strings.HasPrefix(e.Output, "=== ") {
				said[at] += e.Output
			}
		case "fail":
			if e.Test == "" { // a test that panicked has not ended
				for t, text := range said {
					if t.pkg == e.Package && t.name != "" {
						fmt.Fprint(w, text)
					}
				}
			}
			fmt.Fprint(w, said[at])
		case "skip":
			if e.Test != "" {
				reason, _, _ := strings.Cut(said[at], "--- SKIP")
				skips = append(skips, fmt.Sprintf("%s %s: %s", e.Package, e.Test, strings.TrimSpace(reason)))
				if os.Getenv("RECADO_CONTRACTS") != "" || !strings.Contains(said[at], "RECADO_CONTRACTS") {
					forbidden++
				}
			}
		}
		if e.Test != "" && e.Elapsed >= slowFrom && !strings.Contains(e.Test, "/") {
			slow = append(slow, fmt.Sprintf("%4.0f s  %s %s", e.Elapsed, e.Package, e.Test))
		}
		switch e.Action {
		case "pass", "skip":
			if e.Test == "" {
				fmt.Fprint(w, lastLine(said[at]))
			}
			delete(said, at)
		case "fail":
			delete(said, at)
		}
	}
	slices.Sort(slow)
	for _, s := range slow {
		fmt.Fprintln(w, "slow:", s)
	}
	for _, s := range skips {
		fmt.Fprintln(w, "skipped:", s)
	}
	return forbidden, nil
}

// slowFrom is from how many seconds on a test is slow.
const slowFrom = 15

// lastLine is the verdict on a package: "ok" and its time.
func lastLine(s string) string {
	lines := strings.SplitAfter(strings.TrimRight(s, "\n"), "\n")
	return lines[len(lines)-1] + "\n"
}
