package mtproto

import (
	"maps"
	"sync"
)

// A Counter counts by a label. The zero Counter is ready.
type Counter struct {
	mu sync.Mutex
	n  map[string]int64
}

// Add counts one more.
func (c *Counter) Add(label string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int64{}
	}
	c.n[label]++
}

// All returns what was counted.
func (c *Counter) All() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.n)
}
