// Package s3 keeps files in a bucket of Amazon S3, or of another store with its protocol.
package s3

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"recado/domain"
)

// Config says where a bucket is, and with which key it is used.
type Config struct {
	Endpoint string // host or host:port; empty: Amazon's
	Insecure bool   // HTTP instead of HTTPS
	Region   string // empty: us-east-1, which other stores than Amazon's take for theirs
	Bucket   string
	Prefix   string // of the key of each file, without slashes at its ends; may be empty

	AccessKey    string
	SecretKey    domain.Secret
	SessionToken domain.Secret // of temporary keys; else empty
}

const (
	amazon        = "s3.amazonaws.com"
	defaultRegion = "us-east-1"
)

// maxTries is how often a request is made that the store could not answer. Callers try
// again later by themselves.
const maxTries = 3

// Files implements domain.Files.
type Files struct {
	client *minio.Client
	bucket string
	prefix string
}

// New returns the files in a bucket. It does not connect yet.
func New(c Config) (*Files, error) {
	if c.Endpoint == "" {
		c.Endpoint = amazon
	}
	if c.Region == "" {
		c.Region = defaultRegion
	}
	client, err := minio.New(c.Endpoint, &minio.Options{
		Creds:  credentials.NewStaticV4(c.AccessKey, string(c.SecretKey), string(c.SessionToken)),
		Secure: !c.Insecure, Region: c.Region, MaxRetries: maxTries,
	})
	if err != nil {
		return nil, err
	}
	return &Files{client, c.Bucket, c.Prefix}, nil
}

// Put stores a file by one request, which the store carries out as a whole or not at
// all: that is the contract, and leaves no parts behind that somebody must remove.
// Nothing of the file is held in memory.
func (f *Files) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := domain.CheckFileKey(key); err != nil {
		return err
	}
	_, err := f.client.PutObject(ctx, f.bucket, f.name(key), r, size, minio.PutObjectOptions{
		ContentType: domain.Binary, DisableMultipart: true,
	})
	return failed("store", key, err)
}

// Open opens the file of a key. A read after a seek is a request of its own.
func (f *Files) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	if err := domain.CheckFileKey(key); err != nil {
		return nil, err
	}
	object, err := f.client.GetObject(ctx, f.bucket, f.name(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, failed("open", key, err)
	}
	if _, err := object.Stat(); err != nil {
		_ = object.Close() // nothing was read
		if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
			return nil, domain.ErrNotFound
		}
		return nil, failed("open", key, err)
	}
	return object, nil
}

// Delete removes the file of a key.
func (f *Files) Delete(ctx context.Context, key string) error {
	if err := domain.CheckFileKey(key); err != nil {
		return err
	}
	return failed("delete", key, f.client.RemoveObject(ctx, f.bucket, f.name(key), minio.RemoveObjectOptions{}))
}

// Ping reports whether the bucket is there and the key may use it.
func (f *Files) Ping(ctx context.Context) error {
	exists, err := f.client.BucketExists(ctx, f.bucket)
	switch {
	case err == nil && exists:
		return nil
	case err == nil:
		return fmt.Errorf("%w: there is no bucket %s at %s: create it, or change RECADO_MEDIA_URL", domain.ErrUnavailable, f.bucket, f.client.EndpointURL().Host)
	case denied(err):
		return fmt.Errorf("%w: the key may not use the bucket %s: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the region: %w", domain.ErrUnavailable, f.bucket, err)
	}
	return fmt.Errorf("%w: bucket %s: %w", domain.ErrUnavailable, f.bucket, err)
}

func denied(err error) bool {
	status := minio.ToErrorResponse(err).StatusCode
	return status == http.StatusForbidden || status == http.StatusUnauthorized || status == http.StatusBadRequest
}

func (f *Files) name(key string) string { return path.Join(f.prefix, key) }

// failed says at which file a request failed; nil stays nil.
func failed(what, key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %s file %s: %w", domain.ErrUnavailable, what, key, err)
}
