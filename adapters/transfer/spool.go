package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// A spool is a temporary file that nothing else can find, so that a crash leaves none.
type spool struct {
	file *os.File
	size int64
	sha  string
}

func newSpool() (*spool, error) {
	file, err := os.CreateTemp("", "recado-upload-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name()) // Windows keeps an open file; close removes it
	return &spool{file: file}, nil
}

// A spoolError is of the temporary file, not of what is written to it.
type spoolError struct{ error }

func (e spoolError) Unwrap() error { return e.error }

type spoolWriter struct{ *os.File }

func (w spoolWriter) Write(p []byte) (int, error) {
	n, err := w.File.Write(p)
	if err != nil {
		err = spoolError{err}
	}
	return n, err
}

// fill puts what r gives in the file in place of what it holds.
func (s *spool) fill(r io.Reader) (err error) {
	hash := sha256.New()
	if err = errors.Join(s.file.Truncate(0), s.rewind()); err != nil {
		return spoolError{err}
	}
	w := struct{ io.Writer }{spoolWriter{s.file}} // without ReadFrom
	if s.size, err = io.Copy(io.MultiWriter(w, hash), r); err != nil {
		return err
	}
	s.sha = hex.EncodeToString(hash.Sum(nil))
	return nil
}

func (s *spool) rewind() error {
	_, err := s.file.Seek(0, io.SeekStart)
	return err
}

func (s *spool) close() {
	_ = s.file.Close() // nobody needs what it holds
	_ = os.Remove(s.file.Name())
}
