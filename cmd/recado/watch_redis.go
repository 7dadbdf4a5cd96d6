package main

import (
	"context"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/redis"
	"recado/metrics"
)

// redisEvery is the time from one look at Redis to the next.
const redisEvery = 5 * time.Second

// watchRedis shows in the metrics how Redis fares, until the context ends.
func watchRedis(ctx context.Context, c goredis.UniversalClient, m *metrics.Metrics) {
	tick := time.NewTicker(redisEvery)
	defer tick.Stop()
	for {
		m.Redis(lookAtRedis(ctx, c))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func lookAtRedis(ctx context.Context, c goredis.UniversalClient) (up, policyOK bool) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	if redis.CheckWrite(ctx, c) != nil {
		return false, true // of a policy nothing is known
	}
	return true, !redis.Evicts(redis.Policy(ctx, c))
}
