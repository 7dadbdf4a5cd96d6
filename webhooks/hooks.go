package webhooks

import (
	"context"
	"errors"
	"sync"
	"time"

	"recado/domain"
)

const (
	hookTTL    = 10 * time.Second       // of a hook that exists
	missingTTL = time.Second            // of a hook that does not, and of a known one while the store does not answer
	staleAfter = 250 * time.Millisecond // of waiting for the store, a known hook is used as it was
	maxEntries = 10_000
)

// A hookCache saves one query of the store for each webhook. It also caches that
// a hook does not exist, so that calls of unknown hooks do not load the store. While
// the store is away, known hooks stay known, so that webhooks can be verified.
type hookCache struct {
	load func(context.Context, domain.HookID) (domain.Hook, error)

	refreshing sync.Mutex // one refresh at a time, so that forged calls do not flood the store
	mu         sync.Mutex // guards entries
	entries    map[domain.HookID]hookEntry
}

type hookEntry struct {
	hook   domain.Hook
	exists bool
	readAt time.Time // when the query began
}

func newHookCache(load func(context.Context, domain.HookID) (domain.Hook, error)) *hookCache {
	return &hookCache{load: load, entries: map[domain.HookID]hookEntry{}}
}

// get returns the hook, or domain.ErrNotFound.
func (c *hookCache) get(ctx context.Context, id domain.HookID) (domain.Hook, error) {
	e := c.entry(id)
	if age := time.Since(e.readAt); age < missingTTL || e.exists && age < hookTTL {
		return e.result()
	}
	if !e.exists {
		return c.read(ctx, id)
	}
	ctx, cancel := context.WithTimeout(ctx, staleAfter)
	defer cancel()
	hook, err := c.read(ctx, id)
	if err == nil || errors.Is(err, domain.ErrNotFound) {
		return hook, err
	}
	c.extend(id, e)
	return e.hook, nil
}

// extend makes an entry that is too old last a little longer, unless it was read again.
func (c *hookCache) extend(id domain.HookID, e hookEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[id].readAt.Equal(e.readAt) {
		e.readAt = time.Now().Add(missingTTL - hookTTL)
		c.entries[id] = e
	}
}

func (c *hookCache) entry(id domain.HookID) hookEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries[id]
}

// refresh returns the hook as the store has it after since, the arrival of a call
// that the cached secrets do not verify: they may have been rotated just before.
func (c *hookCache) refresh(ctx context.Context, id domain.HookID, since time.Time) (domain.Hook, error) {
	c.refreshing.Lock()
	defer c.refreshing.Unlock()
	if e := c.entry(id); e.readAt.After(since) {
		return e.result()
	}
	return c.read(ctx, id)
}

// read reads the hook from the store into the cache. If the store does not
// answer, the cache stays as it is.
func (c *hookCache) read(ctx context.Context, id domain.HookID) (domain.Hook, error) {
	begun := time.Now()
	hook, err := c.load(ctx, id)
	if err != nil && !errors.Is(err, domain.ErrNotFound) {
		return hook, err
	}
	e := hookEntry{hook: hook, exists: err == nil, readAt: begun}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxEntries {
		clear(c.entries) // full of unknown ids: start over
	}
	c.entries[id] = e
	return e.result()
}

func (e hookEntry) result() (domain.Hook, error) {
	if !e.exists {
		return domain.Hook{}, domain.ErrNotFound
	}
	return e.hook, nil
}
