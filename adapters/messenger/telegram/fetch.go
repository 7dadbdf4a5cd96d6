package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

var _ domain.Fetcher = api{}

// Fetch asks where a file is, which Telegram says for an hour, and begins to read it.
// Telegram gives a bot no file of more than 20 MB.
func (a api) Fetch(ctx context.Context, conn domain.Connection, m domain.StoredMedia) (domain.Fetched, domain.SendResult) {
	hide := hider(conn.Settings, "")
	req, err := a.post(ctx, conn.Settings, "getFile", map[string]string{"file_id": m.Source})
	if err != nil {
		return domain.Fetched{}, wire.NotSent("request", hide(err.Error()))
	}
	reply, err := a.client.Once(req)
	if err != nil {
		return domain.Fetched{}, wire.NoResponse(err, hide)
	}
	var said apiAnswer
	err = json.Unmarshal(reply.Body, &said)
	if err == nil && said.OK != nil && !*said.OK {
		return domain.Fetched{Lost: lostBy(said.Description)}, a.refused(said, reply, hide)
	}
	var file struct {
		Path string `json:"file_path"`
	}
	if err != nil || wire.Decode(said.Result, &file) != nil || file.Path == "" {
		return domain.Fetched{}, reply.WithoutOwnError(string(a.kind))
	}
	base := cmp.Or(string(conn.Settings[baseURL]), a.host)
	at, err := url.Parse(base)
	if err != nil {
		return domain.Fetched{}, wire.NotSent("request", hide(err.Error()))
	}
	return a.client.Fetch(ctx, wire.File{
		URL: at.JoinPath("file", a.path+tokenOf(conn.Settings), path.Clean("/"+file.Path)).String(), Base: base, Header: http.Header{},
	}, hide)
}

// lostBy returns why a file can never be had, by the words of Telegram; empty: it
// may be had later.
func lostBy(description string) domain.MediaCause {
	description = strings.ToLower(description)
	for words, cause := range map[string]domain.MediaCause{
		"file is too big":            domain.MediaTooBig,
		"wrong file identifier":      domain.MediaGone,
		"wrong file_id specified":    domain.MediaGone,
		"wrong remote file id":       domain.MediaGone,
		"wrong remote file_id":       domain.MediaGone,
		"invalid file_id":            domain.MediaGone,
		"file reference has expired": domain.MediaGone,
	} {
		if strings.Contains(description, words) {
			return cause
		}
	}
	return ""
}
