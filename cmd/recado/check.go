package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"recado/adapters/redis"
	"recado/domain"
)

// checkTimeout is how long a check of the start may take.
const checkTimeout = 10 * time.Second

// check logs what is wrong with Redis, the files and the companies' time zones. Webhooks
// are accepted without them, so the start does not wait for it.
func (s *service) check(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := redis.Check(ctx, s.redis); err != nil {
		s.log.Error("redis check failed", "err", err)
	}
	if err := s.pingFiles(ctx); err != nil {
		s.log.Error("files check failed", "err", err)
	}
	unknown, err := unknownZones(ctx, s.store)
	if err != nil {
		s.log.Error("time zones check failed", "err", err)
	}
	for _, u := range unknown {
		s.log.Error("time zone is not known; the company's months are counted in UTC", "company", u.Company, "time_zone", u.Zone.String())
	}
}

// unknownZones returns the usage of a subscription of each company in a time zone that
// this program does not know.
func unknownZones(ctx context.Context, store domain.Store) ([]domain.Usage, error) {
	usage, err := store.Usage(ctx, "")
	slices.SortStableFunc(usage, func(x, y domain.Usage) int { return cmp.Compare(x.Company, y.Company) })
	usage = slices.CompactFunc(usage, func(x, y domain.Usage) bool { return x.Company == y.Company })
	return slices.DeleteFunc(usage, func(u domain.Usage) bool {
		_, err := time.LoadLocation(u.Zone.String())
		return err == nil
	}), err
}
