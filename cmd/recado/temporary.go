package main

import (
	"context"
	"fmt"
	"os"
)

// checkTemporary creates a file where files lie while they are fetched and uploaded.
func checkTemporary() error {
	f, err := os.CreateTemp("", "recado-check-*")
	if err != nil {
		return fmt.Errorf("no temporary file can be made: %w", err)
	}
	_ = f.Close() // it is empty
	return os.Remove(f.Name())
}

// checkTemporaryFiles is the row of the doctor.
func checkTemporaryFiles(context.Context, *patient) []finding {
	if err := checkTemporary(); err != nil {
		return []finding{{
			Level: levelFail, Wrong: oneLine(err.Error(), 0), Means: "files of clients are not fetched, and uploads are answered 503",
			Do: "make the folder writable, with 1 GiB free, or name another by TMPDIR",
		}}
	}
	return nil
}
