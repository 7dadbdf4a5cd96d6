package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"recado/adapters/blob"
	"recado/adapters/blob/s3"
	"recado/adapters/messenger/waba"
	"recado/domain"
	"recado/metrics"
)

const aKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// good holds the variables that must be set.
var good = map[string]string{
	"RECADO_DATABASE_URL": "postgres://recado:hunter2@db:5432/recado",
	"RECADO_REDIS_URL":    "redis://:hunter2@redis:6379",
	"RECADO_SECRET_KEY":   aKey,
}

// goodBut returns good with changes.
func goodBut(changes ...string) map[string]string {
	vars := maps.Clone(good)
	for _, c := range changes {
		name, value, _ := strings.Cut(c, "=")
		vars[name] = value
	}
	return vars
}

func TestReadConfig(t *testing.T) {
	defaults := Config{
		DatabaseURL: domain.Secret(good["RECADO_DATABASE_URL"]), RedisURL: domain.Secret(good["RECADO_REDIS_URL"]), SecretKey: aKey,
		DataDir: "./data", Listen: ":8080", InternalListen: "127.0.0.1:9090", Media: blob.Place{Folder: "data/media"}, MediaMax: 100 << 20,
		SubscriptionMetrics: metrics.AllSubscriptions,
	}
	with := func(change func(*Config)) Config {
		c := defaults
		change(&c)
		return c
	}
	tests := []struct {
		name string
		vars map[string]string
		want Config
	}{
		{"what PostgreSQL and Redis need", good, defaults},
		{"nothing at all: everything is embedded", nil, with(func(c *Config) { c.DatabaseURL, c.RedisURL, c.SecretKey = "", "", "" })},
		{
			"a database of several hosts", goodBut("RECADO_DATABASE_URL=postgresql://u:p@a:5432,b:5432/x?target_session_attrs=read-write"),
			with(func(c *Config) {
				c.DatabaseURL = "postgresql://u:p@a:5432,b:5432/x?target_session_attrs=read-write"
			}),
		},
		{
			"sentinels", goodBut("RECADO_REDIS_URL=redis-sentinel://:p@a:26379,b:26379?master=m"),
			with(func(c *Config) { c.RedisURL = "redis-sentinel://:p@a:26379,b:26379?master=m" }),
		},
		{"a cluster", goodBut("RECADO_REDIS_URL=a:6379,b:6379"), with(func(c *Config) { c.RedisURL = "a:6379,b:6379" })},
		{
			"addresses", goodBut("RECADO_LISTEN=[::1]:80", "RECADO_INTERNAL_LISTEN=:0"),
			with(func(c *Config) { c.Listen, c.InternalListen = "[::1]:80", ":0" }),
		},
		{
			"a public URL ends without a slash", goodBut("RECADO_PUBLIC_URL=https://recado.example/in/"),
			with(func(c *Config) { c.PublicURL = "https://recado.example/in" }),
		},
		{
			"networks", goodBut("RECADO_CALLBACK_ALLOW_NETWORKS=10.1.2.3/16, fd00::/8"),
			with(func(c *Config) {
				c.CallbackAllowNetworks = []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")}
			}),
		},
		{
			"files in a folder", goodBut("RECADO_MEDIA_URL=/srv/files", "RECADO_MEDIA_MAX=20 MB"),
			with(func(c *Config) { c.Media, c.MediaMax = blob.Place{Folder: "/srv/files"}, 20_000_000 }),
		},
		{
			"files in a bucket", goodBut("RECADO_MEDIA_URL=s3://files/acme", "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=hunter2", "AWS_REGION=eu-west-1"),
			with(func(c *Config) {
				c.Media = blob.Place{S3: s3.Config{Bucket: "files", Prefix: "acme", Region: "eu-west-1", AccessKey: "key", SecretKey: "hunter2"}}
			}),
		},
		{
			"a program for Safari's voice messages", goodBut("RECADO_FFMPEG=" + os.Args[0]),
			with(func(c *Config) { c.FFmpeg = os.Args[0] }),
		},
		{
			"charges", goodBut("RECADO_WABA_CHARGES=2026-01-01=marketing"),
			with(func(c *Config) {
				c.WABACharges = waba.Charges{{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Categories: []string{"marketing"}}}
			}),
		},
		{
			"without the metrics of subscriptions", goodBut("RECADO_SUBSCRIPTION_METRICS=off"),
			with(func(c *Config) { c.SubscriptionMetrics = 0 }),
		},
		{
			"the metrics of the subscriptions that are nearest to a limit", goodBut("RECADO_SUBSCRIPTION_METRICS=500"),
			with(func(c *Config) { c.SubscriptionMetrics = 500 }),
		},
		{
			"logs", goodBut("RECADO_LOG_LEVEL=debug", "RECADO_LOG_FORMAT=text"),
			with(func(c *Config) { c.LogLevel, c.LogFormat = slog.LevelDebug, "text" }),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readConfig(environ(tt.vars))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadConfigMistakes(t *testing.T) {
	tests := []struct {
		change string // of what is good; its value must not print
		want   string
	}{
		{"RECADO_DATABASE_URL=mysql://u:hunter2@h/d", "RECADO_DATABASE_URL must be postgres://user:password@host:5432/name"},
		{"RECADO_DATABASE_URL=postgres://u:hunt%er2@h/d", "RECADO_DATABASE_URL must be postgres://user:password@host:5432/name"},
		{"RECADO_DATABASE_URL=host=h password=hunter2", "RECADO_DATABASE_URL must be postgres://user:password@host:5432/name"},
		{"RECADO_REDIS_URL=localhost:6379", "RECADO_REDIS_URL must be redis://host:6379, redis-sentinel://host:26379?master=name, redis-cluster://host:6379, the same with rediss for TLS, or the host:port of each node of a cluster, comma separated"},
		{"RECADO_REDIS_URL=http://:hunter2@redis", "RECADO_REDIS_URL must be redis://host:6379, redis-sentinel://host:26379?master=name, redis-cluster://host:6379, the same with rediss for TLS, or the host:port of each node of a cluster, comma separated"},
		{"RECADO_SECRET_KEY=", "RECADO_SECRET_KEY is not set: 32 bytes in base64, for example `openssl rand -base64 32`"},
		{"RECADO_SECRET_KEY=aHVudGVyMg==", "RECADO_SECRET_KEY must be 32 bytes in base64, for example `openssl rand -base64 32`"},
		{"RECADO_LISTEN=8080", "RECADO_LISTEN must be host:port or :port"},
		{"RECADO_INTERNAL_LISTEN=:http", "RECADO_INTERNAL_LISTEN must be host:port or :port"},
		{"RECADO_PUBLIC_URL=recado.example", "RECADO_PUBLIC_URL must be an http or https URL without user, query and fragment"},
		{"RECADO_PUBLIC_URL=https://u:hunter2@recado.example", "RECADO_PUBLIC_URL must be an http or https URL without user, query and fragment"},
		{"RECADO_CALLBACK_ALLOW_NETWORKS=10.0.0.0/8,10.0.0.1", "RECADO_CALLBACK_ALLOW_NETWORKS must be networks like 10.1.0.0/16, comma separated"},
		{"RECADO_MEDIA_URL=https://files.example", "RECADO_MEDIA_URL must be a folder, or s3://bucket/prefix?endpoint=https://host&region=name"},
		{"RECADO_MEDIA_URL=s3://files", "RECADO_MEDIA_URL names a bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too"},
		{"RECADO_MEDIA_MAX=100 megabytes", "RECADO_MEDIA_MAX must be a size from 1KiB to 4GiB, such as 100MiB"},
		{"RECADO_MEDIA_MAX=5GiB", "RECADO_MEDIA_MAX must be a size from 1KiB to 4GiB, such as 100MiB"},
		{"RECADO_MEDIA_MAX=-1", "RECADO_MEDIA_MAX must be a size from 1KiB to 4GiB, such as 100MiB"},
		{"RECADO_FFMPEG=/nowhere/ffmpeg", "RECADO_FFMPEG must be a program that can be run, such as /usr/bin/ffmpeg"},
		{"RECADO_LOG_LEVEL=INFO", "RECADO_LOG_LEVEL must be debug, info, warn or error"},
		{"RECADO_WABA_CHARGES=utility", "RECADO_WABA_CHARGES must be days with categories, such as 2025-07-01=marketing,utility;2027-01-01=marketing"},
		{"RECADO_SUBSCRIPTION_METRICS=no", "RECADO_SUBSCRIPTION_METRICS must be on, off or a number"},
		{"RECADO_LOG_FORMAT=xml", "RECADO_LOG_FORMAT must be text or json"},
	}
	for _, tt := range tests {
		t.Run(tt.change, func(t *testing.T) {
			_, err := readConfig(environ(goodBut(tt.change)))
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("%s:\n%s, want\n%s", tt.change, got, tt.want)
			}
		})
	}
}

func TestReadConfigTellsEveryMistakeAtOnce(t *testing.T) {
	wrong := map[string]string{}
	var names []string
	for _, v := range variables {
		if !slices.Contains([]string{"RECADO_DATA_DIR", "RECADO_SPOOL_DIR", "RECADO_MEDIA_URL"}, v.name) { // any text names a directory
			wrong[v.name] = "?"
			names = append(names, v.name)
		}
	}
	_, err := readConfig(environ(wrong))
	lines := strings.Split(fmt.Sprint(err), "\n")
	if len(lines) != len(names) {
		t.Fatalf("%d lines for %d variables:\n%v", len(lines), len(names), err)
	}
	for i, name := range names {
		if !strings.HasPrefix(lines[i], name+" ") {
			t.Errorf("line %d is %q, want it to name %s", i+1, lines[i], name)
		}
	}
}

func TestConfigPrintsNoSecret(t *testing.T) {
	c, err := readConfig(environ(goodBut("RECADO_MEDIA_URL=s3://files", "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=hunter2")))
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	for _, format := range []string{"text", "json"} {
		c.LogFormat = format
		logger(c, &logged).Info("start", "config", c)
	}
	fmt.Fprintf(&logged, "%v %+v %#v", c, c, c)
	for _, secret := range []string{"hunter2", aKey} {
		if strings.Contains(logged.String(), secret) {
			t.Errorf("%q prints in %s", secret, &logged)
		}
	}
}

func TestLogger(t *testing.T) {
	tests := []struct {
		name string
		c    Config
		want string
	}{
		{"json where no terminal is", Config{}, `"msg":"told"`},
		{"text if one says so", Config{LogFormat: "text"}, "msg=told"},
		{"nothing below the level", Config{LogLevel: slog.LevelWarn}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w bytes.Buffer
			logger(tt.c, &w).Info("told")
			if got := w.String(); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("logged %q, want %q", got, tt.want)
			}
		})
	}
	if isTerminal(io.Discard) {
		t.Error("io.Discard is a terminal")
	}
}
