package waha

import (
	"time"

	"recado/domain"
)

// A sessionStatus tells how the session fares. WAHA sends some twice.
type sessionStatus struct {
	Status   string
	Statuses []struct {
		Status    string
		Timestamp stamp
	}
}

// down says why a session is not linked to WhatsApp; WORKING is, and STARTING may be
// in a moment.
var down = map[string]string{
	"SCAN_QR_CODE":                  "the account is not linked: its QR code waits to be scanned",
	"PASSKEY_REQUIRED":              "the account is not linked: WhatsApp asks for its passkey",
	"PASSKEY_CONFIRMATION_REQUIRED": "the account is not linked: WhatsApp asks to confirm its passkey",
	"STOPPED":                       "the session is stopped in WAHA",
	"FAILED":                        "the session failed in WAHA",
}

// linkOf returns what a status means; false: nothing yet.
func linkOf(status string) (domain.Link, bool) {
	why, isDown := down[status]
	if !isDown {
		return domain.Link{}, status == "WORKING"
	}
	return domain.Link{Lasting: status == "FAILED", Down: &domain.Failure{
		Reason: domain.ReasonDisconnected, Cause: domain.Cause{Source: source, Code: status, Title: why},
	}}, true
}

func (s *sessionStatus) reported(*event) (piece, error) {
	link, known := linkOf(s.Status)
	if !known {
		return piece{}, nil
	}
	var at time.Time
	for _, point := range s.Statuses {
		if point.Status == s.Status && point.Timestamp.After(at) {
			at = point.Timestamp.Time
		}
	}
	return piece{domain.ConnectionReported{Link: link}, at}, nil
}
