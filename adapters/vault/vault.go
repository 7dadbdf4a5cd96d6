// Package vault seals the credentials that a store keeps, so that who copies
// the database does not have them.
package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrOtherKey is within the error of Open when the key is not the one that sealed.
var ErrOtherKey = errors.New("was sealed with another RECADO_SECRET_KEY")

const keySize = 32 // bytes: AES-256

// What is sealed begins with a version and the name of its key; AES-256-GCM
// with a random nonce before it and a tag behind it follows.
const (
	version    = 1
	headerSize = 1 + 4
)

// A Vault seals and opens with one key. It may be used by many goroutines at
// once, and seals up to 2³² values, the bound of random nonces.
type Vault struct {
	aead   cipher.AEAD
	header []byte
}

// ParseKey reads a key as RECADO_SECRET_KEY holds it: 32 bytes in base64. The
// error tells the mend, and nothing of the text.
func ParseKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("RECADO_SECRET_KEY is not base64; make one with: openssl rand -base64 32")
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("RECADO_SECRET_KEY has %d bytes and must have %d; make one with: openssl rand -base64 %d",
			len(key), keySize, keySize)
	}
	return key, nil
}

// New makes a Vault of a key of 32 bytes.
func New(key []byte) (*Vault, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("key has %d bytes and must have %d", len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	name := hmac.New(sha256.New, key)
	name.Write([]byte("recado: name of the key"))
	header := append([]byte{version}, name.Sum(nil)[:headerSize-1]...)
	return &Vault{aead, header}, nil
}

// Seal encrypts a value. The context names the place where it is kept, such as
// "connection/waba-1": only with the same context it opens, so that a value
// moved to another row does not.
func (v *Vault) Seal(plain []byte, context string) ([]byte, error) {
	sealed := make([]byte, headerSize, headerSize+len(plain)+v.aead.Overhead())
	copy(sealed, v.header)
	return v.aead.Seal(sealed, nil, plain, v.bound(context)), nil
}

// Open decrypts what Seal made with the same context. The error wraps
// ErrOtherKey, or says that the value is damaged or not of this context.
func (v *Vault) Open(sealed []byte, context string) ([]byte, error) {
	switch {
	case len(sealed) < headerSize+v.aead.Overhead():
		return nil, fmt.Errorf("%s is not a sealed value", context)
	case sealed[0] != version:
		return nil, fmt.Errorf("%s was sealed by a newer version of Recado", context)
	case !bytes.Equal(sealed[:headerSize], v.header):
		return nil, fmt.Errorf("%s %w", context, ErrOtherKey)
	}
	plain, err := v.aead.Open(nil, nil, sealed[headerSize:], v.bound(context))
	if err != nil {
		return nil, fmt.Errorf("%s is damaged, or was sealed for another place", context)
	}
	return plain, nil
}

// bound is what is authenticated beside the value.
func (v *Vault) bound(context string) []byte {
	return append(v.header[:headerSize:headerSize], context...)
}

// String hides the key.
func (*Vault) String() string { return "[vault]" }

// GoString hides the key.
func (*Vault) GoString() string { return "[vault]" }
