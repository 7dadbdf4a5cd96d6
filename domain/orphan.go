package domain

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// A WaitingUpdate is an orphan as it is stored: an update that named a message
// which was not known yet.
type OrphanUpdate struct {
	Connection ConnectionID
	ProviderID ProviderID
	Digest     string // of kind, fact and time: a repeat is not stored twice
	Kind       string
	Fact       []byte // JSON
	At         time.Time
	Received   time.Time
}

// kept gives the parts of an update that are stored while it waits.
func newOrphan(u Update, key ProviderKey) (OrphanUpdate, error) {
	kind := ""
	switch u.Fact.(type) {
	case StatusReported:
		kind = "status"
	case MessageEdited:
		kind = "edited"
	case MessageDeleted:
		kind = "deleted"
	case MessageReacted:
		kind = "reacted"
	default:
		return OrphanUpdate{}, fmt.Errorf("%T does not wait for a message", u.Fact)
	}
	fact, err := json.Marshal(u.Fact)
	if err != nil {
		return OrphanUpdate{}, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", kind, u.At.UnixMilli(), fact))
	return OrphanUpdate{
		Connection: key.Connection, ProviderID: key.ProviderID, Digest: fmt.Sprintf("%x", sum[:16]),
		Kind: kind, Fact: fact, At: u.At, Received: u.Received,
	}, nil
}

// update makes the update again.
func (w OrphanUpdate) update() (Update, error) {
	u := Update{Connection: w.Connection, At: w.At, Received: w.Received}
	var err error
	switch w.Kind {
	case "status":
		u.Fact, err = decode[StatusReported](w.Fact)
	case "edited":
		u.Fact, err = decode[MessageEdited](w.Fact)
	case "deleted":
		u.Fact, err = decode[MessageDeleted](w.Fact)
	case "reacted":
		u.Fact, err = decode[MessageReacted](w.Fact)
	default:
		err = fmt.Errorf("orphan of kind %q is unknown", w.Kind)
	}
	return u, err
}

func decode[T Fact](data []byte) (T, error) {
	var f T
	err := json.Unmarshal(data, &f)
	return f, err
}
