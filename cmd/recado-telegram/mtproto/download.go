package mtproto

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

// A Download is a file that Telegram has. It is read from any place, a part at a time.
type Download struct {
	MIME string
	Size int64

	ctx     context.Context //nolint:containedctx // an io.Reader has no other way to stop
	api     *tg.Client
	where   tg.InputFileLocationClass
	refresh func() (*Download, error) // finds the file anew

	at    int64 // where it is read next
	first int64 // where the part begins
	part  []byte
}

// partSize is how much Telegram is asked for. Its multiples are where it can be asked.
const partSize = 512 << 10

// Download finds a file by its id. Telegram is asked for the message that holds it, since
// its references to files expire. The context is that of reading, too.
func (a *Account) Download(ctx context.Context, id string) (*Download, *Error) {
	client, err := a.api()
	if err != nil {
		return nil, ErrorOf(err)
	}
	d, err := a.download(ctx, client, id)
	if err != nil {
		return nil, a.noted(ctx, err)
	}
	d.refresh = func() (*Download, error) { return a.download(ctx, client, id) }
	return d, nil
}

func (a *Account) download(ctx context.Context, client *telegram.Client, id string) (*Download, error) {
	m, err := a.holder(ctx, client, id)
	if err != nil {
		return nil, err
	}
	d := &Download{ctx: ctx, api: tg.NewClient(patient(client))}
	switch media := m.Media.(type) {
	case *tg.MessageMediaPhoto:
		if p, ok := media.Photo.(*tg.Photo); ok {
			s := largest(p)
			d.MIME, d.Size = "image/jpeg", s.bytes
			d.where = &tg.InputPhotoFileLocation{ID: p.ID, AccessHash: p.AccessHash, FileReference: p.FileReference, ThumbSize: s.kind}
		}
	case *tg.MessageMediaDocument:
		if doc, ok := media.Document.(*tg.Document); ok {
			d.MIME, d.Size = doc.MimeType, doc.Size
			d.where = &tg.InputDocumentFileLocation{ID: doc.ID, AccessHash: doc.AccessHash, FileReference: doc.FileReference}
		}
	}
	if d.where == nil {
		return nil, refused(http.StatusBadRequest, "FILE_ID_INVALID")
	}
	return d, nil
}

// Seek goes to another place.
func (d *Download) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += d.at
	case io.SeekEnd:
		offset += d.Size
	}
	if offset < 0 {
		return 0, errors.New("a place before the file")
	}
	d.at = offset
	return offset, nil
}

// Read reads on, within one part.
func (d *Download) Read(p []byte) (int, error) {
	if d.at >= d.Size {
		return 0, io.EOF
	}
	if d.at < d.first || d.at >= d.first+int64(len(d.part)) {
		if err := d.fetch(d.at - d.at%partSize); err != nil {
			return 0, err
		}
	}
	n := copy(p, d.part[min(d.at-d.first, int64(len(d.part))):])
	if n == 0 {
		return 0, io.ErrUnexpectedEOF // Telegram has less than it said
	}
	d.at += int64(n)
	return n, nil
}

// fetch gets a part. A reference that has expired is renewed, once.
func (d *Download) fetch(first int64) error {
	answer, err := d.ask(first)
	if t, ok := tgerr.As(err); ok && strings.HasPrefix(t.Type, "FILE_REFERENCE_") {
		fresh, again := d.refresh()
		if again != nil {
			return again
		}
		d.where = fresh.where
		answer, err = d.ask(first)
	}
	if err != nil {
		return err
	}
	file, ok := answer.(*tg.UploadFile)
	if !ok {
		return errors.New("Telegram gives the file elsewhere") //nolint:staticcheck // a name
	}
	d.first, d.part = first, file.Bytes
	return nil
}

func (d *Download) ask(first int64) (tg.UploadFileClass, error) {
	return d.api.UploadGetFile(d.ctx, &tg.UploadGetFileRequest{Precise: true, Location: d.where, Offset: first, Limit: partSize})
}
