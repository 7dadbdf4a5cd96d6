package domain

import (
	"errors"
	"net/url"
	"strconv"
)

var errEndpointURL = errors.New("url is malformed; give one such as https://crm.example/hooks")

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
