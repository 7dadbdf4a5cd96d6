// Package redis connects to the Redis that carries hints. Losing its data loses no
// work: the sweep finds all work in the store.
package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Open returns a client for redis://…, rediss://… or redis-sentinel://…, or for the
// comma-separated addresses of a cluster. User and password of a sentinel URL
// authenticate to the sentinels and to the servers that they name. The client
// connects at its first use, and gives a call up when its context ends. Errors do
// not contain the URL.
func Open(text string) (redis.UniversalClient, error) {
	if !strings.Contains(text, "://") {
		return openCluster(strings.Split(text, ","))
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return nil, errURL
	}
	if u.Scheme == "redis-sentinel" {
		return openSentinel(u)
	}
	options, err := redis.ParseURL(text)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" {
		return nil, errURL
	}
	options.ContextTimeoutEnabled = true
	return redis.NewClient(options), nil
}

var errURL = errors.New("the address of Redis is none of redis://host:6379/0, rediss://…, " +
	"redis-sentinel://host:26379,…/0?master=name, or the host:port of each node of a cluster, comma separated")

func openCluster(nodes []string) (redis.UniversalClient, error) {
	for i, node := range nodes {
		nodes[i] = strings.TrimSpace(node)
		if !isAddress(nodes[i]) {
			return nil, errURL
		}
	}
	if len(nodes) < 2 { // a single address is probably a URL without its scheme
		return nil, errURL
	}
	return redis.NewClusterClient(&redis.ClusterOptions{Addrs: nodes, ContextTimeoutEnabled: true}), nil
}

func openSentinel(u *url.URL) (redis.UniversalClient, error) {
	sentinels := strings.Split(u.Host, ",")
	for _, s := range sentinels {
		if !isAddress(s) {
			return nil, errURL
		}
	}
	master := u.Query().Get("master")
	db, err := strconv.ParseUint(cmp.Or(strings.Trim(u.Path, "/"), "0"), 10, 16)
	if err != nil || master == "" {
		return nil, errURL
	}
	user := u.User.Username()
	password, _ := u.User.Password()
	return redis.NewFailoverClient(&redis.FailoverOptions{
		ContextTimeoutEnabled: true, MasterName: master, SentinelAddrs: sentinels, DB: int(db),
		Username: user, Password: password, SentinelUsername: user, SentinelPassword: password,
	}), nil
}

func isAddress(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// CheckWrite returns an error if a Redis takes no writes, as when its memory is full
// or when it is a replica.
func CheckWrite(ctx context.Context, c redis.UniversalClient) error {
	return c.Set(ctx, "recado:ready", 1, time.Minute).Err()
}

// checkTimeout bounds Check.
const checkTimeout = time.Second

// Check returns an error that says what is wrong with a Redis and how to fix it.
// A Redis that evicts keys loses hints and the bookkeeping of asynq.
func Check(ctx context.Context, c redis.UniversalClient) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := c.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("redis does not answer: %w", err)
	}
	if p := Policy(ctx, c); Evicts(p) {
		return fmt.Errorf("redis has maxmemory-policy %s and may evict jobs: CONFIG SET maxmemory-policy noeviction", p)
	}
	return nil
}

// Policy returns what a Redis does when its memory is full; empty: it does not say,
// since some providers forbid CONFIG.
func Policy(ctx context.Context, c redis.UniversalClient) string {
	return setting(ctx, c, "maxmemory-policy")
}

// CannotPersist reports whether a Redis failed to write its data to the disk the last
// time that it tried: it then soon refuses writes.
func CannotPersist(ctx context.Context, c redis.UniversalClient) bool {
	info, err := c.Info(ctx, "persistence").Result()
	return err == nil && strings.Contains(info, "_status:err")
}

func setting(ctx context.Context, c redis.UniversalClient, name string) string {
	values, err := c.ConfigGet(ctx, name).Result()
	if err != nil {
		return ""
	}
	return values[name]
}

// Evicts reports whether a Redis with the policy may delete jobs.
func Evicts(policy string) bool { return policy != "" && policy != "noeviction" }
