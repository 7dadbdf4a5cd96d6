package spool

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"time"

	"recado/domain"
)

const (
	headerSize = 8       // bytes of the length and the sum
	maxContent = 8 << 20 // bytes; the body of a webhook has 4 MiB at most
)

// errTorn says that what follows is no whole record: a crash cut it off.
var errTorn = errors.New("the record is torn")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendRecord appends the record of a webhook:
//
//	4 bytes  the length of the content, little-endian
//	4 bytes  CRC-32C of the length and the content
//	content  when it was received, in Unix milliseconds; hook; kind; body
//
// The time is a varint, and a varint with their length precedes hook and kind. The sum
// covers the length so that the zeros that a crash may leave are no record.
func appendRecord(b []byte, w domain.Webhook) []byte {
	begin := len(b)
	b = append(b, make([]byte, headerSize)...)
	b = binary.AppendVarint(b, w.Received.UnixMilli())
	for _, text := range []string{string(w.Hook), string(w.Kind)} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = append(b, w.Body...)
	record := b[begin:]
	binary.LittleEndian.PutUint32(record, uint32(len(record)-headerSize))
	binary.LittleEndian.PutUint32(record[4:], sumOf(record[:4], record[headerSize:]))
	return b
}

func sumOf(length, content []byte) uint32 {
	return crc32.Update(crc32.Checksum(length, castagnoli), castagnoli, content)
}

// readRecord reads the next record and returns its size. io.EOF: there is none.
func readRecord(r io.Reader) (w domain.Webhook, size int64, err error) {
	var header [headerSize]byte
	switch _, err := io.ReadFull(r, header[:]); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return w, 0, errTorn
	case err != nil:
		return w, 0, err
	}
	length := binary.LittleEndian.Uint32(header[:])
	if length > maxContent {
		return w, 0, errTorn
	}
	content := make([]byte, length)
	switch _, err := io.ReadFull(r, content); {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return w, 0, errTorn
	case err != nil:
		return w, 0, err
	}
	if binary.LittleEndian.Uint32(header[4:]) != sumOf(header[:4], content) {
		return w, 0, errTorn
	}
	w, ok := decode(content)
	if !ok {
		return w, 0, errTorn
	}
	return w, headerSize + int64(length), nil
}

func decode(content []byte) (w domain.Webhook, ok bool) {
	at, n := binary.Varint(content)
	if n <= 0 {
		return w, false
	}
	hook, rest, hookOK := cutText(content[n:])
	kind, body, kindOK := cutText(rest)
	return domain.Webhook{Hook: domain.HookID(hook), Kind: domain.Kind(kind), Body: body, Received: time.UnixMilli(at)}, hookOK && kindOK
}

// cutText cuts a text off whose length precedes it.
func cutText(b []byte) (text string, rest []byte, ok bool) {
	length, n := binary.Uvarint(b)
	if n <= 0 || length > uint64(len(b)-n) {
		return "", nil, false
	}
	end := n + int(length)
	return string(b[n:end]), b[end:], true
}
