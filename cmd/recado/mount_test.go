package main

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// mountDisk gives the folder a disk of its own, of that size.
func mountDisk(t *testing.T, folder, size string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		t.Skipf("a disk of its own needs the right to mount one: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
}

// fillDisk makes the disk of the folder no larger than what is on it.
func fillDisk(t *testing.T, folder string) {
	t.Helper()
	eventually(t, "the disk is full", time.Minute, func() bool { // others may write to it between the two calls
		var s syscall.Statfs_t
		if err := syscall.Statfs(folder, &s); err != nil {
			t.Fatal(err)
		}
		used := max(1, s.Blocks-s.Bfree)
		return resizeDisk(folder, fmt.Sprint(used*uint64(s.Bsize))) == nil
	})
}

func resizeDisk(folder, size string) error {
	return syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT, "size="+size)
}
