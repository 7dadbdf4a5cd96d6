package voice

import (
	"bytes"
	"encoding/binary"
)

// The parts of an OGG page (RFC 3533, 6), which begins "OggS": a version, flags,
// a granule position (here: how many samples end with the page), the stream's serial
// number, the page's number, a checksum, and the lengths of its segments. A packet
// is segments of 255 bytes and one that is shorter.
const (
	headerSize = 27
	maxSegment = 255
	maxPayload = 255 // segments of a page

	flagFirst = 2
	flagLast  = 4

	serial = 1 // the files that this package writes have one stream

	// pageSamples is the sound after which a page ends, so that a player can seek: a
	// second, as RFC 7845, 4 advises.
	pageSamples = sampleRate
)

// A writer writes the pages of one stream.
type writer struct {
	out      bytes.Buffer
	page     uint32
	segments []byte
	payload  []byte
}

// writeOGG writes packets of Opus as a file.
func writeOGG(h head, packets [][]byte) (Recording, error) {
	var w writer
	w.add(h)
	w.flush(flagFirst, 0)
	w.add(tags)
	w.flush(0, 0)

	var total, paged uint64
	for _, p := range packets {
		n := samples(p)
		if n == 0 || len(p) >= maxSegment*maxPayload {
			return Recording{}, refused("one of its packets is not Opus")
		}
		if len(w.segments)+len(p)/maxSegment+1 > maxPayload || total-paged >= pageSamples {
			w.flush(0, total)
			paged = total
		}
		w.add(p)
		total += n
	}
	w.flush(flagLast, total)
	if total <= h.preSkip() {
		return Recording{}, refused("it holds no sound")
	}
	return Recording{OGG: w.out.Bytes(), Duration: duration(total - h.preSkip()), Channels: h.channels()}, nil
}

// tags is the second packet: who made the file, and no comments (RFC 7845, 5.2).
var tags = func() []byte {
	const maker = "Recado"
	t := binary.LittleEndian.AppendUint32([]byte("OpusTags"), uint32(len(maker)))
	return binary.LittleEndian.AppendUint32(append(t, maker...), 0)
}()

// add adds a packet to the page.
func (w *writer) add(packet []byte) {
	w.payload = append(w.payload, packet...)
	rest := len(packet)
	for ; rest >= maxSegment; rest -= maxSegment {
		w.segments = append(w.segments, maxSegment)
	}
	w.segments = append(w.segments, byte(rest))
}

// flush writes the page.
func (w *writer) flush(flags byte, granule uint64) {
	p := append([]byte("OggS"), 0, flags)
	p = binary.LittleEndian.AppendUint64(p, granule)
	p = binary.LittleEndian.AppendUint32(p, serial)
	p = binary.LittleEndian.AppendUint32(p, w.page)
	p = append(p, 0, 0, 0, 0, byte(len(w.segments)))
	p = append(append(p, w.segments...), w.payload...)
	binary.LittleEndian.PutUint32(p[22:], checksum(p))
	w.out.Write(p)
	w.page, w.segments, w.payload = w.page+1, nil, nil
}

// readOGG checks a file of Opus in OGG, and returns it as it is.
func readOGG(data []byte) (Recording, error) {
	var h head
	var last uint64
	for rest := data; len(rest) > 0; {
		p, size := page(rest)
		if size == 0 {
			return Recording{}, refused("a page of its OGG is damaged, or ends too early")
		}
		rest = rest[size:]
		if h == nil {
			if h = p.payload; !h.valid() {
				return Recording{}, refused("its OGG does not begin with Opus of one or two channels")
			}
		}
		if p.granule != ^uint64(0) { // no packet ends in that page
			last = p.granule
		}
	}
	if last <= h.preSkip() {
		return Recording{}, refused("it holds no sound")
	}
	return Recording{OGG: data, Duration: duration(last - h.preSkip()), Channels: h.channels()}, nil
}

// An oggPage is what is read of a page.
type oggPage struct {
	granule uint64
	payload []byte
}

// page reads the page at the beginning of the data and its size, 0 if there is none.
func page(data []byte) (oggPage, int) {
	if len(data) < headerSize || string(data[:5]) != "OggS\x00" {
		return oggPage{}, 0
	}
	begin := headerSize + int(data[26])
	if len(data) < begin {
		return oggPage{}, 0
	}
	size := begin
	for _, segment := range data[headerSize:begin] {
		size += int(segment)
	}
	if len(data) < size {
		return oggPage{}, 0
	}
	p := bytes.Clone(data[:size])
	clear(p[22:26])
	if checksum(p) != binary.LittleEndian.Uint32(data[22:]) {
		return oggPage{}, 0
	}
	return oggPage{granule: binary.LittleEndian.Uint64(data[6:]), payload: data[begin:size]}, size
}

// checksum is OGG's: the CRC of polynomial 0x04c11db7, not reflected, from 0. The
// page's own checksum counts as 0.
func checksum(page []byte) uint32 {
	var crc uint32
	for _, b := range page {
		crc = crc<<8 ^ crcTable[byte(crc>>24)^b]
	}
	return crc
}

var crcTable = func() (table [256]uint32) {
	for i := range table {
		crc := uint32(i) << 24
		for range 8 {
			top := crc >> 31
			crc <<= 1
			if top == 1 {
				crc ^= 0x04c11db7
			}
		}
		table[i] = crc
	}
	return table
}()
