package domain

import (
	"hash/fnv"
	"math"
	"time"
)

// A Code is a failure as employees and CRMs see it: one of six, each with a fixed
// text.
type Code string

// The codes. They are documented and never change.
const (
	AccountNotFound     Code = "messenger_account_not_found"
	SubscriptionNotPaid Code = "subscription_not_paid"
	NoPaidDialogs       Code = "waba_no_paid_dialogs"
	DialogLimitReached  Code = "outgoing_dialog_limit_reached"
	VoiceNotAvailable   Code = "voice_not_available_on_tariff"
	UnknownError        Code = "unknown_error"
)

// Texts holds the text of each Code, as employees see it.
var Texts = map[Code]string{
	AccountNotFound:     "No se encontró la cuenta de mensajero",
	SubscriptionNotPaid: "Suscripción no pagada",
	NoPaidDialogs:       "No hay diálogos Waba pagados",
	DialogLimitReached:  "Se ha alcanzado el límite de diálogo saliente en la tarifa de suscripción",
	VoiceNotAvailable:   "Los mensajes de voz sólo están disponibles en las tarifas Avanzadas",
	UnknownError:        "Error desconocido. Póngase en contacto con el soporte técnico.",
}

// A Reason classifies a failure. Policies say for each whether to retry and which
// Code is published; metrics count by it.
type Reason string

// The reasons.
const (
	ReasonNoAccount      Reason = "no_account"
	ReasonPayment        Reason = "payment"
	ReasonPeerRefuses    Reason = "peer_refuses"
	ReasonPeerLimit      Reason = "peer_limit"
	ReasonWindowClosed   Reason = "window_closed"
	ReasonInvalid        Reason = "invalid"
	ReasonTemplate       Reason = "template"
	ReasonMedia          Reason = "media"
	ReasonUnauthorized   Reason = "unauthorized"
	ReasonLocked         Reason = "locked"
	ReasonRestricted     Reason = "restricted"
	ReasonPermission     Reason = "permission"
	ReasonThrottled      Reason = "throttled"
	ReasonPairThrottled  Reason = "pair_throttled"
	ReasonUnavailable    Reason = "unavailable"
	ReasonUnreachable    Reason = "unreachable"
	ReasonUnrecognized   Reason = "unrecognized"
	ReasonOutcomeUnknown Reason = "outcome_unknown"
	ReasonChatBlocked    Reason = "chat_blocked"
	ReasonExpired        Reason = "expired"
	ReasonUnpaid         Reason = "unpaid"
	ReasonDialogLimit    Reason = "dialog_limit"
	ReasonNoPaidDialogs  Reason = "no_paid_dialogs"
	ReasonVoice          Reason = "voice"
	ReasonStrangers      Reason = "strangers"
	ReasonDisconnected   Reason = "disconnected"
)

// A Backoff spaces the attempts to send a message. The zero Backoff means: do not
// retry.
type Backoff struct {
	First  time.Duration // before the second attempt
	Factor float64       // each wait is the one before times Factor; zero: always First
	Max    time.Duration // the longest wait; zero: unbounded
	Tries  int           // attempts in all; zero: no limit but Class.GiveUpAfter
}

// final reports whether there is no second attempt.
func (b Backoff) final() bool { return b.First == 0 }

// Wait returns how long to wait after the given number of attempts, and false when
// there is to be no other. It adds up to a tenth, which depends on the key, so that
// messages that failed together are not retried together.
func (b Backoff) Wait(tries int, key string) (time.Duration, bool) {
	if b.final() || b.Tries > 0 && tries >= b.Tries {
		return 0, false
	}
	wait := float64(b.First) * math.Pow(max(b.Factor, 1), float64(tries-1))
	if b.Max > 0 {
		wait = min(wait, float64(b.Max))
	}
	return jitter(time.Duration(wait), tries, key), true
}

// jitter lengthens d by up to a tenth, the same for the same try of the same key.
func jitter(d time.Duration, try int, key string) time.Duration {
	h := fnv.New32a()
	h.Write([]byte{byte(try)})
	h.Write([]byte(key))
	return d + time.Duration(float64(d)/10*float64(h.Sum32())/math.MaxUint32)
}

// A Cause holds the details of a failure for support, from the messenger or from
// our own checks. It holds no secret and no text of a message.
type Cause struct {
	Source     string `json:"source"` // the messenger, or "recado"
	HTTPStatus int    `json:"http_status,omitempty"`
	Code       string `json:"code"`
	Subcode    string `json:"subcode,omitempty"`
	Title      string `json:"title"`
	Details    string `json:"details,omitempty"`
	TraceID    string `json:"trace_id,omitempty"`
}

// A Failure is why a message was not sent.
type Failure struct {
	Reason Reason `json:"reason"`
	Cause  Cause  `json:"cause"`
}

// Code returns the Code that is published for the failure.
func (f *Failure) Code() Code { return Policies[f.Reason].Code }

// ownFailure makes a Failure that we detected ourselves, without the messenger.
func ownFailure(r Reason, title string) *Failure {
	return &Failure{Reason: r, Cause: Cause{Source: "recado", Code: string(r), Title: title}}
}

// A PublicFailure is a failure as CRMs and pages see it: a text for the employee,
// the cause for support.
type PublicFailure struct {
	Code  Code   `json:"code"`
	Text  string `json:"text"`
	Hint  string `json:"hint,omitempty"` // what the text leaves out
	Cause Cause  `json:"cause"`
}

// Public returns the failure as it is published.
func (f *Failure) Public() PublicFailure {
	return PublicFailure{Code: f.Code(), Text: Texts[f.Code()], Hint: Hints[f.Code()], Cause: f.Cause}
}
