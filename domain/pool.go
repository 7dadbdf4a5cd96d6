package domain

import "time"

// A Pool is the state of a set of connections of a store to its database.
type Pool struct {
	Name   string
	Busy   int
	Idle   int
	Max    int           // how many there may be
	Waits  int64         // how often something had to wait for one, since the start
	Waited time.Duration // how long in all
}
