package sqlite

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"recado/adapters/store/shared"
)

// lockFile holds the number of the process whose directory it is. It stays when
// the lock ends: who deletes it might delete another's.
const lockFile = "recado.lock"

// lock makes the directory this process's.
func lock(dir string) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	defer root.Close()
	file, acquired, err := shared.Hold(root, lockFile)
	switch {
	case err != nil:
		return nil, fmt.Errorf("data directory: %w", err)
	case !acquired:
		pid, err := root.ReadFile(lockFile)
		if err != nil || len(pid) == 0 {
			pid = []byte("unknown")
		}
		return nil, fmt.Errorf("data directory %s is %w (pid %s)", dir, ErrInUse, strings.TrimSpace(string(pid)))
	}
	err = file.Truncate(0)
	if err == nil {
		_, err = fmt.Fprintln(file, os.Getpid())
	}
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", errors.Join(err, file.Close()))
	}
	return file, nil
}
