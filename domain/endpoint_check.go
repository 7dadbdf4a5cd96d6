package domain

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// The bounds of a secret's length in bytes, from the specification of Standard Webhooks.
const (
	minEndpointSecret = 24
	maxEndpointSecret = 64
)

var (
	errEndpointURL    = errors.New("url is malformed; give one such as https://crm.example/hooks")
	errEndpointSecret = errors.New("secret must be whsec_ followed by the base64 of 24 to 64 random bytes")
)

// CheckEndpointURL returns nil if events can be posted to the URL. The error
// says how to fix it, and quotes nothing of the URL, which may hold a secret.
// CheckEndpointURL does not resolve the host: it may have another address at
// each delivery.
func CheckEndpointURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return errEndpointURL
	}
	for _, c := range []struct {
		bad bool
		fix string
	}{
		{u.Scheme != "https" && u.Scheme != "http", "url must begin with https:// or http://"},
		{u.Hostname() == "", "url must name a host, as https://crm.example/hooks does"},
		{!validPort(u.Port()), "url must have a port from 1 to 65535, or none"},
		{u.User != nil, "url must have no user or password; the CRM knows us by the signature"},
		{u.Fragment != "", "url must have no #fragment; it would never be sent"},
	} {
		if c.bad {
			return errors.New(c.fix)
		}
	}
	return nil
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// CheckEndpointSecret returns nil if events can be signed with the secret. The
// error says what a secret looks like, and quotes nothing of this one.
func CheckEndpointSecret(s Secret) error {
	encoded, ok := strings.CutPrefix(string(s), "whsec_")
	if !ok || strings.ContainsAny(encoded, "\r\n") { // the decoder would skip line ends
		return errEndpointSecret
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) < minEndpointSecret || len(key) > maxEndpointSecret {
		return errEndpointSecret
	}
	return nil
}
