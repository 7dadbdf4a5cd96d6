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

// Document returns the bytes of the last document that the account sent; nil: none.
func (w *World) Document() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := w.files.messages[w.lastID]
	if last == nil || !last.Out {
		return nil
	}
	media, _ := last.Media.(*tg.MessageMediaDocument)
	document, _ := media.Document.(*tg.Document)
	return bytes.Clone(w.files.documents[document.ID])
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

func (w *World) sendMedia(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.MessagesSendMediaRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	peer, ok := r.Peer.(*tg.InputPeerUser)
	media, isUpload := r.Media.(*tg.InputMediaUploadedDocument)
	if !ok || !isUpload {
		return nil, tgerr.New(400, "MEDIA_INVALID")
	}
	upload, ok := media.File.(*tg.InputFile)
	if !ok {
		return nil, tgerr.New(400, "FILE_PARTS_INVALID")
	}
	id, _, pts := w.take(r.RandomID, peer.UserID, r.Message)
	w.mu.Lock()
	defer w.mu.Unlock()
	var data []byte
	for n := range upload.Parts {
		data = append(data, w.files.parts[upload.ID][n]...)
	}
	m := ownMessage(id, peer.UserID, r.Message)
	m.SetMedia(mediaOf(w.files.keep(upload.ID, media.MimeType, data, media.Attributes)))
	w.files.messages[id] = m
	return &tg.Updates{
		Updates: []tg.UpdateClass{&tg.UpdateMessageID{ID: id, RandomID: r.RandomID}, &tg.UpdateNewMessage{Message: m, Pts: pts, PtsCount: 1}},
		Users:   []tg.UserClass{user(peer.UserID)}, Date: int(time.Now().Unix()),
	}, nil
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
