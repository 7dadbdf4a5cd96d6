package crm

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// explain says why there was no response. Errors of net/http contain the URL and
// may contain bytes of the response, so that only texts of this file are returned.
func (d *Deliverer) explain(err error) string {
	var forbidden *forbiddenError
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &forbidden):
		return forbidden.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("host %s is not found", dns.Name)
	case dns != nil:
		return fmt.Sprintf("host %s cannot be looked up", dns.Name)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer in %s", d.Timeout)
	}
	for _, row := range explanations {
		if row.is(err) {
			return row.text
		}
	}
	return "no answer that can be read"
}

// explanations is read top to bottom; the first match decides.
var explanations = []struct {
	is   func(error) bool
	text string
}{
	{as[x509.HostnameError], "the TLS certificate is for another host"},
	{as[x509.UnknownAuthorityError], "the TLS certificate is signed by an unknown authority"},
	{as[x509.CertificateInvalidError], "the TLS certificate has expired or may not be used"},
	{as[*tls.CertificateVerificationError], "the TLS certificate is not accepted"},
	{as[tls.AlertError], "the endpoint refused TLS"},
	{as[tls.RecordHeaderError], "the endpoint does not speak TLS"},
	{is(syscall.ECONNREFUSED), "connection refused"},
	{is(syscall.EHOSTUNREACH), "no route to the host"},
	{is(syscall.ENETUNREACH), "no route to the host"},
	{is(syscall.ECONNRESET), "the connection was cut before the answer"},
	{is(syscall.EPIPE), "the connection was cut before the answer"},
	{is(io.EOF), "the connection was cut before the answer"},
	{is(io.ErrUnexpectedEOF), "the connection was cut before the answer"},
	{says("response headers exceeded"), fmt.Sprintf("the headers of the answer are longer than %d KiB", maxHeaders>>10)},
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// says finds errors of net/http that have no type.
func says(part string) func(error) bool {
	return func(err error) bool { return strings.Contains(err.Error(), part) }
}

func as[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}
