package main

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os/exec"
	"strconv"
	"strings"

	"recado/adapters/messenger/waba"
	"recado/adapters/redis"
	"recado/adapters/vault"
	"recado/domain"
	"recado/metrics"
)

func setDatabaseURL(c *Config, v string) bool {
	c.DatabaseURL = domain.Secret(v)
	return hasScheme(v, "postgres", "postgresql")
}

// setRedisURL accepts a URL, or the addresses of a cluster's nodes.
func setRedisURL(c *Config, v string) bool {
	c.RedisURL = domain.Secret(v)
	client, err := redis.Open(v) // opens no connection yet
	return err == nil && client.Close() == nil
}

func setDataDir(c *Config, v string) bool {
	c.DataDir = v
	return true
}

func setSpoolDir(c *Config, v string) bool {
	c.SpoolDir = v
	return true
}

func setSecretKey(c *Config, v string) bool {
	c.SecretKey = domain.Secret(v)
	_, err := vault.ParseKey(v)
	return err == nil
}

func setPreviousSecretKey(c *Config, v string) bool {
	c.PreviousSecretKey = domain.Secret(v)
	_, err := vault.ParseKey(v)
	return err == nil
}

func setListen(c *Config, v string) bool {
	c.Listen = v
	return isListen(v)
}

func setInternalListen(c *Config, v string) bool {
	c.InternalListen = v
	return isListen(v)
}

func setPublicURL(c *Config, v string) bool {
	c.PublicURL = strings.TrimRight(v, "/")
	return domain.CheckBaseURL(v) == nil
}

// setMediaURL sets what readConfig reads together with the keys.
func setMediaURL(c *Config, v string) bool {
	c.Media.Folder = v
	return true
}

func setMediaMax(c *Config, v string) bool {
	size, ok := parseSize(v)
	c.MediaMax = size
	return ok && size >= 1<<10 && size <= 4<<30
}

func setFFmpeg(c *Config, v string) bool {
	path, err := exec.LookPath(v)
	c.FFmpeg = path
	return err == nil
}

func setCallbackAllowNetworks(c *Config, v string) bool {
	for network := range strings.SplitSeq(v, ",") {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(network))
		if err != nil {
			return false
		}
		c.CallbackAllowNetworks = append(c.CallbackAllowNetworks, prefix.Masked())
	}
	return true
}

func setWABACharges(c *Config, v string) bool {
	charges, err := waba.ParseCharges(v)
	c.WABACharges = charges
	return err == nil
}

func setSubscriptionMetrics(c *Config, v string) bool {
	switch v {
	case "on":
		c.SubscriptionMetrics = metrics.AllSubscriptions
		return true
	case "off":
		c.SubscriptionMetrics = 0
		return true
	}
	n, err := strconv.ParseUint(v, 10, 16)
	c.SubscriptionMetrics = int(n)
	return err == nil
}

// setTraces only checks: OpenTelemetry reads its variables itself.
func setTraces(_ *Config, v string) bool { return hasScheme(v, "http", "https") }

func setLogLevel(c *Config, v string) bool {
	level, ok := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[v]
	c.LogLevel = level
	return ok
}

func setLogFormat(c *Config, v string) bool {
	c.LogFormat = v
	return v == "text" || v == "json"
}

// hasScheme reports whether the text is a URL with a host and one of the schemes.
func hasScheme(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return false
	}
	for _, s := range schemes {
		if u.Scheme == s {
			return true
		}
	}
	return false
}

func isListen(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && isPort(port)
}

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// units of sizes; without one a size is in bytes.
var units = []struct {
	name  string
	bytes int64
}{
	{"KiB", 1 << 10},
	{"MiB", 1 << 20},
	{"GiB", 1 << 30},
	{"kB", 1e3},
	{"KB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"", 1},
}

// parseSize reads a size such as 100MiB, 20 MB or 4096.
func parseSize(text string) (bytes int64, ok bool) {
	for _, u := range units {
		if number, found := strings.CutSuffix(text, u.name); found {
			n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 33)
			return n * u.bytes, err == nil
		}
	}
	return 0, false
}
