package jobs

import (
	"errors"

	"recado/domain"
)

// halve stores a batch. If the store cannot take the data, halve stores the first
// half of the updates and then the second, until each update at fault stands
// alone: reject deals with that one. The webhooks are used up with the last
// update, so that a crash in between repeats updates and loses none.
//
// Any other error ends it; the updates before it are stored.
func halve(b domain.Batch, store func(domain.Batch) error, reject func(domain.Batch, *domain.DataError) error) error {
	err := store(b)
	var bad *domain.DataError
	switch {
	case !errors.As(err, &bad) || len(b.Updates) == 0:
		return err
	case len(b.Updates) == 1:
		return reject(b, bad)
	}
	first, second := domain.Batch{Updates: b.Updates[:len(b.Updates)/2]}, b
	second.Updates = b.Updates[len(b.Updates)/2:]
	if err := halve(first, store, reject); err != nil {
		return err
	}
	return halve(second, store, reject)
}
