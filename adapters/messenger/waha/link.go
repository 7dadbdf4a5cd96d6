package waha

import (
	"context"
	"net/http"

	"recado/domain"
)

var _ domain.Linker = (*Connector)(nil)

// LinkCode returns the QR code that WhatsApp wants to be scanned. A session that is
// stopped or failed is started, so that there will be one.
func (c *Connector) LinkCode(ctx context.Context, conn domain.Connection) (code string, linked bool, err error) {
	info, err := c.session(ctx, conn)
	if err != nil {
		return "", false, err
	}
	call := c.calling(conn, "")
	switch info.Status {
	case "WORKING":
		return "", true, nil
	case "SCAN_QR_CODE":
		var said struct{ Value string }
		err := call.ask(ctx, http.MethodGet, "/api/"+call.session+"/auth/qr?format=raw", nil, &said)
		return said.Value, false, err
	case "STOPPED":
		return "", false, call.ask(ctx, http.MethodPost, "/api/sessions/"+call.session+"/start", nil, nil)
	case "FAILED":
		return "", false, call.ask(ctx, http.MethodPost, "/api/sessions/"+call.session+"/restart", nil, nil)
	}
	return "", false, nil
}

// Risk says what linking an account may cost.
func (*Connector) Risk() string {
	return "WAHA is no product of WhatsApp, which may ban a number that is linked to it. A business that needs safety uses waba."
}
