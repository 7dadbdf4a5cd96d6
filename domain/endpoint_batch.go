package domain

import (
	"crypto/sha256"
	"encoding/hex"
)

// The bounds of batches. One event goes alone, whatever its size.
const (
	BatchEvents   = 100
	BatchBytes    = 1 << 20 // of its body
	BatchesAtOnce = 4       // in flight to one endpoint
)

// BatchSize returns how many of the deliveries, from the first on, the next batch
// carries: as many as the bounds and most allow. An event that failed goes alone,
// so that it does not fail its neighbours again.
func BatchSize(deliveries []Delivery, most int) int {
	bytes := 0
	for i, d := range deliveries {
		bytes += len(d.Body) + 1 // and a comma
		switch {
		case i > 0 && (d.Failures > 0 || bytes > BatchBytes-batchFrame), i == most:
			return i
		case d.Failures > 0:
			return 1
		}
	}
	return len(deliveries)
}

// batchFrame is what surrounds the events of a batch.
const batchFrame = len(`{"events":[]}`)

// BatchBody is the body of a batch.
func BatchBody(deliveries []Delivery) []byte {
	size := batchFrame
	for _, d := range deliveries {
		size += len(d.Body) + 1
	}
	body := append(make([]byte, 0, size), `{"events":[`...)
	for i, d := range deliveries {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, d.Body...)
	}
	return append(body, `]}`...)
}

// BatchID names a batch. The same events in the same order have the same id, so
// that a repeated batch can be distinguished from a new one.
func BatchID(deliveries []Delivery) string {
	hash := sha256.New()
	for _, d := range deliveries {
		hash.Write([]byte(d.Event))
		hash.Write([]byte{'\n'})
	}
	return "batch_" + hex.EncodeToString(hash.Sum(nil)[:16])
}

// BatchTries is what came of a batch that its endpoint took, but for the events
// that it named. Such an event failed. If it named several of a chat, those after
// the first wait behind it and did not fail themselves. Later events of the chat
// that it did not name are delivered: they arrived in order, and the endpoint says
// that it has them. Unknown is how many names are of no event of the batch.
func BatchTries(deliveries []Delivery, failed []EventID) (tries []Try, unknown int) {
	named := make(map[EventID]bool, len(failed))
	for _, id := range failed {
		named[id] = true
	}
	unknown = len(named)
	held := map[ChatID]bool{}
	for _, d := range deliveries {
		t := Try{OK: true}
		if named[d.Event] {
			unknown--
			t = Try{Skipped: held[d.Chat], Error: "the endpoint named it in failed"}
			held[d.Chat] = true
		}
		tries = append(tries, t)
	}
	return tries, unknown
}

// callsOf splits tries into those of each call. The tries of a batch stand together.
func callsOf(tries []Try) (calls [][]Try) {
	begin := 0
	for i := range tries {
		if end := i + 1; end == len(tries) || tries[end].Batch == "" || tries[end].Batch != tries[i].Batch {
			calls = append(calls, tries[begin:end])
			begin = end
		}
	}
	return calls
}
