// Package jobs does what is to be done between a webhook's 2xx and a CRM's, on
// asynq. A job is only a hint that a lane has work: it may come twice, late, or
// never; the sweep finds what it missed. The work itself stands in the store.
//
// Open [Worker.drain] first, then inbox.go, send.go and callback.go: one file
// for each kind of lane.
package jobs
