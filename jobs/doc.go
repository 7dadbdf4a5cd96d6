// Package jobs does the work between the 2xx of a webhook and the 2xx of a CRM, on
// asynq. The work itself is in the store. A job is only a hint that a lane has
// work: it may come twice, late, or never; the sweep finds what hints missed.
//
// Open [Worker.drain] first, then inbox.go, send.go and callback.go: one file
// for each kind of lane.
package jobs
