package mtproto

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"recado/cmd/recado-telegram/dc"
)

// A file is read from any place, also after its reference expired.
func TestAFileIsReadInRanges(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var data []byte
	for i := range 200_000 { // several parts
		data = fmt.Appendf(data, "%07d.", i)
	}
	id := fileID(dc.Ana, f.dc.Sends(data))
	d, failed := f.Download(t.Context(), id)
	if failed != nil {
		t.Fatal(failed)
	}
	if d.Size != int64(len(data)) || d.MIME != "audio/ogg" {
		t.Errorf("%d bytes of %s", d.Size, d.MIME)
	}
	for _, from := range []int64{0, 5, partSize - 1, partSize, 2*partSize + 7, d.Size - 3} {
		f.dc.Expire()
		if _, err := d.Seek(from, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(d); err != nil || !bytes.Equal(got, data[from:]) {
			t.Errorf("from %d: %d bytes, %v", from, len(got), err)
		}
	}
	if _, failed := f.Download(t.Context(), fileID(dc.Ana, 999)); failed == nil || failed.Type != "FILE_ID_INVALID" {
		t.Errorf("a file that is none: %v", failed)
	}
}
