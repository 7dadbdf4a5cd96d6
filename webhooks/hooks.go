package webhooks

import (
	"context"
	"errors"
	"sync"
	"time"

	"recado/domain"
)

const (
	hookFresh   = 10 * time.Second // how long a hook is believed
	strangerFor = time.Second      // how long a hook is believed not to exist
	hookEntries = 10_000
)

// A hookCache spares the store one question for each webhook. Unknown hooks are
// remembered too, so that nobody makes us ask for them.
type hookCache struct {
	load func(context.Context, domain.HookID) (domain.Hook, error)

	reread  sync.Mutex // one at a time reads again, so that forged calls do not flood the store
	mu      sync.Mutex // guards entries
	entries map[domain.HookID]hookEntry
}

type hookEntry struct {
	hook  domain.Hook
	known bool
	at    time.Time
}

func newHookCache(load func(context.Context, domain.HookID) (domain.Hook, error)) *hookCache {
	return &hookCache{load: load, entries: map[domain.HookID]hookEntry{}}
}

// get returns the hook, or domain.ErrNotFound.
func (c *hookCache) get(ctx context.Context, id domain.HookID) (domain.Hook, error) {
	e := c.entry(id)
	if age := time.Since(e.at); age < strangerFor || e.known && age < hookFresh {
		return e.answer()
	}
	return c.read(ctx, id)
}

func (c *hookCache) entry(id domain.HookID) hookEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries[id]
}

// refresh returns the hook as it was after since, the moment a call came that
// its secrets do not prove: they may have been rotated just before.
func (c *hookCache) refresh(ctx context.Context, id domain.HookID, since time.Time) (domain.Hook, error) {
	c.reread.Lock()
	defer c.reread.Unlock()
	if e := c.entry(id); e.at.After(since) {
		return e.answer()
	}
	return c.read(ctx, id)
}

func (c *hookCache) read(ctx context.Context, id domain.HookID) (domain.Hook, error) {
	begun := time.Now()
	hook, err := c.load(ctx, id)
	if err != nil && !errors.Is(err, domain.ErrNotFound) {
		return hook, err
	}
	e := hookEntry{hook: hook, known: err == nil, at: begun}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= hookEntries {
		clear(c.entries) // strangers filled it
	}
	c.entries[id] = e
	return e.answer()
}

func (e hookEntry) answer() (domain.Hook, error) {
	if !e.known {
		return domain.Hook{}, domain.ErrNotFound
	}
	return e.hook, nil
}
