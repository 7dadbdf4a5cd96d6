package waba

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// uploadLife is how long a name of an upload is used. Meta forgets the file after 30
// days, and says so only once the message is on its way.
const uploadLife = 29 * 24 * time.Hour

// sendFile sends a message with a file: by the name of an upload that Meta has
// already, or else by a new one. Only the message is an attempt to send it.
func (s sender) sendFile(ctx context.Context) domain.SendResult {
	if known := s.m.Media.Known; known != "" {
		if r := s.send(ctx, known); !fileForgotten(r) {
			return r
		}
	}
	name, failed := s.upload(ctx)
	if failed != nil {
		return *failed
	}
	r := s.send(ctx, name)
	r.Uploaded, r.UploadedUntil = name, time.Now().Add(uploadLife)
	return r
}

// fileForgotten reports whether Meta refused a message because it has no upload of
// that name any more.
func fileForgotten(r domain.SendResult) bool {
	if r.Fate != domain.FateRefused || r.Failure == nil {
		return false
	}
	said := strings.ToLower(r.Failure.Cause.Title + " " + r.Failure.Cause.Details)
	return r.Failure.Cause.Code == "100" && strings.Contains(said, "media attachment id")
}

// upload gives Meta the file, and returns the name that Meta gives it. Nothing was
// sent by that: without a name the message never left, or is refused.
func (s sender) upload(ctx context.Context) (name string, failed *domain.SendResult) {
	fields := []wire.Field{{Name: "messaging_product", Value: "whatsapp"}, {Name: "type", Value: s.m.Media.MIME}}
	req, err := wire.NewUpload(ctx, s.number+"/media", fields, "file", s.m.Media)
	if err == nil {
		err = s.authorizeUpload(req)
	}
	if err != nil {
		r := wire.NoFile(err, s.hide)
		return "", &r
	}
	reply, err := s.client.Once(req)
	if err != nil {
		r := wire.NotUploaded(wire.NoResponse(err, s.hide))
		return "", &r
	}
	if refused, ok := refusal(reply, s.hide); ok {
		return "", &refused
	}
	var uploaded struct{ ID wire.Text }
	_ = json.Unmarshal(reply.Body, &uploaded) // without an id it failed
	if reply.Status/100 != 2 || uploaded.ID == "" {
		r := wire.NotUploaded(reply.WithoutOwnError(source))
		return "", &r
	}
	return string(uploaded.ID), nil
}

// authorizeUpload is authorize of a request whose body is closed if it cannot be sent.
func (s sender) authorizeUpload(req *http.Request) error {
	err := s.authorize(req)
	if err != nil {
		_ = req.Body.Close() // the error of authorize says more
	}
	return err
}
