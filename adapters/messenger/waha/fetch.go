package waha

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

var _ domain.Fetcher = (*Connector)(nil)

// filesPath is where WAHA serves files. What stands before it is WAHA's own idea of
// where it is: often http://localhost:3000.
const filesPath = "/api/files/"

// Fetch begins to read a file. WAHA deletes files after some minutes, and fetches one
// anew from WhatsApp when it is asked for the message.
func (c *Connector) Fetch(ctx context.Context, conn domain.Connection, m domain.StoredMedia) (domain.Fetched, domain.SendResult) {
	call := c.calling(conn, "")
	chat, rest, _ := strings.Cut(m.Source, " ")
	id, path, _ := strings.Cut(rest, " ")
	if strings.Contains(path, filesPath) {
		fetched, answer := call.fetch(ctx, path)
		if answer.Fate == domain.FateAccepted || answer.Failure.Cause.HTTPStatus != http.StatusNotFound {
			return fetched, answer
		}
	}
	path, fetched, answer := call.fileAnew(ctx, chat, id)
	if path == "" {
		return fetched, answer
	}
	return call.fetch(ctx, path)
}

// fetch begins to read the file at the path.
func (c *call) fetch(ctx context.Context, path string) (domain.Fetched, domain.SendResult) {
	path = path[strings.Index(path, filesPath):]
	return c.client.Fetch(ctx, wire.File{URL: c.base + path, Base: c.base, Header: http.Header{"X-Api-Key": {c.key}}}, c.hide)
}

// fileAnew lets WAHA fetch the file of a message, and returns the path where it is. If
// it is empty, the rest says why.
func (c *call) fileAnew(ctx context.Context, chat, id string) (path string, none domain.Fetched, answer domain.SendResult) {
	anew := *c
	anew.client = c.client.Reading(lookbackBytes)
	reply, failed := anew.do(ctx, http.MethodGet, c.messagePath(chat, id)+"?downloadMedia=true", nil)
	if failed != nil {
		return "", none, *failed
	}
	var said struct {
		ID       messageID
		HasMedia *bool
		Media    *struct {
			URL   wire.Text
			Error json.RawMessage
		}
	}
	if reply.Status/100 != 2 || wire.Decode(reply.Body, &said) != nil || said.ID.bare == "" {
		answer, _ = c.failed(reply)
		return "", c.noMessage(reply), answer
	}
	if said.Media != nil {
		if at, err := url.Parse(string(said.Media.URL)); err == nil && strings.Contains(at.EscapedPath(), filesPath) {
			return at.EscapedPath(), none, answer
		}
	}
	switch {
	case said.Media != nil && said.Media.URL != "":
		none.Lost = domain.MediaForbidden
		return "", none, wire.NotSent("foreign_host", "the gateway keeps its files elsewhere: "+wire.Brief(c.hide(string(said.Media.URL))))
	case said.HasMedia != nil && !*said.HasMedia:
		none.Lost = domain.MediaGone
	}
	return "", none, wire.Refused(&domain.Failure{Reason: domain.ReasonMedia, Cause: domain.Cause{
		Source: source, HTTPStatus: reply.Status, Code: "no_file", Title: "WAHA could not fetch the file from WhatsApp",
	}})
}

// noMessage says whether the message is gone at WAHA.
func (c *call) noMessage(reply wire.Reply) (none domain.Fetched) {
	var e ownError
	_ = wire.Decode(reply.Body, &e) // what can be read of it is enough
	if words := e.words(); words != "" && isOfMessage(reply, words) {
		none.Lost = domain.MediaGone
	}
	return none
}
