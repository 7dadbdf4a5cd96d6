package gateway

import (
	"context"
	"net/http"
	"strconv"

	"recado/cmd/recado-telegram/mtproto"
)

// A content puts what a method sends into the request, or says what of it is wrong.
type content func(p *parameters, r *mtproto.Request) *mtproto.Error

// send makes the method that sends a content.
func send(put content) method {
	return func(ctx context.Context, a *Account, p *parameters) (any, *mtproto.Error) {
		r := mtproto.Request{Client: p.Client, Chat: p.chatName(), ReplyTo: p.Reply.Message, OrPlain: p.Reply.OrPlain}
		if failed := put(p, &r); failed != nil {
			return nil, failed
		}
		if p.Client == "" || len(p.Client) > 64 {
			return nil, &mtproto.Error{Code: http.StatusBadRequest, Type: "CLIENT_ID_INVALID"}
		}
		taken, failed := a.Send(ctx, r)
		if failed != nil {
			return nil, failed
		}
		return messageOf(r, taken), nil
	}
}

func text(p *parameters, r *mtproto.Request) *mtproto.Error {
	if r.Text = p.Text; r.Text == "" {
		return &mtproto.Error{Code: http.StatusBadRequest, Type: "MESSAGE_EMPTY"}
	}
	return nil
}

// file makes the content of a file of a kind.
func file(kind string) content {
	return func(p *parameters, r *mtproto.Request) *mtproto.Error {
		r.Text = p.Caption
		if r.File = p.file(kind); r.File == nil {
			return &mtproto.Error{Code: http.StatusBadRequest, Type: "MEDIA_EMPTY"}
		}
		return nil
	}
}

func location(p *parameters, r *mtproto.Request) (failed *mtproto.Error) {
	r.Location, failed = p.location()
	return failed
}

func venue(p *parameters, r *mtproto.Request) *mtproto.Error {
	at, failed := p.location()
	switch {
	case failed != nil:
		return failed
	case p.Title == "" || p.Address == "":
		return wrong("title and address must not be empty", "VENUE_INVALID")
	}
	r.Venue = &mtproto.Venue{Location: *at, Title: p.Title, Address: p.Address}
	return nil
}

func contact(p *parameters, r *mtproto.Request) *mtproto.Error {
	switch {
	case p.Phone == "" || p.FirstName == "":
		return wrong("phone_number and first_name must not be empty", "CONTACT_INVALID")
	case len(p.VCard) > maxVCard:
		return wrong("vcard has more than 2048 bytes", "CONTACT_INVALID")
	}
	r.Contact = &mtproto.Contact{Phone: p.Phone, First: p.FirstName, Last: p.LastName, VCard: p.VCard}
	return nil
}

// maxVCard is how long a vCard may be for the Bot API, in bytes.
const maxVCard = 2048

// wrong makes the error of a parameter, in words beside its type.
func wrong(words, kind string) *mtproto.Error {
	return &mtproto.Error{Code: http.StatusBadRequest, Words: http.StatusText(http.StatusBadRequest) + ": " + words, Type: kind}
}

// messageOf describes a message that Telegram took.
func messageOf(r mtproto.Request, t *mtproto.Taken) any {
	made := map[string]any{
		"message_id": t.Message, "date": t.Date, "chat": t.Chat, "outgoing": true, "client_id": r.Client,
		"from": map[string]any{"id": max(t.Self.ID, 1), "is_bot": false, "first_name": t.Self.First},
	}
	switch {
	case r.File != nil:
		made[r.File.Kind] = fileOf(r.File.Kind, t)
	case r.Location != nil:
		made["location"] = r.Location
	case r.Venue != nil:
		made["venue"], made["location"] = r.Venue, r.Venue.Location
	case r.Contact != nil:
		made["contact"] = r.Contact
	default:
		made["text"] = r.Text
	}
	return made
}

// fileOf names the file of a message by the message.
func fileOf(kind string, t *mtproto.Taken) any {
	id := strconv.FormatInt(t.Chat.ID, 10) + "." + strconv.Itoa(t.Message)
	file := map[string]any{"file_id": id, "file_unique_id": id}
	if kind == "photo" {
		return []any{file}
	}
	return file
}
