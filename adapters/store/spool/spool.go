package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"recado/adapters/store/groupcommit"
	"recado/adapters/store/shared"
	"recado/domain"
)

const (
	maxBytes     = 2 << 30                // of all segments, unless a test wants less
	segmentBytes = 16 << 20               // after which the next segment begins
	patience     = 250 * time.Millisecond // with the database, before a webhook goes to the disk
	retryEvery   = 250 * time.Millisecond
)

var (
	errFull = errors.New("it is full")
	errSlow = fmt.Errorf("%w: it did not answer within %v", domain.ErrUnavailable, patience)
)

// An Inbox commits webhooks to the database, all or none: see domain.Inbox.
type Inbox interface {
	Append(ctx context.Context, hooks []domain.Webhook) error
}

// Config holds what a Spool needs.
type Config struct {
	Dir   string // only this process has it
	Inbox Inbox
	Hint  func(domain.Lane) // called with each lane to which webhooks were moved; must not block
	Show  func(State)       // called when the State has changed; must not block
	Log   *slog.Logger
	Limit int64 // bytes that the spool takes at most; 0: 2 GiB
}

// A Spool is an Inbox that accepts webhooks also while the database is away.
type Spool struct {
	cfg   Config
	dir   *os.Root
	lock  *os.File
	calls groupcommit.Batcher[[]domain.Webhook, struct{}]
	wake  chan struct{} // holds one value when there may be something to move
	state atomic.Pointer[State]

	mu       sync.Mutex // guards the fields below, and is held while records are written
	segments []*segment // the oldest first; none: webhooks go to the inbox at once
	last     uint64     // number of a segment
	refused  bool       // the last records could not be written
}

// A State is what a Spool holds.
type State struct {
	Webhooks int
	Bytes    int64
	Limit    int64
	Active   bool // webhooks are spooled
	Refused  bool // the last webhook was not: the spool is full, or the disk fails
}

// Open opens the spool in the directory, with what an earlier process left there. It
// fails if another process has it.
func Open(cfg Config) (*Spool, error) {
	if cfg.Limit == 0 {
		cfg.Limit = maxBytes
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	dir, err := os.OpenRoot(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	s := &Spool{cfg: cfg, dir: dir, wake: make(chan struct{}, 1)}
	s.calls = groupcommit.Batcher[[]domain.Webhook, struct{}]{
		Do: s.write, Size: sizeOf, MaxSize: 8 << 20, Concurrency: 1, Timeout: time.Minute,
	}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("spool: %w", errors.Join(err, s.Close()))
	}
	return s, nil
}

// load locks the directory and reads what is in it.
func (s *Spool) load() error {
	lock, free, err := shared.Hold(s.dir, "lock")
	if err != nil {
		return err
	}
	if !free {
		return fmt.Errorf("another process has %s: each needs a directory of its own", s.dir.Name())
	}
	s.lock = lock
	segments, torn, err := openSegments(s.dir)
	s.segments = segments
	if err != nil {
		return err
	}
	if n := len(segments); n > 0 {
		s.last = segments[n-1].number
	}
	s.publish()
	if torn > 0 {
		s.cfg.Log.Warn("the spool ends in the middle of a webhook, which was not acknowledged", "bytes", torn)
	}
	if state := s.State(); state.Active {
		s.cfg.Log.Info("the spool holds webhooks of an earlier process", "webhooks", state.Webhooks)
	}
	return nil
}

// Close closes the files, which stay. Call it when neither Run nor Append runs.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, segment := range s.segments {
		errs = append(errs, segment.file.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(append(errs, s.dir.Close())...)
}

// State returns what the spool holds now.
func (s *Spool) State() State { return *s.state.Load() }

// publish updates the state. The caller holds mu, or is alone.
func (s *Spool) publish() {
	state := State{Limit: s.cfg.Limit, Active: len(s.segments) > 0, Refused: s.refused}
	for _, segment := range s.segments {
		state.Webhooks += segment.webhooks
		state.Bytes += segment.size
	}
	s.state.Store(&state)
	s.cfg.Show(state)
}

// Append returns when the webhooks are committed, to the inbox or to the disk. While
// the spool holds any, all that follow go there too, so that none overtakes another.
func (s *Spool) Append(ctx context.Context, hooks []domain.Webhook) error {
	if !s.State().Active {
		err := s.appendToInbox(ctx, hooks)
		if !errors.Is(err, domain.ErrUnavailable) || ctx.Err() != nil {
			return err
		}
	}
	_, err := s.calls.Submit(ctx, hooks)
	return err
}

// appendToInbox does not wait for a database that hangs. What it commits later, after
// the webhooks were spooled, is a repetition.
func (s *Spool) appendToInbox(ctx context.Context, hooks []domain.Webhook) error {
	select {
	case err := <-s.beginAppend(ctx, hooks):
		return err
	case <-time.After(patience):
		return errSlow
	}
}

// beginAppend sends its error once the inbox has the webhooks, or has refused them.
func (s *Spool) beginAppend(ctx context.Context, hooks []domain.Webhook) <-chan error {
	done := make(chan error, 1)
	go func() { done <- s.cfg.Inbox.Append(ctx, hooks) }()
	return done
}

// write appends the webhooks of several calls with one sync of the disk.
func (s *Spool) write(_ context.Context, calls [][]domain.Webhook) ([]struct{}, error) {
	var records []byte
	webhooks := slices.Concat(calls...)
	for _, w := range webhooks {
		records = appendRecord(records, w)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.publish()
	err := s.append(records, len(webhooks))
	if s.refused = err != nil; s.refused {
		return nil, fmt.Errorf("%w: spool: %w", domain.ErrUnavailable, err)
	}
	s.rouse()
	return make([]struct{}, len(calls)), nil
}

// append appends records to the last segment. The caller holds mu.
func (s *Spool) append(records []byte, webhooks int) error {
	if s.State().Bytes+int64(len(records)) > s.cfg.Limit {
		return errFull
	}
	segment, err := s.appendable()
	if err != nil {
		return err
	}
	err = segment.append(records, webhooks)
	if err != nil && segment.size == 0 { // else a full disk would make one segment after another
		s.segments = s.segments[:len(s.segments)-1]
		return errors.Join(err, segment.remove(s.dir))
	}
	return err
}

// appendable returns the last segment, or a new one. The caller holds mu.
func (s *Spool) appendable() (*segment, error) {
	if n := len(s.segments); n > 0 && !s.segments[n-1].sealed && s.segments[n-1].size < segmentBytes {
		return s.segments[n-1], nil
	}
	segment, err := newSegment(s.dir, s.last+1)
	if err != nil {
		return nil, err
	}
	if len(s.segments) == 0 {
		s.cfg.Log.Warn("the database does not take webhooks: they are spooled", "dir", s.dir.Name())
	}
	s.last++
	s.segments = append(s.segments, segment)
	return segment, nil
}

func sizeOf(hooks []domain.Webhook) (bytes int) {
	for _, w := range hooks {
		bytes += headerSize + len(w.Body)
	}
	return bytes
}
