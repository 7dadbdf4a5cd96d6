package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/porttest"
)

// redisUsers is the user whose rights operations.md recommends for Recado, and the one
// of the test and of the servers among themselves.
const redisUsers = `
user default off
user recado on >hunter2 ~asynq:* ~recado:* &asynq:* &recado:* +@all -@dangerous +config|get +info
user operator on >operates ~* &* +@all
`

// sentinelUsers are the same users of sentinels, which have neither keys nor categories.
const sentinelUsers = `
user default off
user recado on >hunter2 &* +@all
user operator on >operates &* +@all
`

// A redisServer is a Redis of a test's own, in whichever role.
type redisServer struct {
	addr string
	stop func() // kills it, as a power failure would
}

// runRedis starts a Redis with a configuration, which lacks its port.
func runRedis(t *testing.T, addr, config string, args ...string) *redisServer {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "redis.conf")
	if err := os.WriteFile(file, []byte("bind 127.0.0.1\ndir "+dir+"\nlogfile "+filepath.Join(dir, "log")+"\n"+config), 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.Command(program, append([]string{file}, args...)...)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	s := &redisServer{addr: addr, stop: func() {
		if !ended {
			ended = true
			_ = server.Process.Kill()
			_ = server.Wait() // it was killed
		}
	}}
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("the log of the Redis at %s ends with:\n%s", addr, log[max(0, len(log)-2<<10):])
		}
	})
	return s
}

// A certificate is one for 127.0.0.1 that signs itself.
type certificate struct{ certFile, keyFile string }

func newCertificate(t *testing.T) certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the Redis of a test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	c := certificate{filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")}
	for file, block := range map[string]*pem.Block{c.certFile: {Type: "CERTIFICATE", Bytes: cert}, c.keyFile: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// client trusts the certificate.
func (c certificate) client(t *testing.T) *tls.Config {
	t.Helper()
	text, err := os.ReadFile(c.certFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// A redisGroup is several servers that replace one that dies.
type redisGroup struct {
	url     string                         // with the user of Recado
	env     map[string]string              // that the program needs to reach them
	servers []*redisServer                 // those with data
	admin   goredis.UniversalClient        // of the user of the test
	owner   func(key string) (addr string) // of the server to which a key is written
}

// kill kills the server to which a key is written, and returns its address.
func (g *redisGroup) kill(t *testing.T, key string) {
	t.Helper()
	addr := g.owner(key)
	for _, s := range g.servers {
		if s.addr == addr {
			s.stop()
			return
		}
	}
	t.Fatalf("no server has the address %q", addr)
}

// replicates reports whether the replica of the master has what the master has.
func (g *redisGroup) replicates(t *testing.T) bool {
	n, err := g.admin.Do(t.Context(), "WAIT", 1, 1000).Int()
	return err == nil && n == 1
}

// newSentinels starts a master with a replica and three sentinels, which all want TLS
// and a user.
func newSentinels(t *testing.T) *redisGroup {
	t.Helper()
	c := newCertificate(t)
	secured := func(addr string) string {
		return fmt.Sprintf("port 0\ntls-port %s\ntls-replication yes\ntls-auth-clients no\ntls-cert-file %s\ntls-key-file %s\ntls-ca-cert-file %s\n",
			portOf(addr), c.certFile, c.keyFile, c.certFile)
	}
	g := &redisGroup{env: map[string]string{"SSL_CERT_FILE": c.certFile}}
	master := porttest.Address(t)
	for _, addr := range []string{master, porttest.Address(t)} {
		config := secured(addr) + redisUsers + "save \"\"\nmasteruser operator\nmasterauth operates\nrepl-diskless-sync-delay 0\n"
		if addr != master {
			config += "replicaof 127.0.0.1 " + portOf(master) + "\n"
		}
		g.servers = append(g.servers, runRedis(t, addr, config))
	}
	var sentinels []string
	for range 3 {
		addr := porttest.Address(t)
		sentinels = append(sentinels, addr)
		runRedis(t, addr, secured(addr)+sentinelUsers+"sentinel sentinel-user operator\nsentinel sentinel-pass operates\n"+
			"sentinel monitor m 127.0.0.1 "+portOf(master)+" 2\nsentinel auth-user m operator\nsentinel auth-pass m operates\n"+
			"sentinel down-after-milliseconds m 1000\nsentinel failover-timeout m 5000\n", "--sentinel")
	}
	g.url = "rediss-sentinel://recado:hunter2@" + strings.Join(sentinels, ",") + "?master=m"
	ask := goredis.NewSentinelClient(&goredis.Options{Addr: sentinels[0], Username: "operator", Password: "operates", TLSConfig: c.client(t)})
	t.Cleanup(func() { ask.Close() })
	g.owner = func(string) string {
		addr, err := ask.GetMasterAddrByName(t.Context(), "m").Result()
		if err != nil {
			t.Fatal(err)
		}
		return net.JoinHostPort(addr[0], addr[1])
	}
	g.admin = goredis.NewFailoverClient(&goredis.FailoverOptions{
		MasterName: "m", SentinelAddrs: sentinels, Username: "operator", Password: "operates",
		SentinelUsername: "operator", SentinelPassword: "operates", TLSConfig: c.client(t),
	})
	t.Cleanup(func() { g.admin.Close() })
	eventually(t, "the sentinels know each other and the replica", 30*time.Second, func() bool {
		m, err := ask.Master(t.Context(), "m").Result()
		return err == nil && m["num-slaves"] == "1" && m["num-other-sentinels"] == "2" && g.replicates(t)
	})
	return g
}

// newRedisCluster starts three masters with a replica each, which want a user.
func newRedisCluster(t *testing.T) *redisGroup {
	t.Helper()
	g := &redisGroup{}
	create := []string{"--user", "operator", "--pass", "operates", "--no-auth-warning", "--cluster", "create"}
	var addrs []string
	for range 6 {
		addr := porttest.Address(t)
		addrs = append(addrs, addr)
		g.servers = append(g.servers, runRedis(t, addr, "port "+portOf(addr)+redisUsers+
			"save \"\"\nmasteruser operator\nmasterauth operates\nrepl-diskless-sync-delay 0\ncluster-enabled yes\ncluster-node-timeout 1000\n"))
	}
	admin := goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: addrs, Username: "operator", Password: "operates", ClusterStateReloadInterval: time.Second / 4})
	t.Cleanup(func() { admin.Close() })
	g.admin, g.url = admin, "redis-cluster://recado:hunter2@"+strings.Join(addrs[:3], ",")
	g.owner = func(key string) string {
		node, err := admin.MasterForKey(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		return node.Options().Addr
	}
	for _, addr := range addrs {
		node := goredis.NewClient(&goredis.Options{Addr: addr, Username: "operator", Password: "operates"})
		eventually(t, "a node answers", 20*time.Second, func() bool { return node.Ping(t.Context()).Err() == nil })
		node.Close()
	}
	create = append(append(create, addrs...), "--cluster-replicas", "1", "--cluster-yes")
	if out, err := exec.Command("redis-cli", create...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	eventually(t, "the cluster is whole, and each master has its replica", 30*time.Second, func() bool {
		info, err := admin.ClusterInfo(t.Context()).Result()
		shards, shardsErr := admin.ClusterShards(t.Context()).Result()
		whole := err == nil && shardsErr == nil && strings.Contains(info, "cluster_state:ok")
		for _, s := range shards {
			isAway := func(n goredis.Node) bool { return n.Health != "online" }
			whole = whole && len(s.Nodes) == 2 && !slices.ContainsFunc(s.Nodes, isAway)
		}
		return whole
	})
	return g
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}
