package domain

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// An OrphanUpdate is an update as it is stored while the message that it names is
// not known.
type OrphanUpdate struct {
	Connection ConnectionID
	ProviderID ProviderID
	Digest     string // of FactType, Fact and At: a repeat is stored once
	FactType   string
	Fact       []byte // JSON
	At         time.Time
	Received   time.Time
}

// newOrphan makes the OrphanUpdate of an update.
func newOrphan(u Update, key ProviderKey) (OrphanUpdate, error) {
	factType := ""
	switch u.Fact.(type) {
	case StatusReported:
		factType = "status"
	case MessageEdited:
		factType = "edited"
	case MessageDeleted:
		factType = "deleted"
	case MessageReacted:
		factType = "reacted"
	default:
		return OrphanUpdate{}, fmt.Errorf("%T does not wait for a message", u.Fact)
	}
	fact, err := json.Marshal(u.Fact)
	if err != nil {
		return OrphanUpdate{}, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", factType, u.At.UnixMilli(), fact))
	return OrphanUpdate{
		Connection: key.Connection, ProviderID: key.ProviderID, Digest: fmt.Sprintf("%x", sum[:16]),
		FactType: factType, Fact: fact, At: u.At, Received: u.Received,
	}, nil
}

// update makes the update that was stored.
func (o OrphanUpdate) update() (Update, error) {
	u := Update{Connection: o.Connection, At: o.At, Received: o.Received}
	var err error
	switch o.FactType {
	case "status":
		u.Fact, err = decode[StatusReported](o.Fact)
	case "edited":
		u.Fact, err = decode[MessageEdited](o.Fact)
	case "deleted":
		u.Fact, err = decode[MessageDeleted](o.Fact)
	case "reacted":
		u.Fact, err = decode[MessageReacted](o.Fact)
	default:
		err = fmt.Errorf("orphan of type %q is unknown", o.FactType)
	}
	return u, err
}

func decode[T Fact](data []byte) (T, error) {
	var f T
	err := json.Unmarshal(data, &f)
	return f, err
}
