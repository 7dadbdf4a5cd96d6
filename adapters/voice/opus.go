package voice

import (
	"encoding/binary"
	"time"
)

// Opus counts time in samples of 48 kHz, whatever the sound was sampled at.
const (
	sampleRate = 48_000
	maxPacket  = 120 * sampleRate / 1000 // samples of the longest packet (RFC 6716, 3.2.5)
)

func duration(samples uint64) time.Duration {
	return time.Duration(samples) * time.Second / sampleRate
}

// defaultPreSkip is how many samples a decoder needs until its output is right:
// libopus' own delay. Chromium writes 0.
const defaultPreSkip = 312

// A head is the first packet of Opus in OGG and, in WebM, the track's CodecPrivate
// (RFC 7845, 5.1).
type head []byte

// newHead makes the head of sound that came without one.
func newHead(channels int) head {
	h := append(head("OpusHead"), 1, byte(channels))
	h = binary.LittleEndian.AppendUint16(h, defaultPreSkip)
	h = binary.LittleEndian.AppendUint32(h, sampleRate)
	return append(h, 0, 0, 0) // no gain; mono or stereo
}

// valid reports whether the head is one of mono or stereo sound.
func (h head) valid() bool {
	return len(h) >= 19 && string(h[:8]) == "OpusHead" && h[8]>>4 == 0 && (h[9] == 1 || h[9] == 2) && h[18] == 0
}

func (h head) channels() int { return int(h[9]) }

func (h head) preSkip() uint64 { return uint64(binary.LittleEndian.Uint16(h[10:])) }

// withPreSkip returns the head with the default where it has none.
func (h head) withPreSkip() head {
	if h.preSkip() != 0 {
		return h
	}
	h = append(head(nil), h...)
	binary.LittleEndian.PutUint16(h[10:], defaultPreSkip)
	return h
}

// samples counts the samples of a packet by its first bytes (RFC 6716, 3.1). It
// returns 0 for a packet that is not one of Opus.
func samples(packet []byte) uint64 {
	if len(packet) == 0 {
		return 0
	}
	frame := frameSamples(packet[0] >> 3)
	frames := uint64(1)
	switch packet[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(packet) < 2 {
			return 0
		}
		frames = uint64(packet[1] & 0x3F)
	}
	if n := frame * frames; n <= maxPacket {
		return n
	}
	return 0
}

// frameSamples is the length of a frame by the configuration of its packet: SILK
// has 10, 20, 40 and 60 ms, hybrid 10 and 20, CELT 2.5, 5, 10 and 20.
func frameSamples(configuration byte) uint64 {
	const ms = sampleRate / 1000
	switch {
	case configuration < 12:
		return [...]uint64{10 * ms, 20 * ms, 40 * ms, 60 * ms}[configuration%4]
	case configuration < 16:
		return [...]uint64{10 * ms, 20 * ms}[configuration%2]
	}
	return [...]uint64{2*ms + ms/2, 5 * ms, 10 * ms, 20 * ms}[configuration%4]
}
