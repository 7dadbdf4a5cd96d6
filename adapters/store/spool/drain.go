package spool

import (
	"context"
	"time"

	"recado/domain"
)

// Run moves what is spooled to the inbox, until the context ends. What is left then
// stays on the disk for the next process.
func (s *Spool) Run(ctx context.Context) {
	retry := time.NewTicker(retryEvery)
	defer retry.Stop()
	m := mover{Spool: s}
	for {
		wake := s.wake
		if err := m.moveAll(ctx); err != nil {
			s.cfg.Log.Debug("the spool waits for the database", "err", err)
			wake = nil // the next try is not before the next tick
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-retry.C:
		}
	}
}

// A mover moves webhooks to the inbox, one batch after another.
type mover struct {
	*Spool
	quick bool // the last batch was committed within patience
}

// moveAll moves what there is.
func (m *mover) moveAll(ctx context.Context) (err error) {
	for more := true; more && err == nil && ctx.Err() == nil; {
		more, err = m.step(ctx)
	}
	return err
}

// step moves a batch of the oldest segment. It reports whether there may be more.
func (m *mover) step(ctx context.Context) (more bool, err error) {
	segment, size := m.oldest()
	if segment == nil {
		return false, nil
	}
	hooks, bytes, err := segment.next(size)
	if err != nil {
		return false, err
	}
	begun := time.Now()
	if rest := segment.read+bytes == size; rest && (m.quick || len(hooks) == 0) {
		err = m.finish(ctx, segment)
	} else if err = m.cfg.Inbox.Append(ctx, hooks); err == nil {
		m.moved(segment, hooks, bytes)
	}
	m.quick = err == nil && time.Since(begun) < patience
	return err == nil, err
}

// oldest returns the oldest segment and how many bytes of it may be read; nil: there is
// none.
func (s *Spool) oldest() (*segment, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.segments) == 0 {
		return nil, 0
	}
	return s.segments[0], s.segments[0].size
}

// finish moves the last batch of a segment and removes the segment. Nothing is appended
// at that moment, since the last segment would never end otherwise while webhooks come
// all the time. That is short: the database was quick a moment ago, and one that is not
// any more is waited for while others append.
func (s *Spool) finish(ctx context.Context, oldest *segment) error {
	s.mu.Lock()
	hooks, bytes, err := oldest.next(oldest.size)
	if err != nil || oldest.read+bytes < oldest.size { // more than a batch came since
		s.mu.Unlock()
		return err
	}
	if len(hooks) > 0 {
		done := s.beginAppend(ctx, hooks)
		select {
		case err = <-done:
		case <-time.After(patience):
			s.mu.Unlock()
			if err = <-done; err == nil {
				s.moved(oldest, hooks, bytes)
			}
			return err
		}
	}
	defer s.mu.Unlock()
	if err != nil {
		return err
	}
	s.take(oldest, hooks, bytes)
	return s.end(oldest)
}

// end removes the oldest segment, of which everything is moved. The caller holds mu.
func (s *Spool) end(oldest *segment) error {
	if err := oldest.remove(s.dir); err != nil {
		return err
	}
	s.segments, s.refused = s.segments[1:], false
	s.publish()
	if len(s.segments) == 0 {
		s.cfg.Log.Info("the database has all that was spooled")
	}
	return nil
}

func (s *Spool) moved(segment *segment, hooks []domain.Webhook, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take(segment, hooks, bytes)
	s.publish()
}

// take notes that webhooks of a segment are in the inbox. The caller holds mu.
func (s *Spool) take(segment *segment, hooks []domain.Webhook, bytes int64) {
	segment.read, segment.webhooks = segment.read+bytes, segment.webhooks-len(hooks)
	lanes := map[domain.Lane]bool{}
	for _, w := range hooks {
		lanes[domain.InboxLaneOf(w.Hook)] = true
	}
	for l := range lanes {
		s.cfg.Hint(l)
	}
}

// rouse makes Run look for something to move.
func (s *Spool) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
