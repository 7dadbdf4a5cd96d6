package mtproto

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/uploader"
	"github.com/gotd/td/tg"

	"recado/cmd/recado-telegram/store"
)

// A File is one of a message that is sent: its bytes, or the id of one that Telegram has.
type File struct {
	Kind     string // photo, video, audio, voice or document
	Known    string
	Name     string
	MIME     string
	Duration int
	Body     io.Reader
}

// media makes of a file what Telegram takes.
func (a *Account) media(ctx context.Context, client *telegram.Client, f *File) (tg.InputMediaClass, error) {
	if f.Known != "" {
		return a.again(ctx, client, f.Known)
	}
	uploaded, err := upload(ctx, client, f)
	if err != nil {
		return nil, err
	}
	if f.Kind == "photo" {
		return &tg.InputMediaUploadedPhoto{File: uploaded}, nil
	}
	attributes := []tg.DocumentAttributeClass{&tg.DocumentAttributeFilename{FileName: f.Name}}
	switch f.Kind {
	case "voice":
		attributes = append(attributes, &tg.DocumentAttributeAudio{Voice: true, Duration: f.Duration})
	case "audio":
		attributes = append(attributes, &tg.DocumentAttributeAudio{Duration: f.Duration})
	case "video":
		attributes = append(attributes, &tg.DocumentAttributeVideo{Duration: float64(f.Duration), SupportsStreaming: true})
	}
	return &tg.InputMediaUploadedDocument{File: uploaded, MimeType: f.MIME, Attributes: attributes, ForceFile: f.Kind == "document"}, nil
}

// maxSmall is up to where Telegram takes a file as a small one, whose size is known before.
const maxSmall = 10 << 20

func upload(ctx context.Context, client *telegram.Client, f *File) (tg.InputFileClass, error) {
	head, err := io.ReadAll(io.LimitReader(f.Body, maxSmall+1))
	if err != nil {
		return nil, err
	}
	up := uploader.NewUploader(client.API())
	if len(head) <= maxSmall {
		return up.FromBytes(ctx, f.Name, head)
	}
	const unknown = -1
	return up.Upload(ctx, uploader.NewUpload(f.Name, io.MultiReader(bytes.NewReader(head), f.Body), unknown))
}

// again sends a file that Telegram has, by the message that holds it.
func (a *Account) again(ctx context.Context, client *telegram.Client, id string) (tg.InputMediaClass, error) {
	m, err := a.holder(ctx, client, id)
	if err != nil {
		return nil, err
	}
	switch media := m.Media.(type) {
	case *tg.MessageMediaPhoto:
		if p, ok := media.Photo.(*tg.Photo); ok {
			return &tg.InputMediaPhoto{ID: &tg.InputPhoto{ID: p.ID, AccessHash: p.AccessHash, FileReference: p.FileReference}}, nil
		}
	case *tg.MessageMediaDocument:
		if d, ok := media.Document.(*tg.Document); ok {
			return &tg.InputMediaDocument{ID: &tg.InputDocument{ID: d.ID, AccessHash: d.AccessHash, FileReference: d.FileReference}}, nil
		}
	}
	return nil, refused(http.StatusBadRequest, "FILE_ID_INVALID")
}

// holder asks Telegram for the message that a file's id names.
func (a *Account) holder(ctx context.Context, client *telegram.Client, id string) (*tg.Message, error) {
	chatText, numberText, _ := strings.Cut(id, ".")
	chat, err := strconv.ParseInt(chatText, 10, 64)
	number, err2 := strconv.Atoi(numberText)
	if err != nil || err2 != nil {
		return nil, refused(http.StatusBadRequest, "FILE_ID_INVALID")
	}
	wanted := []tg.InputMessageClass{&tg.InputMessageID{ID: number}}
	var got tg.MessagesMessagesClass
	if chat <= channelBase {
		var peer store.Peer
		if err := a.update(ctx, func(t *store.Tx) (err error) { peer, _, err = t.Peer(chat); return err }); err != nil {
			return nil, err
		}
		got, err = client.API().ChannelsGetMessages(ctx, &tg.ChannelsGetMessagesRequest{
			Channel: &tg.InputChannel{ChannelID: channelBase - chat, AccessHash: peer.Hash}, ID: wanted,
		})
	} else {
		got, err = client.API().MessagesGetMessages(ctx, wanted)
	}
	if err != nil {
		return nil, err
	}
	if list, ok := got.(interface{ GetMessages() []tg.MessageClass }); ok {
		for _, c := range list.GetMessages() {
			if m, ok := c.(*tg.Message); ok && m.ID == number && chatOf(m.PeerID) == chat {
				return m, nil
			}
		}
	}
	return nil, refused(http.StatusBadRequest, "FILE_ID_INVALID")
}
