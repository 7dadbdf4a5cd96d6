// Package blob keeps the files of messages, in a folder or in a bucket.
package blob

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"recado/adapters/blob/disk"
	"recado/adapters/blob/s3"
	"recado/domain"
)

// A Place says where files are kept: in a bucket if it names one, else in a folder.
type Place struct {
	Folder string
	S3     s3.Config
}

// ParsePlace reads the path of a folder, or s3://bucket/prefix?endpoint=…&region=… with
// the keys in the variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
// AWS_SESSION_TOKEN. Without a region AWS_REGION counts.
func ParsePlace(text string, getenv func(string) string) (Place, error) {
	if !strings.Contains(text, "://") {
		return Place{Folder: text}, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User != nil {
		return Place{}, errors.New("must be a folder, or s3://bucket/prefix?endpoint=https://host&region=name")
	}
	c := s3.Config{
		Bucket: u.Host, Prefix: strings.Trim(u.Path, "/"), Region: getenv("AWS_REGION"),
		AccessKey: getenv("AWS_ACCESS_KEY_ID"), SecretKey: domain.Secret(getenv("AWS_SECRET_ACCESS_KEY")),
		SessionToken: domain.Secret(getenv("AWS_SESSION_TOKEN")),
	}
	for name, values := range u.Query() {
		switch name {
		case "region":
			c.Region = values[0]
		case "endpoint":
			if err := setEndpoint(&c, values[0]); err != nil {
				return Place{}, err
			}
		default:
			return Place{}, fmt.Errorf("has the parameter %s, which nothing reads: endpoint and region are known", name)
		}
	}
	if c.AccessKey == "" || c.SecretKey == "" {
		return Place{}, errors.New("names a bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too")
	}
	return Place{S3: c}, nil
}

// setEndpoint reads a host, with a port or without, or the URL of one.
func setEndpoint(c *s3.Config, text string) error {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		return errors.New("has an endpoint that is none: write https://host, http://host:port or host")
	}
	c.Endpoint, c.Insecure = u.Host, u.Scheme == "http"
	return nil
}

// Open returns the files at a place.
func Open(p Place) (domain.Files, error) {
	if p.S3.Bucket != "" {
		return s3.New(p.S3)
	}
	return disk.Open(p.Folder)
}
