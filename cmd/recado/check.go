package main

import (
	"context"
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
	for company, zone := range unknown {
		s.log.Error("time zone is not known; the company's months are counted in UTC", "company", company, "time_zone", zone)
	}
}

// unknownZones returns the companies in time zones that this program does not know.
func unknownZones(ctx context.Context, store domain.Store) (map[domain.CompanyID]string, error) {
	usage, err := store.Usage(ctx, "")
	unknown := map[domain.CompanyID]string{}
	for _, u := range usage {
		if _, err := time.LoadLocation(u.Zone.String()); err != nil {
			unknown[u.Company] = u.Zone.String()
		}
	}
	return unknown, err
}
