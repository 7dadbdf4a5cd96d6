package main

import (
	"fmt"
	"slices"

	"recado/adapters/store/spool"
	"recado/domain"
	"recado/metrics"
)

// openSpool opens the spool, if this process receives webhooks and has a directory for it.
func (s *service) openSpool(store domain.Inbox, hint func(domain.Lane), count *metrics.Metrics) (err error) {
	if s.cfg.SpoolDir == "" || !slices.Contains(s.roles, roleIngress) {
		count.Spool(0, 0) // so that dashboards show that there is none
		return nil
	}
	s.spool, err = spool.Open(spool.Config{
		Dir: s.cfg.SpoolDir, Inbox: store, Hint: hint, Log: s.log,
		Show: func(now spool.State) { count.Spool(now.Webhooks, float64(now.Bytes)/float64(now.Limit)) },
	})
	if err != nil {
		return fmt.Errorf("webhooks cannot be spooled: %w; set RECADO_SPOOL_DIR to a directory that this process alone may write", err)
	}
	return nil
}

func (s *service) closeSpool() {
	if s.spool == nil {
		return
	}
	if err := s.spool.Close(); err != nil {
		s.log.Warn("closing the spool failed", "err", err)
	}
}

// inbox takes webhooks.
func (s *service) inbox(store domain.Inbox) spool.Inbox {
	if s.spool != nil {
		return s.spool
	}
	return store
}
