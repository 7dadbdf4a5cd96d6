// Package durable makes what is written to a disk survive a crash of the machine.
package durable

import (
	"errors"
	"os"
	"runtime"
)

// SyncFolder makes the names that a folder holds survive a crash. Windows has no call for
// it.
func SyncFolder(root *os.Root, folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
