package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"text/tabwriter"

	"recado/adapters/messenger/waba"
	"recado/domain"
)

// A Config is what the environment says. It may be logged as a whole.
type Config struct {
	DatabaseURL           domain.Secret // holds a password; empty: SQLite in DataDir
	RedisURL              domain.Secret // may hold a password; empty: in this process
	DataDir               string        // of what is embedded
	Listen                string
	InternalListen        string
	PublicURL             string        // without a slash at its end; empty: not known
	SecretKey             domain.Secret // empty: kept in DataDir
	CallbackAllowNetworks []netip.Prefix
	WABACharges           waba.Charges // nil: waba.DefaultCharges
	NoSubscriptionMetrics bool
	LogLevel              slog.Level
	LogFormat             string // text or json; empty: text on a terminal, else json
}

// A variable of the environment. Its mistakes are told by want, never by its
// value, so that no password prints.
type variable struct {
	name     string
	meaning  string
	want     string // what it must be, completes a sentence
	fallback string
	set      func(c *Config, value string) bool // false: the value is not what it must be
}

// variables lists all that is read from the environment, beside what a file of
// apply names.
var variables = []variable{
	{
		name: "RECADO_DATABASE_URL", set: setDatabaseURL,
		meaning: "the PostgreSQL database; empty: SQLite in the data directory",
		want:    "postgres://user:password@host:5432/name",
	},
	{
		name: "RECADO_REDIS_URL", set: setRedisURL,
		meaning: "the Redis of the jobs; empty: one in the process",
		want:    "redis://host:6379, rediss://…, redis-sentinel://host:26379?master=name, or the host:port of each node of a cluster, comma separated",
	},
	{
		name: "RECADO_DATA_DIR", fallback: "./data", set: setDataDir,
		meaning: "where the embedded stores live",
		want:    "a directory",
	},
	{
		name: "RECADO_SECRET_KEY", set: setSecretKey,
		meaning: "encrypts stored credentials; empty: made and kept in the data directory, but PostgreSQL requires it",
		want:    "32 bytes in base64, for example `openssl rand -base64 32`",
	},
	{
		name: "RECADO_LISTEN", fallback: ":8080", set: setListen,
		meaning: "public: webhooks and API",
		want:    "host:port or :port",
	},
	{
		name: "RECADO_INTERNAL_LISTEN", fallback: "127.0.0.1:9090", set: setInternalListen,
		meaning: "internal: metrics, health, pprof",
		want:    "host:port or :port",
	},
	{
		name: "RECADO_PUBLIC_URL", set: setPublicURL,
		meaning: "how the outside reaches the public listener",
		want:    "an http or https URL without user, query and fragment",
	},
	{
		name: "RECADO_CALLBACK_ALLOW_NETWORKS", set: setCallbackAllowNetworks,
		meaning: "networks that callbacks may reach although private",
		want:    "networks like 10.1.0.0/16, comma separated",
	},
	{
		name: "RECADO_WABA_CHARGES", set: setWABACharges,
		meaning: "the categories of WABA messages that cost a paid dialog, by day; empty: Meta's since 2025-07-01",
		want:    "days with categories, such as 2025-07-01=marketing,utility;2027-01-01=marketing",
	},
	{
		name: "RECADO_SUBSCRIPTION_METRICS", fallback: "on", set: setSubscriptionMetrics,
		meaning: "the metrics of single subscriptions",
		want:    "on or off",
	},
	{
		name: "RECADO_LOG_LEVEL", fallback: "info", set: setLogLevel,
		meaning: "the least that is logged",
		want:    "debug, info, warn or error",
	},
	{
		name: "RECADO_LOG_FORMAT", set: setLogFormat,
		meaning: "text on a terminal, else json",
		want:    "text or json",
	},
}

// readConfig reads every variable. One error lists all mistakes, a line each.
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
	if c.DatabaseURL != "" && c.SecretKey == "" {
		mistakes = append(mistakes, errors.New("RECADO_SECRET_KEY is not set: 32 bytes in base64, for example `openssl rand -base64 32`"))
	}
	return c, errors.Join(mistakes...)
}

// printVariables prints the variables as the end of the help.
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

// logger writes what the service logs.
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
