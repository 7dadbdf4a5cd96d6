package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// A tempFile is a file that nothing else can find, so that a crash leaves none.
type tempFile struct {
	file *os.File
	size int64
	sha  string
}

func newTempFile() (*tempFile, error) {
	file, err := os.CreateTemp("", "recado-upload-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name()) // Windows keeps an open file; close removes it
	return &tempFile{file: file}, nil
}

// A tempError is of the temporary file, not of what is written to it.
type tempError struct{ error }

func (e tempError) Unwrap() error { return e.error }

type tempWriter struct{ *os.File }

func (w tempWriter) Write(p []byte) (int, error) {
	n, err := w.File.Write(p)
	if err != nil {
		err = tempError{err}
	}
	return n, err
}

// fill puts what r gives in the file in place of what it holds.
func (f *tempFile) fill(r io.Reader) (err error) {
	hash := sha256.New()
	if err = errors.Join(f.file.Truncate(0), f.rewind()); err != nil {
		return tempError{err}
	}
	w := struct{ io.Writer }{tempWriter{f.file}} // without ReadFrom
	if f.size, err = io.Copy(io.MultiWriter(w, hash), r); err != nil {
		return err
	}
	f.sha = hex.EncodeToString(hash.Sum(nil))
	return nil
}

func (f *tempFile) rewind() error {
	_, err := f.file.Seek(0, io.SeekStart)
	return err
}

func (f *tempFile) close() {
	_ = f.file.Close() // nobody needs what it holds
	_ = os.Remove(f.file.Name())
}
