package simulator

import (
	"container/heap"
	"time"
)

// An agenda gives things back in the order of their times; things of the same
// time in the order in which they came.
type agenda[T any] struct {
	entries entries[T]
	count   uint64
}

type entry[T any] struct {
	at    time.Time
	n     uint64
	thing T
}

func (a *agenda[T]) add(at time.Time, thing T) {
	a.count++
	heap.Push(&a.entries, entry[T]{at, a.count, thing})
}

// next takes out a thing that is due. Without one it returns how long it is
// until then; never: a negative time.
func (a *agenda[T]) next(now time.Time) (thing T, due bool, wait time.Duration) {
	if len(a.entries) == 0 {
		return thing, false, -1
	}
	if wait := a.entries[0].at.Sub(now); wait > 0 {
		return thing, false, wait
	}
	return heap.Pop(&a.entries).(entry[T]).thing, true, 0
}

func (a *agenda[T]) len() int { return len(a.entries) }

type entries[T any] []entry[T]

func (e entries[T]) Len() int { return len(e) }

func (e entries[T]) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].n < e[j].n
	}
	return e[i].at.Before(e[j].at)
}

func (e entries[T]) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

func (e *entries[T]) Push(x any) { *e = append(*e, x.(entry[T])) }

func (e *entries[T]) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	(*e)[last] = entry[T]{} // the heap keeps no webhook that is gone
	*e = (*e)[:last]
	return x
}
