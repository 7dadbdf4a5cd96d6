package jobs

import (
	"context"
	"os"

	"golang.org/x/sync/semaphore"
)

const (
	spoolBytes  = 1 << 30 // that a process has in temporary files at most
	spoolsAtOne = 16      // files at once, at most
)

// A spool holds files on their way from a messenger to Files: of what is on the way
// nothing is in memory.
type spool struct {
	room    *semaphore.Weighted
	largest int64 // bytes of a file, for which room is taken
}

func newSpool(largest int64) *spool {
	return &spool{semaphore.NewWeighted(spoolBytes), min(max(largest, spoolBytes/spoolsAtOne), spoolBytes)}
}

// create waits for room and returns an empty temporary file. Free closes it and ends
// it. Where the system can, its name is gone at once, so that a crash leaves nothing.
func (s *spool) create(ctx context.Context) (f *os.File, free func(), err error) {
	if err := s.room.Acquire(ctx, s.largest); err != nil {
		return nil, nil, err
	}
	f, err = os.CreateTemp("", "recado-media-*")
	if err != nil {
		s.room.Release(s.largest)
		return nil, nil, err
	}
	_ = os.Remove(f.Name()) // Windows removes no open file: free does
	return f, func() {
		_ = f.Close() // nothing of it is needed any more
		_ = os.Remove(f.Name())
		s.room.Release(s.largest)
	}, nil
}
