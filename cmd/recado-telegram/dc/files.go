package dc

import (
	"bytes"
	"time"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
	"github.com/gotd/td/tgtest"
)

// Files are the bytes of documents, by their ids, and the messages that hold them.
type files struct {
	parts     map[int64]map[int][]byte
	documents map[int64][]byte
	messages  map[int]*tg.Message
	reference string // the one that holds
}

func newFiles() files {
	return files{parts: map[int64]map[int][]byte{}, documents: map[int64][]byte{}, messages: map[int]*tg.Message{}, reference: "reference"}
}

// Sends lets Ana send a voice message, and returns its number.
func (w *World) Sends(voice []byte) int {
	w.mu.Lock()
	w.lastID++
	id := w.lastID
	document := w.files.keep(int64(id), "audio/ogg", voice, []tg.DocumentAttributeClass{&tg.DocumentAttributeAudio{Voice: true, Duration: 2}})
	m := &tg.Message{ID: id, PeerID: &tg.PeerUser{UserID: Ana}, Date: int(time.Now().Unix())}
	m.SetFromID(&tg.PeerUser{UserID: Ana})
	m.SetMedia(mediaOf(document))
	w.files.messages[id] = m
	w.mu.Unlock()
	w.happens(&tg.UpdateNewMessage{Message: m}, false)
	return id
}

// Document returns the bytes of the last message if it is a document that the account
// sent; nil: it is not.
func (w *World) Document() []byte {
	media, _ := w.Shared().(*tg.MessageMediaDocument)
	if media == nil {
		return nil
	}
	document, _ := media.Document.(*tg.Document)
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Clone(w.files.documents[document.ID])
}

// Shared returns what the account sent with the last message; nil: a text only, or
// somebody else wrote it.
func (w *World) Shared() tg.MessageMediaClass {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := w.files.messages[w.lastID]
	if last == nil || !last.Out {
		return nil
	}
	return last.Media
}

func mediaOf(d *tg.Document) tg.MessageMediaClass {
	m := &tg.MessageMediaDocument{}
	m.SetDocument(d)
	return m
}

// keep stores a document. The caller holds mu.
func (f *files) keep(id int64, mime string, data []byte, attributes []tg.DocumentAttributeClass) *tg.Document {
	f.documents[id] = data
	return &tg.Document{
		ID: id, AccessHash: id * 3, FileReference: []byte(f.reference), Date: int(time.Now().Unix()),
		MimeType: mime, Size: int64(len(data)), DCID: 2, Attributes: attributes,
	}
}

// Expire gives every file another reference.
func (w *World) Expire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files.reference += "."
	for _, m := range w.files.messages {
		if media, ok := m.Media.(*tg.MessageMediaDocument); ok {
			document := *media.Document.(*tg.Document)
			document.FileReference = []byte(w.files.reference)
			m.SetMedia(mediaOf(&document))
		}
	}
}

func (w *World) savePart(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.UploadSaveFilePartRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.files.parts[r.FileID] == nil {
		w.files.parts[r.FileID] = map[int][]byte{}
	}
	w.files.parts[r.FileID][r.FilePart] = r.Bytes
	return &tg.BoolTrue{}, nil
}

// sendMedia takes a document, a place or a contact.
func (w *World) sendMedia(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.MessagesSendMediaRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	media, err := w.made(r.Media)
	if err != nil {
		return nil, err
	}
	return w.takeFrom(r.Peer, r.RandomID, outgoing(r.Message, media))
}

// made makes of what a client sends what the message holds.
func (w *World) made(sent tg.InputMediaClass) (tg.MessageMediaClass, error) {
	switch sent := sent.(type) {
	case *tg.InputMediaUploadedDocument:
		upload, ok := sent.File.(*tg.InputFile)
		if !ok {
			return nil, tgerr.New(400, "FILE_PARTS_INVALID")
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		var data []byte
		for n := range upload.Parts {
			data = append(data, w.files.parts[upload.ID][n]...)
		}
		return mediaOf(w.files.keep(upload.ID, sent.MimeType, data, sent.Attributes)), nil
	case *tg.InputMediaGeoPoint:
		return &tg.MessageMediaGeo{Geo: pointOf(sent.GeoPoint)}, nil
	case *tg.InputMediaVenue:
		return &tg.MessageMediaVenue{Geo: pointOf(sent.GeoPoint), Title: sent.Title, Address: sent.Address}, nil
	case *tg.InputMediaContact:
		return &tg.MessageMediaContact{PhoneNumber: sent.PhoneNumber, FirstName: sent.FirstName, LastName: sent.LastName, Vcard: sent.Vcard}, nil
	}
	return nil, tgerr.New(400, "MEDIA_INVALID")
}

func pointOf(sent tg.InputGeoPointClass) tg.GeoPointClass {
	if p, ok := sent.(*tg.InputGeoPoint); ok {
		return &tg.GeoPoint{Lat: p.Lat, Long: p.Long}
	}
	return &tg.GeoPointEmpty{}
}

func (w *World) getMessages(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.MessagesGetMessagesRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	found := &tg.MessagesMessages{}
	for _, c := range r.ID {
		if id, ok := c.(*tg.InputMessageID); ok && w.files.messages[id.ID] != nil {
			found.Messages = append(found.Messages, w.files.messages[id.ID])
		}
	}
	return found, nil
}

func (w *World) getFile(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.UploadGetFileRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	where, ok := r.Location.(*tg.InputDocumentFileLocation)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !ok || string(where.FileReference) != w.files.reference {
		return nil, tgerr.New(400, "FILE_REFERENCE_EXPIRED")
	}
	data := w.files.documents[where.ID]
	from := min(r.Offset, int64(len(data)))
	return &tg.UploadFile{Type: &tg.StorageFileUnknown{}, Bytes: data[from:min(from+int64(r.Limit), int64(len(data)))]}, nil
}
