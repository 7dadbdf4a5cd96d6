package connectortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"testing"

	"recado/domain"
)

// A verification is a webhook, and whether the messenger sent it.
type verification struct {
	name    string
	hook    domain.Settings
	header  http.Header
	body    []byte
	genuine bool
	ofBody  bool // only the body is wrong: a messenger that shows a token does not notice
}

func (s Suite) verify(t *testing.T) {
	c := s.New(http.DefaultClient)
	body := []byte(`{"text":"J'ai mang\u00e9 des p\u00e2tes","n":1.0}`)
	current := s.Hook[s.Current]
	only := func(name string) domain.Settings {
		hook := maps.Clone(s.Hook)
		delete(hook, s.Current)
		delete(hook, s.Previous)
		if name != "" {
			hook[name] = s.Hook[name]
		}
		return hook
	}
	signed := s.Sign(current, body)
	tests := []verification{
		{"signed with the current secret", s.Hook, signed, body, true, false},
		{"signed with another secret", s.Hook, s.Sign("another", body), body, false, false},
		{"signed with an empty secret", s.Hook, s.Sign("", body), body, false, false},
		{"an empty secret, and none is set", only(""), s.Sign("", body), body, false, false},
		{"not signed", s.Hook, http.Header{}, body, false, false},
		{"the signature is cut", s.Hook, altered(signed, func(v string) string { return v[:len(v)-1] }), body, false, false},
		{"the signature lost two letters", s.Hook, altered(signed, func(v string) string { return v[:len(v)-2] }), body, false, false},
		{"the signature is longer", s.Hook, altered(signed, func(v string) string { return v + "00" }), body, false, false},
		{"the signature is empty", s.Hook, altered(signed, func(string) string { return "" }), body, false, false},
		{"the signature is garbage", s.Hook, altered(signed, func(string) string { return "\xff=;" }), body, false, false},
		{"the body was changed", s.Hook, signed, bytes.Replace(body, []byte("1.0"), []byte("2.0"), 1), false, true},
		{"the body is empty", s.Hook, signed, nil, false, true},
		{"the body was decoded and encoded again", s.Hook, signed, reencoded(t, body), false, true},
	}
	if s.Previous != "" {
		previous := s.Hook[s.Previous]
		tests = append(tests,
			verification{"signed with the previous secret", s.Hook, s.Sign(previous, body), body, true, false},
			verification{"the previous secret was never set", only(s.Current), signed, body, true, false},
			verification{"the previous secret was removed", only(s.Current), s.Sign(previous, body), body, false, false})
	}
	for _, test := range tests {
		if test.ofBody && s.TokenOnly {
			continue // the messenger does not sign the body
		}
		t.Run(test.name, func(t *testing.T) {
			err := c.Verify(test.hook, test.header, test.body)
			if early := c.VerifyHeader(test.hook, test.header); early != nil && (err == nil || !errors.Is(early, domain.ErrForged)) {
				t.Errorf("VerifyHeader = %v, although Verify = %v", early, err)
			}
			if test.genuine && err != nil {
				t.Errorf("Verify = %v, want nil", err)
			}
			if !test.genuine && !errors.Is(err, domain.ErrForged) {
				t.Errorf("Verify = %v, want %v", err, domain.ErrForged)
			}
		})
	}
}

// verifyHeader checks what is told before the body has arrived.
func (s Suite) verifyHeader(t *testing.T) {
	c := s.New(http.DefaultClient)
	if err := c.VerifyHeader(s.Hook, http.Header{}); !errors.Is(err, domain.ErrForged) {
		t.Errorf("without a signature VerifyHeader = %v, want %v", err, domain.ErrForged)
	}
	if err := c.VerifyHeader(s.Hook, s.Sign("another", nil)); s.TokenOnly && !errors.Is(err, domain.ErrForged) {
		t.Errorf("with another token VerifyHeader = %v, want %v", err, domain.ErrForged)
	}
}

// altered changes every header.
func altered(h http.Header, change func(string) string) http.Header {
	changed := http.Header{}
	for name, values := range h {
		changed.Set(name, change(values[0]))
	}
	return changed
}

func reencoded(t *testing.T, body []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return again
}
