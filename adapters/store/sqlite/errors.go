package sqlite

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"recado/domain"
)

// unanswered tells why the database did not do what it was asked for: bad data,
// or a file that cannot be worked on just now.
func unanswered(err error) error {
	if err == nil {
		return nil
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%w: %w", domain.ErrUnavailable, err) // closed, or given up
	}
	switch e.Code() & 0xff { // the rest are details
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		return &domain.DataError{Err: err}
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: the database file is damaged; stop Recado and put a backup in its place: %w", domain.ErrUnavailable, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: the disk is full: %w", domain.ErrUnavailable, err)
	case sqlite3.SQLITE_ERROR:
		return fmt.Errorf("the schema is not this version's, or a statement is wrong: %w", err)
	}
	return fmt.Errorf("%w: %w", domain.ErrUnavailable, err)
}
