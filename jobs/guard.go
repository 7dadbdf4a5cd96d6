package jobs

import (
	"fmt"
	"runtime/debug"
)

// A panicError is a panic that guard caught.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// guard calls f and returns a panic of it as an error: one piece of work fails,
// and not everything that this process does.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, debug.Stack()}
		}
	}()
	return f()
}

// contain calls f, and logs a panic of it: what f does fails, and nothing else.
func (w *Worker) contain(what string, f func()) {
	err := guard(func() error { f(); return nil })
	if err != nil {
		_ = guard(func() error { w.cfg.Log.Error("a piece of work panicked", "work", what, "err", err); return nil }) // the log itself may panic
	}
}
