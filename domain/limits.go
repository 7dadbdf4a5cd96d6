package domain

import "time"

// How a process shows that it is alive. See Leases.
const (
	HeartbeatEvery = 500 * time.Millisecond
	DeadAfter      = 2 * time.Second // without a heartbeat, by the store's clock

	ProcessRetention = time.Minute // the row of a dead process is deleted
)

// How long the store keeps what is needed only for a time.
const (
	day = 24 * time.Hour

	OrphanRetention    = day     // an update whose message never came
	ClientRefRetention = 7 * day // a repeated client_ref finds its message
	ParkedRetention    = 7 * day // a parked part of a webhook, or a parked delivery
	DeliveryExpiry     = 7 * day // a delivery that is due and was never taken
	EventRetention     = 30 * day
	AttemptRetention   = 30 * day
	DeliveryRetention  = 30 * day

	MediaRetention        = 90 * day  // a file, since its message came or it was uploaded
	UnusedUploadRetention = day       // an upload that no message names
	UploadTime            = time.Hour // from BeginUpload to AddUpload at most; far longer than any takes

	FetchTime = 15 * time.Minute // from the start of a fetch to its record at most; longer than any fetch takes
)

// What Next returns at most.
const (
	InboxBatchRows  = 500
	InboxBatchBytes = 4 << 20
)

// What a company may have at most.
const (
	MaxEndpoints           = 100
	MaxAttemptsPerEndpoint = 10_000 // of the log; the oldest go first
)
