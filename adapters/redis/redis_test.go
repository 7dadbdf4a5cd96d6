package redis

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"recado/domain"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An opened client holds the options that an operator chooses.
type opened struct {
	Addrs          string
	User, Password string
	DB             int
	TLS            bool
}

func TestOpen(t *testing.T) {
	tests := []struct {
		name string
		url  string
		want opened
	}{
		{"a server", "redis://redis:6380", opened{Addrs: "redis:6380"}},
		{"without a port", "redis://redis", opened{Addrs: "redis:6379"}},
		{"a password", "redis://:hunter2@redis:6379", opened{Addrs: "redis:6379", Password: "hunter2"}},
		{"a user of an ACL and a database", "redis://recado:hunter2@redis:6379/3", opened{"redis:6379", "recado", "hunter2", 3, false}},
		{"a password with signs", "redis://:p%40ss%2Fword@redis:6379", opened{Addrs: "redis:6379", Password: "p@ss/word"}},
		{"by TLS", "rediss://recado:hunter2@redis:6379/3", opened{"redis:6379", "recado", "hunter2", 3, true}},
		{"an IPv6 address", "redis://[::1]:6379", opened{Addrs: "[::1]:6379"}},
		{"a cluster", "a:6379, b:6379,c:6380", opened{Addrs: "a:6379,b:6379,c:6380"}},
		{"a cluster with a user", "redis-cluster://recado:hunter2@a:6379,b:6379", opened{"a:6379,b:6379", "recado", "hunter2", 0, false}},
		{"a cluster by TLS", "rediss-cluster://recado:hunter2@a:6379", opened{"a:6379", "recado", "hunter2", 0, true}},
		{"sentinels by TLS", "rediss-sentinel://:hunter2@a:26379?master=m", opened{"FailoverClient", "", "hunter2", 0, true}},
		{"sentinels", "redis-sentinel://a:26379,b:26379?master=m", opened{Addrs: "FailoverClient"}},
		{"sentinels with all", "redis-sentinel://recado:hunter2@a:26379,b:26379/3?master=m", opened{"FailoverClient", "recado", "hunter2", 3, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client, err := Open(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			var got opened
			switch c := client.(type) {
			case *redis.Client:
				o := c.Options()
				got = opened{o.Addr, o.Username, o.Password, o.DB, o.TLSConfig != nil}
			case *redis.ClusterClient:
				o := c.Options()
				got = opened{strings.Join(o.Addrs, ","), o.Username, o.Password, 0, o.TLSConfig != nil}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, url := range map[string]string{
		"nothing":                        "",
		"a host alone":                   "redis",
		"an address alone":               "redis:6379",
		"another protocol":               "http://:hunter2@redis",
		"a socket":                       "unix:///run/redis.sock",
		"a database that is no number":   "redis://:hunter2@redis/first",
		"a database below zero":          "redis-sentinel://:hunter2@a:26379/-1?master=m",
		"an option that nobody knows":    "redis://:hunter2@redis/0?pool=big",
		"a port that is no number":       "redis://:hunter2@redis:port",
		"no host":                        "redis://",
		"sentinels without a master":     "redis-sentinel://:hunter2@a:26379",
		"a sentinel without a port":      "redis-sentinel://:hunter2@a:26379,b?master=m",
		"a password with a bare percent": "redis://:hunter2%@redis:6379",
		"a node without a port":          "a:6379,b",
		"a database of a cluster":        "redis-cluster://:hunter2@a:6379,b:6379/1",
		"a cluster without a port":       "redis-cluster://:hunter2@a",
		"a node whose port is no port":   "a:6379,b:66666",
	} {
		t.Run(name, func(t *testing.T) {
			client, err := Open(url)
			if err == nil {
				client.Close()
				t.Fatal("it opens")
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

// The sentinels ask for the same user and password as the servers.
func TestSentinelsGetTheCredentials(t *testing.T) {
	sentinel := miniredis.RunT(t)
	sentinel.RequireUserAuth("recado", "hunter2")
	client, err := Open("redis-sentinel://recado:hunter2@" + sentinel.Addr() + "?master=m")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	err = client.Ping(t.Context()).Err()
	if err == nil || strings.Contains(err.Error(), "NOAUTH") || strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("got %v: miniredis is no sentinel, but it takes the password", err)
	}
}

// A policyHook answers CONFIG GET maxmemory-policy, which miniredis does not know.
type policyHook struct {
	policy string
	err    error
}

func (policyHook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (policyHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (h policyHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() != "config" {
			return next(ctx, cmd)
		}
		cmd.(*redis.MapStringStringCmd).SetVal(map[string]string{"maxmemory-policy": h.policy})
		cmd.SetErr(h.err)
		return h.err
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name string
		away bool
		hook policyHook
		want string // a part of the error; empty: none
	}{
		{"it keeps everything", false, policyHook{policy: "noeviction"}, ""},
		{"it evicts", false, policyHook{policy: "allkeys-lru"}, "CONFIG SET maxmemory-policy noeviction"},
		{"it forbids CONFIG", false, policyHook{err: errors.New("ERR unknown command 'CONFIG'")}, ""},
		{"it is away", true, policyHook{policy: "noeviction"}, "redis does not answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := miniredis.RunT(t)
			client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
			defer client.Close()
			client.AddHook(tt.hook)
			if tt.away {
				server.SetError("LOADING")
			}
			err := Check(t.Context(), client)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestEmbeddedCarriesJobs(t *testing.T) {
	client, stop := Embedded()
	defer stop()
	queues := Queues(client, domain.Lanes[:2])
	if got, err := queues(); err != nil || len(got) != 0 {
		t.Errorf("before the first job: %v, %v", got, err)
	}
	if _, err := asynq.NewClientFromRedisClient(client).Enqueue(asynq.NewTask("drain", nil), asynq.Queue("inbox")); err != nil {
		t.Fatal(err)
	}
	got, err := queues()
	if err != nil || len(got) != 1 || got[0].Queue != "inbox" || got[0].Pending != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}
