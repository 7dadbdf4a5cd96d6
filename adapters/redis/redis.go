// Package redis connects to the Redis that carries hints. Nothing there is
// needed to be true: the store can write it all down again.
package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Open makes a client of redis://…, rediss://…, redis-sentinel://…, or of
// comma-separated addresses of a cluster. It connects when it is first used. No
// error shows the URL.
func Open(url string) (redis.UniversalClient, error) {
	if url != "" && !strings.Contains(url, "://") {
		return redis.NewClusterClient(&redis.ClusterOptions{Addrs: strings.Split(url, ",")}), nil
	}
	opt, err := asynq.ParseRedisURI(url)
	if err != nil {
		return nil, errors.New("RECADO_REDIS_URL is none of redis://host:6379/0, rediss://…, " +
			"redis-sentinel://host:26379,…?master=name, or comma-separated addresses of a cluster")
	}
	return opt.MakeRedisClient().(redis.UniversalClient), nil
}

// Check reports what is wrong with a Redis, and the mend. A Redis that evicts
// keys loses hints, and asynq's own books with them.
func Check(ctx context.Context, c redis.UniversalClient) error {
	if err := c.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("redis does not answer: %w", err)
	}
	policy, err := c.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil {
		return nil // some providers forbid CONFIG; nothing is known then
	}
	if p := policy["maxmemory-policy"]; p != "noeviction" {
		return fmt.Errorf("redis has maxmemory-policy %s and may throw jobs away: CONFIG SET maxmemory-policy noeviction", p)
	}
	return nil
}
