package blob_test

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/blob"
	"recado/adapters/blob/blobtest"
	"recado/adapters/blob/s3"
	"recado/adapters/blob/s3/s3test"
	"recado/domain"
)

func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// opened returns the files at a place of a test's S3, or in a folder.
func opened(t *testing.T, url string, env map[string]string) domain.Files {
	t.Helper()
	place, err := blob.ParsePlace(url, lookup(env))
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.Open(place)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestABucketIsAStoreOfFiles(t *testing.T) {
	url, env := s3test.Start(t)
	blobtest.Run(t, opened(t, url, env))
}

func TestAFolderIsAStoreOfFiles(t *testing.T) {
	blobtest.Run(t, opened(t, filepath.Join(t.TempDir(), "media"), nil))
}

func TestABucketThatIsNotThereIsSaid(t *testing.T) {
	url, env := s3test.Start(t)
	err := opened(t, strings.Replace(url, "s3://", "s3://no-", 1), env).Ping(t.Context())
	if !errors.Is(err, domain.ErrUnavailable) || !strings.Contains(fmt.Sprint(err), "create it") {
		t.Error(err)
	}
}

func TestAServerThatIsAwayIsUnavailable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there
	files := opened(t, "s3://bucket?endpoint=http://"+l.Addr().String(), map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "hunter2"})
	_, openErr := files.Open(t.Context(), "acme/med_1")
	for call, err := range map[string]error{
		"put": files.Put(t.Context(), "acme/med_1", strings.NewReader("x"), 1), "open": openErr,
		"delete": files.Delete(t.Context(), "acme/med_1"), "ping": files.Ping(t.Context()),
	} {
		if !errors.Is(err, domain.ErrUnavailable) || errors.Is(err, domain.ErrNotFound) || strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestParsePlace(t *testing.T) {
	keys := map[string]string{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
	inRegion := map[string]string{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "AWS_REGION": "eu-west-1"}
	tests := []struct {
		name, text string
		env        map[string]string
		want       blob.Place
	}{
		{"a folder", "/var/lib/recado/media", nil, blob.Place{Folder: "/var/lib/recado/media"}},
		{"a bucket of Amazon", "s3://files", inRegion, blob.Place{S3: s3.Config{
			Bucket: "files", Region: "eu-west-1", AccessKey: "key", SecretKey: "secret", SessionToken: "token",
		}}},
		{"a store beside, without encryption", "s3://files/a/b/?endpoint=http://minio:9000&region=here", inRegion, blob.Place{S3: s3.Config{
			Endpoint: "minio:9000", Insecure: true, Bucket: "files", Prefix: "a/b", Region: "here", AccessKey: "key", SecretKey: "secret", SessionToken: "token",
		}}},
		{"an endpoint without a scheme", "s3://files?endpoint=s3.example", keys, blob.Place{S3: s3.Config{
			Endpoint: "s3.example", Bucket: "files", AccessKey: "key", SecretKey: "secret",
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := blob.ParsePlace(tt.text, lookup(tt.env))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParsePlaceSaysHowToMend(t *testing.T) {
	keys := map[string]string{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
	for _, tt := range []struct {
		text string
		env  map[string]string
		want string
	}{
		{"https://files.example/bucket", keys, "must be a folder, or s3://bucket/prefix?endpoint=https://host&region=name"},
		{"s3:///prefix", keys, "must be a folder, or s3://bucket/"},
		{"s3://key:hunter2@bucket", keys, "must be a folder, or s3://bucket/"},
		{"s3://bucket?endpoint=ftp://host", keys, "write https://host, http://host:port or host"},
		{"s3://bucket?endpoint=https://host/path", keys, "write https://host, http://host:port or host"},
		{"s3://bucket?regoin=x", keys, "has the parameter regoin"},
		{"s3://bucket", nil, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"},
	} {
		if _, err := blob.ParsePlace(tt.text, lookup(tt.env)); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v; want %q", tt.text, err, tt.want)
		}
	}
}
