package waba

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

var _ domain.CredentialChecker = (*Connector)(nil)

// CheckCredentials reads the phone number of the connection, which needs a token
// that is valid and may use the number.
func (c *Connector) CheckCredentials(ctx context.Context, conn domain.Connection) error {
	token := strings.TrimSpace(string(conn.Settings[accessToken]))
	hide := wire.Hider("", token)
	base := cmp.Or(string(conn.Settings[baseURL]), defaultBaseURL)
	number := cmp.Or(string(conn.Settings[phoneNumberID]), conn.Account)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(base, "/")+"/"+url.PathEscape(number)+"?fields=id", nil)
	if err != nil {
		return errors.New(hide(err.Error()))
	}
	req.Header.Set("Authorization", "Bearer "+token)
	reply, err := c.client.Once(req)
	if err != nil {
		return errors.New(hide(err.Error()))
	}
	if reply.Status/100 == 2 {
		return nil
	}
	var a apiAnswer
	_ = json.Unmarshal(reply.Body, &a) // what can be read of it is enough
	if e, ok := a.ownError(reply.Status); ok {
		failure, _ := e.failure(reply.Status, hide)
		return fmt.Errorf("%s (code %s)", failure.Cause.Title, failure.Cause.Code)
	}
	return fmt.Errorf("HTTP status %d, without a word of Meta", reply.Status)
}
