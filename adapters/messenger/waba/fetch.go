package waba

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

var _ domain.Fetcher = (*Connector)(nil)

// metaFiles are the domains from which Meta gives files.
var metaFiles = []string{"fbsbx.com", "fbcdn.net", "whatsapp.net"}

// Fetch asks where a file is, which Meta says for five minutes, and begins to read it.
func (c *Connector) Fetch(ctx context.Context, conn domain.Connection, m domain.StoredMedia) (domain.Fetched, domain.SendResult) {
	token := strings.TrimSpace(string(conn.Settings[accessToken]))
	hide := wire.Hider("", token)
	header := http.Header{"Authorization": {"Bearer " + token}}
	base := strings.TrimRight(cmp.Or(string(conn.Settings[baseURL]), defaultBaseURL), "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/"+url.PathEscape(m.Source), nil)
	if err != nil {
		return domain.Fetched{}, wire.NotSent("request", hide(err.Error()))
	}
	req.Header = header.Clone()
	reply, err := c.client.Once(req)
	if err != nil {
		return domain.Fetched{}, wire.NoResponse(err, hide)
	}
	var said struct {
		apiAnswer
		URL string `json:"url"`
	}
	_ = json.Unmarshal(reply.Body, &said) // what can be read of it is enough
	if e, ok := said.ownError(reply.Status); ok {
		failure, retry := e.failure(reply.Status, hide)
		answer := wire.Refused(failure)
		answer.Retry, answer.RetryAfter = retry, reply.RetryAfter(time.Now())
		return domain.Fetched{}, answer
	}
	if reply.Status/100 != 2 || said.URL == "" {
		return domain.Fetched{}, reply.WithoutOwnError(source)
	}
	return c.client.Fetch(ctx, wire.File{URL: strings.TrimSpace(said.URL), Base: base, Trusted: metaFiles, Header: header}, hide)
}
