package spool

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"recado/adapters/durable"
	"recado/domain"
)

// suffix ends the names of segments.
const suffix = ".spool"

// A segment is a file of records. Its name is a number: older segments have smaller
// ones. It is removed when all of its records are in the inbox, so that a crash before
// that moves some of them again, which does no harm.
type segment struct {
	number   uint64
	file     *os.File
	size     int64 // bytes of whole records, which are on the disk
	read     int64 // of these bytes: in the inbox
	webhooks int   // of these records: not yet in the inbox
	sealed   bool  // nothing is appended any more
}

func nameOf(number uint64) string { return fmt.Sprintf("%020d%s", number, suffix) }

// newSegment makes an empty segment, whose name survives a crash. Its records are texts
// of clients: nobody else may read them.
func newSegment(dir *os.Root, number uint64) (*segment, error) {
	file, err := dir.OpenFile(nameOf(number), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := durable.SyncFolder(dir, "."); err != nil {
		return nil, errors.Join(err, file.Close(), dir.Remove(nameOf(number)))
	}
	return &segment{number: number, file: file}, nil
}

// openSegments opens what an earlier process left, the oldest first. Nothing is
// appended to it. It returns how many bytes of torn records it leaves out.
func openSegments(dir *os.Root) (segments []*segment, torn int64, err error) {
	names, err := os.ReadDir(dir.Name())
	if err != nil {
		return nil, 0, err
	}
	for _, entry := range names {
		text, found := strings.CutSuffix(entry.Name(), suffix)
		number, err := strconv.ParseUint(text, 10, 64)
		if !found || err != nil {
			continue
		}
		file, err := dir.Open(entry.Name())
		if err != nil {
			return segments, torn, err
		}
		s := &segment{number: number, file: file, sealed: true}
		segments = append(segments, s)
		rest, err := s.scan()
		if err != nil {
			return segments, torn, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		torn += rest
	}
	slices.SortFunc(segments, func(a, b *segment) int { return cmp.Compare(a.number, b.number) })
	return segments, torn, nil
}

// scan finds the last whole record, and returns how many bytes follow it.
func (s *segment) scan() (rest int64, err error) {
	info, err := s.file.Stat()
	if err != nil {
		return 0, err
	}
	for r := bufio.NewReaderSize(io.NewSectionReader(s.file, 0, info.Size()), 64<<10); ; {
		_, size, err := readRecord(r)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, errTorn):
			return info.Size() - s.size, nil
		case err != nil:
			return 0, err
		}
		s.size, s.webhooks = s.size+size, s.webhooks+1
	}
}

// append appends records and returns when they are on the disk. After an error nothing
// more is appended: what the file holds then is not known.
func (s *segment) append(records []byte, webhooks int) error {
	_, err := s.file.WriteAt(records, s.size)
	if err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		s.sealed = true
		return err
	}
	s.size, s.webhooks = s.size+int64(len(records)), s.webhooks+webhooks
	return nil
}

// next reads up to a batch of the inbox of what is not there yet, and returns how many
// bytes of the segment that is.
func (s *segment) next(size int64) (hooks []domain.Webhook, bytes int64, err error) {
	r := bufio.NewReaderSize(io.NewSectionReader(s.file, s.read, size-s.read), 64<<10)
	for len(hooks) < domain.InboxBatchRows && bytes < domain.InboxBatchBytes {
		hook, n, err := readRecord(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", s.file.Name(), err)
		}
		hooks, bytes = append(hooks, hook), bytes+n
	}
	return hooks, bytes, nil
}

// remove deletes the segment.
func (s *segment) remove(dir *os.Root) error {
	return errors.Join(s.file.Close(), dir.Remove(nameOf(s.number)))
}
