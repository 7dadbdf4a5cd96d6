package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"text/tabwriter"

	"recado/adapters/blob"
	"recado/adapters/messenger/waba"
	"recado/domain"
)

// A Config holds the settings of the environment. It is safe to log as a whole.
type Config struct {
	DatabaseURL           domain.Secret // holds a password; empty: SQLite in DataDir
	RedisURL              domain.Secret // may hold a password; empty: in this process
	DataDir               string        // of the embedded stores
	SpoolDir              string        // empty: no spool
	Listen                string
	InternalListen        string
	PublicURL             string        // without a trailing slash; empty if not set
	SecretKey             domain.Secret // empty: the one in DataDir
	PreviousSecretKey     domain.Secret // opens what was sealed before; empty: none
	Media                 blob.Place
	MediaMax              int64  // bytes of the largest file
	FFmpeg                string // the program; empty: none
	CallbackAllowNetworks []netip.Prefix
	WABACharges           waba.Charges // nil: waba.DefaultCharges
	SubscriptionMetrics   int          // how many subscriptions have metrics; metrics.AllSubscriptions: every one
	LogLevel              slog.Level
	LogFormat             string // text or json; empty: text on a terminal, else json
}

// A variable is an environment variable. An error about it shows want and never
// the value, which may hold a password.
type variable struct {
	name     string
	meaning  string
	want     string // completes the sentence "NAME must be …"
	fallback string
	set      func(c *Config, value string) bool // reports whether the value is valid
}

// variables lists the environment variables that the program reads. A file of
// apply may name others.
var variables = []variable{
	{
		name: "RECADO_DATABASE_URL", set: setDatabaseURL,
		meaning: "URL of the PostgreSQL database; empty: SQLite in the data directory",
		want:    "postgres://user:password@host:5432/name",
	},
	{
		name: "RECADO_REDIS_URL", set: setRedisURL,
		meaning: "URL of the Redis that carries the jobs; empty: one inside the process",
		want:    "redis://host:6379, redis-sentinel://host:26379?master=name, redis-cluster://host:6379, the same with rediss for TLS, or the host:port of each node of a cluster, comma separated",
	},
	{
		name: "RECADO_DATA_DIR", fallback: "./data", set: setDataDir,
		meaning: "directory of the embedded stores",
		want:    "a directory",
	},
	{
		name: "RECADO_SPOOL_DIR", set: setSpoolDir,
		meaning: "directory, of this process alone, in which webhooks wait while the database is away; empty: they are refused then",
		want:    "a directory",
	},
	{
		name: "RECADO_SECRET_KEY", set: setSecretKey,
		meaning: "encrypts stored credentials; required with PostgreSQL; else generated in the data directory",
		want:    "32 bytes in base64, for example `openssl rand -base64 32`",
	},
	{
		name: "RECADO_PREVIOUS_SECRET_KEY", set: setPreviousSecretKey,
		meaning: "the previous secret key, while it is being changed: see recado rekey",
		want:    "32 bytes in base64, which RECADO_SECRET_KEY was before",
	},
	{
		name: "RECADO_LISTEN", fallback: ":8080", set: setListen,
		meaning: "public address: webhooks and API",
		want:    "host:port or :port",
	},
	{
		name: "RECADO_INTERNAL_LISTEN", fallback: "127.0.0.1:9090", set: setInternalListen,
		meaning: "internal address: metrics, health, pprof",
		want:    "host:port or :port",
	},
	{
		name: "RECADO_PUBLIC_URL", set: setPublicURL,
		meaning: "public base URL of webhooks and API; paths are served with its path in front and without",
		want:    "an http or https URL without user, query and fragment",
	},
	{
		name: "RECADO_MEDIA_URL", set: setMediaURL,
		meaning: "where files are kept: a folder, or s3://bucket/prefix?endpoint=…&region=… with keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; empty: media in the data directory",
	},
	{
		name: "RECADO_MEDIA_MAX", fallback: "100MiB", set: setMediaMax,
		meaning: "the largest file that is fetched from a messenger or uploaded",
		want:    "a size from 1KiB to 4GiB, such as 100MiB",
	},
	{
		name: "RECADO_FFMPEG", set: setFFmpeg,
		meaning: "program that turns voice messages of Safari, which are MP4, into OGG; empty: they are refused",
		want:    "a program that can be run, such as /usr/bin/ffmpeg",
	},
	{
		name: "RECADO_CALLBACK_ALLOW_NETWORKS", set: setCallbackAllowNetworks,
		meaning: "private networks that callbacks, and files sent by URL, may reach",
		want:    "networks like 10.1.0.0/16, comma separated",
	},
	{
		name: "RECADO_WABA_CHARGES", set: setWABACharges,
		meaning: "categories of WABA messages that cost a paid dialog, from which day on; empty: Meta's since 2025-07-01",
		want:    "days with categories, such as 2025-07-01=marketing,utility;2027-01-01=marketing",
	},
	{
		name: "RECADO_SUBSCRIPTION_METRICS", fallback: "on", set: setSubscriptionMetrics,
		meaning: "metrics for each subscription: on, off, or a number of those nearest to a limit",
		want:    "on, off or a number",
	},
	{
		name: "OTEL_EXPORTER_OTLP_ENDPOINT", set: setTraces,
		meaning: "where traces of messages go, by OTLP over HTTP; empty: none are recorded; the other OTEL_ variables hold, too",
		want:    "an http or https URL, such as http://127.0.0.1:4318",
	},
	{
		name: "RECADO_LOG_LEVEL", fallback: "info", set: setLogLevel,
		meaning: "lowest level that is logged",
		want:    "debug, info, warn or error",
	},
	{
		name: "RECADO_LOG_FORMAT", set: setLogFormat,
		meaning: "text or json; empty: text on a terminal, else json",
		want:    "text or json",
	},
}

// readConfig reads every variable. The error has a line for each mistake.
func readConfig(getenv func(string) string) (Config, error) {
	var c Config
	var mistakes []error
	for _, v := range variables {
		value := getenv(v.name)
		if value == "" {
			value = v.fallback
		}
		if value != "" && !v.set(&c, value) {
			mistakes = append(mistakes, fmt.Errorf("%s must be %s", v.name, v.want))
		}
	}
	var err error
	if c.Media.Folder == "" {
		c.Media.Folder = filepath.Join(c.DataDir, "media")
	}
	if c.Media, err = blob.ParsePlace(c.Media.Folder, getenv); err != nil {
		mistakes = append(mistakes, fmt.Errorf("RECADO_MEDIA_URL %w", err))
	}
	if c.DatabaseURL != "" && c.SecretKey == "" {
		mistakes = append(mistakes, errors.New("RECADO_SECRET_KEY is not set: 32 bytes in base64, for example `openssl rand -base64 32`"))
	}
	return c, errors.Join(mistakes...)
}

// printVariables prints the variables, the last section of the help.
func printVariables(w io.Writer) error {
	fmt.Fprint(w, "\nEnvironment:\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range variables {
		note := ""
		if v.fallback != "" {
			note = " (" + v.fallback + ")"
		}
		fmt.Fprintf(table, "  %s\t%s%s\n", v.name, v.meaning, note)
	}
	return table.Flush()
}

// logger returns the logger of the service.
func logger(c Config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "text" || c.LogFormat == "" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
