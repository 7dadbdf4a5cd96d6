package main

import (
	"context"
	"fmt"
	"log/slog"

	goredis "github.com/redis/go-redis/v9"
)

// redirectLogs lets the lines of the libraries that log by themselves go through
// the program's logger too: net/http, goose and asynq use the standard library's
// default logger, and go-redis has its own.
func redirectLogs(log *slog.Logger) {
	slog.SetLogLoggerLevel(slog.LevelWarn)
	slog.SetDefault(log)
	goredis.SetLogger(redisLog{log})
}

// redisLog passes the log lines of go-redis on. While Redis is away there are
// dozens a second, and the program has lines of its own about that.
type redisLog struct{ log *slog.Logger }

// Printf implements the logger of go-redis.
func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, "go-redis reports", "text", fmt.Sprintf(format, args...))
}

// A loggedError was logged: main must not print it once more.
type loggedError struct{ error }

// Unwrap returns the error.
func (e loggedError) Unwrap() error { return e.error }

// logError logs the error with which the service ends, if its log is JSON: a line
// of another form would break who reads it.
func logError(log *slog.Logger, err error) error {
	if _, isJSON := log.Handler().(*slog.JSONHandler); err == nil || !isJSON {
		return err
	}
	log.Error("the service failed", "err", err)
	return loggedError{err}
}
