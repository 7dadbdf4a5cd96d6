package shared

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// sharingViolation is Windows' answer when another process has the file open.
const sharingViolation = syscall.Errno(32)

// Hold opens the file so that no other process can open it to write; it is
// closed with the process at the latest. False: another process has it.
func Hold(dir *os.Root, file string) (*os.File, bool, error) {
	path := filepath.Join(dir.Name(), file)
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, false, err
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, syscall.FILE_SHARE_READ,
		nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, sharingViolation):
		return nil, false, nil
	case err != nil:
		return nil, false, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), true, nil
}
