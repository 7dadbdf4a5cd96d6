package vault

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var (
	key   = bytes.Repeat([]byte("k"), keySize)
	other = bytes.Repeat([]byte("o"), keySize)
)

const place = "connection/waba-1"

func open(t *testing.T, key []byte) *Vault {
	t.Helper()
	v, err := New(key)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func seal(t *testing.T, v *Vault, plain string) []byte {
	t.Helper()
	sealed, err := v.Seal([]byte(plain), place)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestSealedValuesOpen(t *testing.T) {
	sealer, opener := open(t, key), open(t, key)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		context := rapid.String().Draw(t, "context")
		sealed, err := sealer.Seal(plain, context)
		if err != nil {
			t.Fatal(err)
		}
		got, err := opener.Open(sealed, context)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened %q, %v, want %q", got, err, plain)
		}
		if len(plain) > 8 && bytes.Contains(sealed, plain) {
			t.Fatalf("%q shows %q", sealed, plain)
		}
	})
}

// Values that a released version sealed must open for ever.
func TestValuesSealedByVersion1Open(t *testing.T) {
	sealed, err := base64.StdEncoding.DecodeString(version1)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := open(t, key).Open(sealed, place); err != nil || string(got) != "token" {
		t.Errorf("opened %q, %v, want token", got, err)
	}
}

const version1 = "AeX6hZwIvM/Ea+mcUORTwh8afJSyhQJ/H7gfMdA874boXPzdXaU="

func TestOpenRefuses(t *testing.T) {
	v := open(t, key)
	sealed := seal(t, v, "token")
	changed := func(i int) []byte {
		b := bytes.Clone(sealed)
		b[i] ^= 1
		return b
	}
	tests := []struct {
		name    string
		vault   *Vault
		sealed  []byte
		context string
		want    string
	}{
		{"another key", open(t, other), sealed, place, "connection/waba-1 was sealed with another RECADO_SECRET_KEY"},
		{"moved to another row", v, sealed, "connection/waba-2", "connection/waba-2 is damaged, or was sealed for another place"},
		{"another version", v, append([]byte{2}, sealed[1:]...), place, "connection/waba-1 was sealed by a newer version of Recado"},
		{"a changed nonce", v, changed(headerSize), place, "connection/waba-1 is damaged, or was sealed for another place"},
		{"a changed value", v, changed(headerSize + 12), place, "connection/waba-1 is damaged, or was sealed for another place"},
		{"a changed tag", v, changed(len(sealed) - 1), place, "connection/waba-1 is damaged, or was sealed for another place"},
		{"cut short", v, sealed[:len(sealed)-1], place, "connection/waba-1 is damaged, or was sealed for another place"},
		{"only a header", v, sealed[:headerSize], place, "connection/waba-1 is not a sealed value"},
		{"nothing", v, nil, place, "connection/waba-1 is not a sealed value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.vault.Open(tt.sealed, tt.context)
			if err == nil || err.Error() != tt.want || got != nil {
				t.Errorf("opened %q, %v, want %s", got, err, tt.want)
			}
			if errors.Is(err, ErrOtherKey) != (tt.name == "another key") {
				t.Errorf("error %v is ErrOtherKey: %t", err, errors.Is(err, ErrOtherKey))
			}
		})
	}
}

// While a key is changed, what the old one sealed opens, and is known to be old.
func TestAPreviousKeyOpens(t *testing.T) {
	before := open(t, key)
	after, err := New(other, key)
	if err != nil {
		t.Fatal(err)
	}
	old := seal(t, before, "token")
	if plain, err := after.Open(old, place); err != nil || string(plain) != "token" || !after.SealedBefore(old) {
		t.Errorf("opened %q, %v; it is old: %t", plain, err, after.SealedBefore(old))
	}
	fresh := seal(t, after, "token")
	if _, err := before.Open(fresh, place); !errors.Is(err, ErrOtherKey) || after.SealedBefore(fresh) {
		t.Errorf("the old key alone: %v; it is old: %t", err, after.SealedBefore(fresh))
	}
	if _, err := New(other, []byte("short")); err == nil {
		t.Error("a short previous key is taken")
	}
}

func TestSealIsRandomised(t *testing.T) {
	v := open(t, key)
	if bytes.Equal(seal(t, v, "token"), seal(t, v, "token")) {
		t.Error("sealed twice alike: the nonce is not random")
	}
}

func TestParseKey(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(key)
	tests := []struct {
		name string
		text string
		want string // a part of the error; empty: a key
	}{
		{"32 bytes", good, ""},
		{"from a file that ends with a line", good + "\n", ""},
		{"empty", "", "has 0 bytes and must have 32"},
		{"16 bytes", base64.StdEncoding.EncodeToString(key[:16]), "has 16 bytes and must have 32"},
		{"not base64", "my own password, and a long one!", "is not base64; make one with: openssl rand -base64 32"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseKey(tt.text)
			if tt.want == "" {
				if err != nil || !bytes.Equal(got, key) {
					t.Errorf("key %q, %v", got, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "password") {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

func TestNewRefusesAShortKey(t *testing.T) {
	if _, err := New(key[:16]); err == nil {
		t.Error("a key of 16 bytes is taken, want 32")
	}
}

func TestTheKeyNeverPrints(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, open(t, key)); got != "[vault]" {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}
