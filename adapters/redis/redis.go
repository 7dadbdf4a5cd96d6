// Package redis connects to the Redis that carries hints. Losing its data loses no
// work: the sweep finds all work in the store.
package redis

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"recado/domain"
)

// Open returns a client for redis://…, redis-sentinel://… or redis-cluster://…, each
// also as rediss…: by TLS, or for the comma-separated addresses of a cluster. User and
// password of a sentinel URL authenticate to the sentinels and to the servers that they
// name. The client connects at its first use, and gives a call up when its context
// ends. Errors do not contain the URL.
func Open(text string) (redis.UniversalClient, error) {
	if !strings.Contains(text, "://") {
		return openNodes(strings.Split(text, ","))
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return nil, errURL
	}
	switch u.Scheme {
	case "redis-sentinel", "rediss-sentinel":
		return openSentinel(u)
	case "redis-cluster", "rediss-cluster":
		return openCluster(strings.Split(u.Host, ","), u)
	case "redis", "rediss":
		return openServer(text)
	}
	return nil, errURL
}

var errURL = errors.New("the address of Redis is none of redis://host:6379/0, redis-sentinel://host:26379,…/0?master=name, " +
	"redis-cluster://host:6379,…, the same with rediss for TLS, or the host:port of each node of a cluster, comma separated")

func openServer(text string) (redis.UniversalClient, error) {
	options, err := redis.ParseURL(text)
	if err != nil {
		return nil, errURL
	}
	options.ContextTimeoutEnabled = true
	return redis.NewClient(options), nil
}

// openNodes opens a cluster without a user. A single address is probably a URL that
// lacks its scheme.
func openNodes(nodes []string) (redis.UniversalClient, error) {
	if len(nodes) < 2 {
		return nil, errURL
	}
	for i, node := range nodes {
		nodes[i] = strings.TrimSpace(node)
	}
	return openCluster(nodes, &url.URL{})
}

// reloadEvery is how soon a client of a cluster hears that a node is replaced. Its
// default is a minute, in which a node that does not answer is asked again and again:
// only an answer of the node would tell the client earlier (measured: 58 s).
const reloadEvery = time.Second

func openCluster(nodes []string, u *url.URL) (redis.UniversalClient, error) {
	if !areAddresses(nodes) || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" { // a cluster has one database
		return nil, errURL
	}
	password, _ := u.User.Password()
	return redis.NewClusterClient(&redis.ClusterOptions{
		ContextTimeoutEnabled: true, ClusterStateReloadInterval: reloadEvery,
		Addrs: nodes, Username: u.User.Username(), Password: password, TLSConfig: tlsOf(u),
	}), nil
}

func openSentinel(u *url.URL) (redis.UniversalClient, error) {
	sentinels := strings.Split(u.Host, ",")
	master := u.Query().Get("master")
	db, err := strconv.ParseUint(cmp.Or(strings.Trim(u.Path, "/"), "0"), 10, 16)
	if err != nil || master == "" || !areAddresses(sentinels) {
		return nil, errURL
	}
	user := u.User.Username()
	password, _ := u.User.Password()
	return redis.NewFailoverClient(&redis.FailoverOptions{
		ContextTimeoutEnabled: true, MasterName: master, SentinelAddrs: sentinels, DB: int(db),
		Username: user, Password: password, SentinelUsername: user, SentinelPassword: password, TLSConfig: tlsOf(u),
	}), nil
}

// tlsOf returns what a rediss scheme asks for; nil: no TLS. Each server must have a
// certificate for the address at which it is reached.
func tlsOf(u *url.URL) *tls.Config {
	if !strings.HasPrefix(u.Scheme, "rediss") {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}

func areAddresses(list []string) bool {
	return !slices.ContainsFunc(list, func(text string) bool { return !isAddress(text) })
}

func isAddress(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// CheckWrite returns an error if a Redis takes no writes to some queue, as when its
// memory is full, when it is a replica, or when a part of a cluster is away.
func CheckWrite(ctx context.Context, c redis.UniversalClient) error {
	_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, lane := range domain.Lanes { // a cluster has each queue, by the name in braces, on one of its nodes
			p.Set(ctx, "recado:ready:{"+string(lane.Kind)+"}", 1, time.Minute)
		}
		return nil
	})
	return err
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
