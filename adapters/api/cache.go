package api

import (
	"context"
	"sync"
	"time"
)

const (
	// cacheFor is how long an employee's key and a connection are taken from memory. A
	// key that another process revoked ends within it; one that this API revoked, at once.
	cacheFor = time.Second
	cacheMax = 10_000 // entries; then all are forgotten
)

// A cache remembers for cacheFor what load found. Errors are not remembered.
type cache[K comparable, V any] struct {
	load func(context.Context, K) (V, error)

	mu   sync.Mutex // guards the fields below
	list map[K]cached[V]
}

type cached[V any] struct {
	value V
	until time.Time
}

func newCache[K comparable, V any](load func(context.Context, K) (V, error)) *cache[K, V] {
	return &cache[K, V]{load: load, list: map[K]cached[V]{}}
}

func (c *cache[K, V]) get(ctx context.Context, key K) (V, error) {
	asked := time.Now()
	c.mu.Lock()
	found, ok := c.list[key]
	c.mu.Unlock()
	if ok && asked.Before(found.until) {
		return found.value, nil
	}
	value, err := c.load(ctx, key)
	if err != nil {
		return value, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.list) >= cacheMax {
		clear(c.list)
	}
	c.list[key] = cached[V]{value, asked.Add(cacheFor)}
	return value, nil
}

// forget drops everything, after a change.
func (c *cache[K, V]) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.list)
}
