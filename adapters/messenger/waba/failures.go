package waba

import (
	"fmt"
	"strconv"
	"time"

	"recado/domain"
)

// A rule says what an error of Meta, or of a gateway, means.
type rule struct {
	from, to int    // the codes of Meta; to is zero: only from
	gateway  int    // or the HTTP status of an error that 360dialog gives in its own form
	text     string // and what that error says somewhere, in lower case
	reason   domain.Reason
	retry    *domain.Backoff // or nil: as domain.Policies says
}

// rules reads top to bottom; the first match decides. Meta asks to go by the
// codes: titles and HTTP statuses of the same error differ.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
var rules = []rule{
	// Our token and app.
	{from: 0, reason: domain.ReasonUnauthorized},
	{from: 1, reason: domain.ReasonUnavailable, retry: tries(3, 5*time.Second, 12, time.Minute)},
	{from: 2, reason: domain.ReasonUnavailable},
	{from: 3, reason: domain.ReasonPermission},
	{from: 4, reason: domain.ReasonThrottled, retry: slowly},
	{from: 10, reason: domain.ReasonPermission},
	{from: 33, reason: domain.ReasonUnauthorized}, // our phone number is gone, not the contact's
	{from: 100, reason: domain.ReasonInvalid},
	{from: 190, reason: domain.ReasonUnauthorized},
	{from: 200, to: 299, reason: domain.ReasonPermission},
	{from: 368, reason: domain.ReasonLocked},
	{from: 613, reason: domain.ReasonThrottled, retry: slowly},
	{from: 80007, reason: domain.ReasonThrottled, retry: slowly},

	// The message and its peer.
	{from: 130403, reason: domain.ReasonPeerRefuses},
	{from: 130429, reason: domain.ReasonThrottled},
	{from: 130472, reason: domain.ReasonPeerLimit},
	{from: 130497, reason: domain.ReasonRestricted},
	{from: 131000, reason: domain.ReasonUnavailable, retry: tries(4, 5*time.Second, 6, 2*time.Minute)},
	{from: 131005, reason: domain.ReasonPermission},
	{from: 131008, to: 131009, reason: domain.ReasonInvalid},
	{from: 131014, reason: domain.ReasonMedia},
	{from: 131016, reason: domain.ReasonUnavailable},
	{from: 131020, reason: domain.ReasonPermission}, // groups
	{from: 131021, reason: domain.ReasonInvalid},
	{from: 131026, reason: domain.ReasonNoAccount}, // of its causes the one that an employee can mend
	{from: 131030, reason: domain.ReasonRestricted},
	{from: 131031, reason: domain.ReasonLocked},
	{from: 131037, reason: domain.ReasonRestricted},
	{from: 131041, reason: domain.ReasonPermission}, // groups
	{from: 131042, reason: domain.ReasonPayment},
	{from: 131044, reason: domain.ReasonPayment},
	{from: 131045, reason: domain.ReasonRestricted}, // while our number is being registered
	{from: 131047, reason: domain.ReasonWindowClosed},
	{from: 131048, reason: domain.ReasonRestricted}, // for an hour and more: longer than a message waits
	{from: 131049, reason: domain.ReasonPeerLimit},
	{from: 131050, reason: domain.ReasonPeerRefuses},
	{from: 131051, reason: domain.ReasonInvalid},
	{from: 131052, reason: domain.ReasonMedia, retry: tries(2, 30*time.Second, 1, 0)},
	{from: 131053, reason: domain.ReasonMedia, retry: tries(3, 30*time.Second, 1, 0)},
	{from: 131055, reason: domain.ReasonPermission},
	{from: 131056, reason: domain.ReasonPairThrottled},
	{from: 131057, reason: domain.ReasonUnavailable, retry: tries(0, time.Minute, 2, 5*time.Minute)},
	{from: 131059, reason: domain.ReasonPermission}, // groups
	{from: 131060, reason: domain.ReasonInvalid},
	{from: 131062, reason: domain.ReasonInvalid},
	{from: 131063, reason: domain.ReasonTemplate},
	{from: 131064, reason: domain.ReasonRestricted}, // for hours: longer than a message waits
	{from: 131208, reason: domain.ReasonThrottled},
	{from: 131201, to: 131215, reason: domain.ReasonPermission}, // groups

	// Templates.
	{from: 132069, reason: domain.ReasonThrottled, retry: tries(0, 6*time.Minute, 1, 0)}, // 10 messages an hour
	{from: 132000, to: 132999, reason: domain.ReasonTemplate},
	{from: 135000, reason: domain.ReasonTemplate},

	// Our phone number.
	{from: 133004, reason: domain.ReasonUnavailable},
	{from: 133015, reason: domain.ReasonUnavailable, retry: tries(0, 5*time.Minute, 1, 0)},
	{from: 133016, reason: domain.ReasonRestricted},
	{from: 133010, reason: domain.ReasonUnauthorized}, // ours is not registered, not the contact's
	{from: 133000, to: 133999, reason: domain.ReasonRestricted},

	// Other products.
	{from: 134011, reason: domain.ReasonPermission}, // payments between people, not for WABA
	{from: 134100, reason: domain.ReasonInvalid},
	{from: 134101, reason: domain.ReasonTemplate, retry: tries(0, 10*time.Minute, 1, 0)}, // is being copied
	{from: 134102, reason: domain.ReasonTemplate},
	{from: 137000, reason: domain.ReasonInvalid},
	{from: 138000, to: 138018, reason: domain.ReasonPermission},
	{from: 139000, to: 139103, reason: domain.ReasonInvalid},
	{from: 139200, reason: domain.ReasonInvalid},                  // a text for which Meta wants a template
	{from: 147000, to: 147999, reason: domain.ReasonUnrecognized}, // seen, its meaning not known
	{from: 200005, to: 200007, reason: domain.ReasonInvalid},
	{from: 1752041, reason: domain.ReasonInvalid},
	{from: 2388000, to: 2388999, reason: domain.ReasonTemplate},
	{from: 2494100, reason: domain.ReasonUnavailable},
	{from: 2593107, to: 2593108, reason: domain.ReasonInvalid},

	// The on-premises API, older than the cloud's.
	{from: 402, reason: domain.ReasonPayment},
	{from: 408, reason: domain.ReasonUnavailable},
	{from: 410, reason: domain.ReasonUnrecognized},
	{from: 429, reason: domain.ReasonThrottled},
	{from: 430, reason: domain.ReasonRestricted},
	{from: 470, reason: domain.ReasonWindowClosed},
	{from: 471, reason: domain.ReasonRestricted},
	{from: 472, reason: domain.ReasonPeerLimit},
	{from: 480, reason: domain.ReasonInvalid},
	{from: 500, reason: domain.ReasonUnavailable},
	{from: 501, reason: domain.ReasonInvalid},
	{from: 1013, reason: domain.ReasonNoAccount},

	// 360dialog's own errors.
	{gateway: 400, text: "lack of payment", reason: domain.ReasonPayment},
	{gateway: 400, text: "funds", reason: domain.ReasonPayment},
	{gateway: 400, text: "number disabled", reason: domain.ReasonRestricted},
	{gateway: 400, text: "rate limit", reason: domain.ReasonThrottled},
	{gateway: 401, reason: domain.ReasonUnauthorized},
	{gateway: 403, reason: domain.ReasonRestricted},
	{gateway: 404, reason: domain.ReasonUnrecognized},
	{gateway: 500, reason: domain.ReasonUnavailable},
	{gateway: 502, reason: domain.ReasonUnavailable},
}

// FailureTable lists the rules.
func (*Connector) FailureTable() []domain.FailureRow {
	list := make([]domain.FailureRow, len(rules))
	for i, r := range rules {
		list[i] = domain.FailureRow{Answer: r.answer(), Reason: r.reason, Retry: r.retry}
	}
	return list
}

func (r rule) answer() string {
	switch {
	case r.gateway != 0 && r.text != "":
		return fmt.Sprintf("360dialog %d %q", r.gateway, r.text)
	case r.gateway != 0:
		return fmt.Sprintf("360dialog %d", r.gateway)
	case r.to != 0:
		return fmt.Sprintf("%d-%d", r.from, r.to)
	}
	return strconv.Itoa(r.from)
}

// slowly is for the limits of an app or an account, counted by the hour.
var slowly = tries(0, time.Minute, 2, time.Hour)

// tries makes a Backoff; in all so many, zero: as the message's age allows.
func tries(inAll int, first time.Duration, factor float64, longest time.Duration) *domain.Backoff {
	return &domain.Backoff{First: first, Factor: factor, Max: longest, Tries: inAll}
}
