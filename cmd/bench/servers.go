package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// Servers are the real Postgres and Redis. bench removes whatever it creates there.
type servers struct {
	postgres  *url.URL
	redisURL  string // of a database of its own
	admin     *pgx.Conn
	redis     *redis.Client
	databases []string // created by bench
	migrated  string   // the name of one that is only copied
}

// redisNumber is the Redis database that bench uses, and empties before each row.
const redisNumber = 15

func openServers(ctx context.Context, database, redisURL string) (*servers, error) {
	if database == "" || redisURL == "" {
		return nil, errors.New(`TEST_DATABASE_URL and TEST_REDIS_URL are not set; eval "$(deploy/services env)" sets them`)
	}
	s := &servers{}
	var err error
	if s.postgres, err = url.Parse(database); err != nil {
		return nil, errors.New("TEST_DATABASE_URL is not a URL")
	}
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		return nil, errors.New("TEST_REDIS_URL is not a URL")
	}
	u, _ := url.Parse(redisURL) // parsed before
	u.Path = "/" + strconv.Itoa(redisNumber)
	s.redisURL = u.String()
	options.DB = redisNumber
	s.redis = redis.NewClient(options)
	if s.admin, err = pgx.Connect(ctx, database); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return s, nil
}

// database creates an empty database and returns its URL.
func (s *servers) database(ctx context.Context) (string, error) {
	name, err := s.create(ctx, "template1")
	return s.url(name), err
}

// copyMigrated creates a database with tables. The first is migrated, and copied since.
func (s *servers) copyMigrated(ctx context.Context, migrate func(database string) error) (string, error) {
	if s.migrated == "" {
		name, err := s.create(ctx, "template1")
		if err != nil {
			return "", err
		}
		if err := migrate(s.url(name)); err != nil {
			return "", err
		}
		s.migrated = name
	}
	name, err := s.create(ctx, s.migrated)
	return s.url(name), err
}

func (s *servers) create(ctx context.Context, template string) (name string, err error) {
	name = fmt.Sprintf("bench_%d_%d", os.Getpid(), len(s.databases))
	if _, err := s.admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		return "", fmt.Errorf("database: %w", err)
	}
	s.databases = append(s.databases, name)
	return name, nil
}

func (s *servers) url(name string) string {
	u := *s.postgres
	u.Path = "/" + name
	return u.String()
}

// dropDatabase drops a database.
func (s *servers) dropDatabase(ctx context.Context, database string) error {
	_, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+database[strings.LastIndex(database, "bench_"):strings.Index(database+"?", "?")]+" WITH (FORCE)")
	return err
}

// emptyRedis deletes what the previous program left.
func (s *servers) emptyRedis(ctx context.Context) error { return s.redis.FlushDB(ctx).Err() }

// close drops all databases, also after an interrupted run.
func (s *servers) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	errs := []error{s.emptyRedis(ctx), s.redis.Close()}
	for _, name := range s.databases {
		_, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		errs = append(errs, err)
	}
	return errors.Join(append(errs, s.admin.Close(ctx))...)
}

// postgresPID returns the process id of a server on this machine, or 0.
func (s *servers) postgresPID(ctx context.Context) int {
	var backend int
	if s.admin.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&backend) != nil {
		return 0
	}
	stat, err := readStat(backend)
	if err != nil || stat.name != "postgres" {
		return 0
	}
	return stat.parent
}

// redisPID returns the process id of a server on this machine, or 0.
func (s *servers) redisPID(ctx context.Context) int {
	pid, err := strconv.Atoi(s.redisInfo(ctx, "process_id"))
	if err != nil {
		return 0
	}
	if stat, err := readStat(pid); err != nil || stat.name != "redis-server" {
		return 0
	}
	return pid
}

// redisInfo returns a value of INFO, or nothing.
func (s *servers) redisInfo(ctx context.Context, name string) string {
	_, rest, _ := strings.Cut(s.redis.Info(ctx, "everything").Val(), "\n"+name+":")
	value, _, _ := strings.Cut(rest, "\r")
	return value
}
