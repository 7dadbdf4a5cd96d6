package jobs

import (
	"context"
	"os"

	"golang.org/x/sync/semaphore"
)

const (
	tempBytes = 1 << 30 // that a process has in temporary files at most
	tempLeast = 4 << 20 // bytes for which a file takes room at least, so that there are not too many
)

// tempFiles holds files on their way from a messenger to Files: of what is on the way
// nothing is in memory.
type tempFiles struct {
	room    *semaphore.Weighted
	largest int64 // bytes of a file
}

func newTempFiles(largest int64) *tempFiles {
	return &tempFiles{semaphore.NewWeighted(tempBytes), largest}
}

// create waits for room for a file of that size, or of the largest if the size is
// negative, and returns an empty temporary file. Free closes it and ends it. Where the
// system can, its name is gone at once, so that a crash leaves nothing.
func (s *tempFiles) create(ctx context.Context, size int64) (f *os.File, free func(), err error) {
	if size < 0 {
		size = s.largest
	}
	size = min(max(size, tempLeast), tempBytes)
	if err := s.room.Acquire(ctx, size); err != nil {
		return nil, nil, err
	}
	f, err = os.CreateTemp("", "recado-media-*")
	if err != nil {
		s.room.Release(size)
		return nil, nil, err
	}
	_ = os.Remove(f.Name()) // Windows removes no open file: free does
	return f, func() {
		_ = f.Close() // nothing of it is needed any more
		_ = os.Remove(f.Name())
		s.room.Release(size)
	}, nil
}
