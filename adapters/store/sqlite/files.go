package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// databaseFile is the database in its directory. SQLite keeps two more files
// beside it while the database is open.
const databaseFile = "recado.db"

// protect creates the database file and makes what lies in the directory readable
// for its owner only, whatever the directory and the umask allow. SQLite gives its
// further files the mode of the database.
func protect(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	defer root.Close()
	file, err := root.OpenFile(databaseFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	for _, name := range []string{databaseFile, databaseFile + "-wal", databaseFile + "-shm", lockFile} {
		if err := makePrivate(root, name); err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
	}
	return nil
}

// makePrivate takes the rights to a file from everybody but its owner.
func makePrivate(root *os.Root, name string) error {
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Perm()&0o077 == 0:
		return nil
	}
	return root.Chmod(name, 0o600)
}
