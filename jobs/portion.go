package jobs

import (
	"errors"

	"recado/domain"
)

// A portion is a webhook with what it tells, or a part of that. Of a webhook that
// is split the last portion uses it up, so that a crash in between repeats updates
// and loses none. Work that comes from no webhook is a portion of updates alone.
type portion struct {
	hook    *domain.Webhook // used up with this portion; nil: with a later one, or there is none
	updates []domain.Update
	parked  []domain.ParkedItem
	ignored int // updates that concern nobody
}

// size is how many pieces a store writes at least.
func (p portion) size() int { return max(len(p.updates)+len(p.parked), 1) }

// joined makes one batch of portions. Lane is that of their webhooks.
func joined(lane int, list []portion) domain.Batch {
	b := domain.Batch{Lane: lane}
	for _, p := range list {
		if p.hook != nil {
			b.Inbox = append(b.Inbox, p.hook.ID)
		}
		b.Updates = append(b.Updates, p.updates...)
		b.Parked = append(b.Parked, p.parked...)
	}
	return b
}

// A splitter stores portions in their order, as many at once as the store can take.
// If the store cannot take the data, it stores the first half and then the second,
// until the piece at fault stands alone: reject deals with that one. If the store
// does not finish in its time, it stores less at once.
//
// Any other error ends it; what comes before is stored.
type splitter struct {
	store  func([]portion) error
	reject func(portion, *domain.DataError) error
	limit  *domain.BatchLimit
}

func (s splitter) apply(list []portion) error {
	size := 0
	for _, p := range list {
		size += p.size()
	}
	if size == 1 || size <= s.limit.Of(maxPortion) {
		err := s.store(list)
		var bad *domain.DataError
		slow := errors.Is(err, domain.ErrTimeout)
		s.limit.Learn(maxPortion, size, err)
		switch {
		case errors.As(err, &bad) && size == 1:
			return s.reject(list[0], bad)
		case bad == nil && !slow || size == 1:
			return err
		}
	}
	first, second := halves(list)
	if err := s.apply(first); err != nil {
		return err
	}
	return s.apply(second)
}

// halves splits several portions between them, and a single one within it.
func halves(list []portion) (first, second []portion) {
	if n := len(list) / 2; n > 0 {
		return list[:n], list[n:]
	}
	a, b := portion{}, list[0]
	if n := len(b.updates); n > 1 || n == 1 && len(b.parked) > 0 {
		n = (n + 1) / 2
		a.updates, b.updates = b.updates[:n], b.updates[n:]
	} else {
		n := len(b.parked) / 2
		a.parked, b.parked = b.parked[:n], b.parked[n:]
	}
	return []portion{a}, []portion{b}
}

// maxPortion is how many updates are stored at once. More would not cost less, and
// would hold up what other callers want of the store.
const maxPortion = 500
