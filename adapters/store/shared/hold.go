//go:build unix

package shared

import (
	"errors"
	"os"
	"syscall"
)

// Hold opens the file and locks it; the lock ends with the process at the
// latest. False: another process has it.
func Hold(dir *os.Root, name string) (*os.File, bool, error) {
	file, err := dir.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case err == nil:
		return file, true, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, false, file.Close()
	}
	return nil, false, errors.Join(&os.PathError{Op: "lock", Path: name, Err: err}, file.Close())
}
