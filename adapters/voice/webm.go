package voice

import (
	"bytes"
	"errors"
	"io"

	"github.com/at-wat/ebml-go"
)

// A document is what is read of a WebM file.
type document struct {
	Segment struct {
		Tracks struct {
			TrackEntry []struct {
				TrackNumber  uint64
				CodecID      string
				CodecPrivate []byte
				Audio        *struct{ Channels uint64 }
			}
		}
		Cluster []struct {
			SimpleBlock []ebml.Block
			BlockGroup  []struct{ Block ebml.Block }
		}
	}
}

// readWebM wraps the packets of the first Opus track into OGG. A file that ends in
// the middle, as of a browser that was closed, gives what it has.
func readWebM(data []byte) (Recording, error) {
	var d document
	err := ebml.Unmarshal(bytes.NewReader(data), &d, ebml.WithIgnoreUnknown(true), ebml.WithMaxLeafElementSize(uint64(len(data))))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Recording{}, refused("its WebM is damaged: %v", err)
	}
	for _, track := range d.Segment.Tracks.TrackEntry {
		if track.CodecID != "A_OPUS" {
			continue
		}
		h := head(track.CodecPrivate)
		if len(h) == 0 && track.Audio != nil && track.Audio.Channels == 2 {
			h = newHead(2)
		} else if len(h) == 0 {
			h = newHead(1)
		}
		if !h.valid() {
			return Recording{}, refused("its Opus header is damaged, or has more than two channels")
		}
		return writeOGG(h.withPreSkip(), d.packets(track.TrackNumber))
	}
	return Recording{}, refused("it has no Opus track")
}

// packets lists the packets of a track in their order.
func (d *document) packets(track uint64) [][]byte {
	var list [][]byte
	add := func(b ebml.Block) {
		if b.TrackNumber == track {
			list = append(list, b.Data...)
		}
	}
	for _, c := range d.Segment.Cluster {
		for _, b := range c.SimpleBlock {
			add(b)
		}
		for _, g := range c.BlockGroup {
			add(g.Block)
		}
	}
	return list
}
