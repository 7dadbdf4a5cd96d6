// Package storetest is the specification that every domain.Store passes. A
// store's test is an empty store for each case, and Run. Each file holds the
// rows of one port, named as sentences.
package storetest

import (
	"context"
	"testing"
	"time"

	"recado/domain"
)

// Insides is what a store under test shows beyond its ports. Rows that need it
// are skipped for a store that does not implement it.
type Insides interface {
	// Forward puts the store's clock forward.
	Forward(ctx context.Context, d time.Duration) error

	// Dump returns every value that is stored, as it is stored.
	Dump(ctx context.Context) ([]byte, error)

	// Execute runs SQL that every store understands, in which Bytes stand for some.
	Execute(ctx context.Context, sql string) error
}

// Workers is a store that several processes can have open. Rows about races use
// it, so that nothing within one process keeps their transactions apart.
type Workers interface {
	// Worker returns the store as process number i has it open; there may be fewer
	// processes than numbers.
	Worker(i int) domain.Store
}

// Run runs the specification. Open gives an empty store, and closes it when
// its test ends.
func Run(t *testing.T, open func(t *testing.T) domain.Store) {
	ports := []struct {
		name string
		rows []row
	}{
		{"inbox", inboxRows},
		{"chats", chatRows},
		{"orphans", orphanRows},
		{"aliases", aliasRows},
		{"merges", mergeRows},
		{"commands", commandRows},
		{"events", eventRows},
		{"feed", feedRows},
		{"replay", replayRows},
		{"races", raceRows},
		{"sends", sendRows},
		{"actions", actionRows},
		{"classes of sends", classRows},
		{"dialogs", dialogRows},
		{"paid dialogs", paidRows},
		{"connections", connectionRows},
		{"signals", signalRows},
		{"office", officeRows},
		{"callbacks", callbackRows},
		{"endpoints", endpointRows},
		{"endings of endpoints", endpointEndRows},
		{"delivery log", deliveryLogRows},
		{"leases", leaseRows},
		{"upkeep", upkeepRows},
		{"directory", directoryRows},
		{"registrar", registrarRows},
		{"endings", endingRows},
		{"archive", archiveRows},
		{"search", searchRows},
		{"media", mediaRows},
		{"erasing a person", eraseRows},
		{"parking", parkingRows},
		{"putting back what was parked", unparkingRows},
	}
	for _, p := range ports {
		t.Run(p.name, func(t *testing.T) {
			for _, r := range p.rows {
				t.Run(r.says, func(t *testing.T) { r.test(newLab(t, open)) })
			}
		})
	}
	t.Run("order and repeats do not matter", func(t *testing.T) { orderAndRepeats(t, open) })
	t.Run("people of many names", func(t *testing.T) { peopleOfManyNames(t, open) })
	t.Run("anybody may do anything in any order", func(t *testing.T) { anything(t, open) })
	t.Run("a store answers until it is closed", func(t *testing.T) {
		if err := open(t).Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A row is a sentence about a store, and the test that it holds.
type row struct {
	says string
	test func(lab)
}
