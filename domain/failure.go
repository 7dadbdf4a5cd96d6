package domain

import (
	"hash/fnv"
	"math"
	"time"
)

// A Code is what an employee and a CRM see of a failure: one of six, each with
// a fixed text.
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

// Texts holds the text of each Code as an employee reads it.
var Texts = map[Code]string{
	AccountNotFound:     "No se encontró la cuenta de mensajero",
	SubscriptionNotPaid: "Suscripción no pagada",
	NoPaidDialogs:       "No hay diálogos Waba pagados",
	DialogLimitReached:  "Se ha alcanzado el límite de diálogo saliente en la tarifa de suscripción",
	VoiceNotAvailable:   "Los mensajes de voz sólo están disponibles en las tarifas Avanzadas",
	UnknownError:        "Error desconocido. Póngase en contacto con el soporte técnico.",
}

// A Reason is what we know of a failure. It decides, by Policies, whether to
// try again and which Code is told; metrics count by it.
type Reason string

// The reasons.
const (
	ReasonNoAccount      Reason = "no_account"      // the peer has no account with the messenger
	ReasonPayment        Reason = "payment"         // the messenger wants to be paid for WABA
	ReasonPeerRefuses    Reason = "peer_refuses"    // blocked us, privacy, opted out
	ReasonPeerLimit      Reason = "peer_limit"      // the messenger limits what this peer gets from businesses
	ReasonWindowClosed   Reason = "window_closed"   // more than 24 hours since the peer's last message
	ReasonInvalid        Reason = "invalid"         // the messenger finds the message wrong
	ReasonTemplate       Reason = "template"        // the template is wrong, paused or disabled
	ReasonMedia          Reason = "media"           // the messenger cannot take or fetch the file
	ReasonUnauthorized   Reason = "unauthorized"    // our token or account is no longer accepted
	ReasonRestricted     Reason = "restricted"      // the messenger restricted our account or number
	ReasonPermission     Reason = "permission"      // our token may not do this
	ReasonThrottled      Reason = "throttled"       // too fast for the connection
	ReasonPairThrottled  Reason = "pair_throttled"  // too fast for this peer
	ReasonUnavailable    Reason = "unavailable"     // the messenger says it cannot just now
	ReasonUnreachable    Reason = "unreachable"     // no connection; nothing left us
	ReasonUnrecognized   Reason = "unrecognized"    // an answer that no table lists
	ReasonOutcomeUnknown Reason = "outcome_unknown" // it may have left; no answer and no evidence came
	ReasonChatBlocked    Reason = "chat_blocked"    // the chat was blocked while the message waited
	ReasonExpired        Reason = "expired"         // it waited too long to be sent
	ReasonUnpaid         Reason = "unpaid"          // the subscription is neither paid nor on trial
	ReasonDialogLimit    Reason = "dialog_limit"    // the tariff's outgoing dialogs of the month are used up
	ReasonVoice          Reason = "voice"           // the tariff has no voice messages
)

// A Policy is what we do about a Reason.
type Policy struct {
	Code  Code    // told when the tries end
	Retry Backoff // zero: the failure is final
}

// Policies has a line for every Reason.
var Policies = map[Reason]Policy{
	ReasonNoAccount:      {Code: AccountNotFound},
	ReasonPayment:        {Code: NoPaidDialogs},
	ReasonPeerRefuses:    {Code: UnknownError},
	ReasonPeerLimit:      {Code: UnknownError},
	ReasonWindowClosed:   {Code: UnknownError},
	ReasonInvalid:        {Code: UnknownError},
	ReasonTemplate:       {Code: UnknownError},
	ReasonMedia:          {Code: UnknownError},
	ReasonUnauthorized:   {Code: UnknownError},
	ReasonRestricted:     {Code: UnknownError},
	ReasonPermission:     {Code: UnknownError},
	ReasonThrottled:      {Code: UnknownError, Retry: Backoff{First: time.Second, Factor: 2, Max: 5 * time.Minute}},
	ReasonPairThrottled:  {Code: UnknownError, Retry: Backoff{First: time.Second, Factor: 4, Max: time.Hour}},
	ReasonUnavailable:    {Code: UnknownError, Retry: Backoff{First: 5 * time.Second, Factor: 2, Max: 5 * time.Minute, Tries: 8}},
	ReasonUnreachable:    {Code: UnknownError, Retry: Backoff{First: time.Second, Factor: 2, Max: time.Minute}},
	ReasonUnrecognized:   {Code: UnknownError},
	ReasonOutcomeUnknown: {Code: UnknownError},
	ReasonChatBlocked:    {Code: UnknownError},
	ReasonExpired:        {Code: UnknownError},
	ReasonUnpaid:         {Code: SubscriptionNotPaid},
	ReasonDialogLimit:    {Code: DialogLimitReached},
	ReasonVoice:          {Code: VoiceNotAvailable},
}

// A Backoff spaces the tries of a message. Zero means: do not try again.
type Backoff struct {
	First  time.Duration // before the second try
	Factor float64       // each wait is so much longer than the one before; zero: always First
	Max    time.Duration // no wait is longer; zero: unbounded
	Tries  int           // tries in all; zero: as many as the message's age allows
}

// Wait returns how long to wait after the given number of tries, and false when
// there is to be no other. Up to a tenth is added, by key, so that what failed
// together does not come back together.
func (b Backoff) Wait(tries int, key string) (time.Duration, bool) {
	if b.First == 0 || b.Tries > 0 && tries >= b.Tries {
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

// A Cause is what the messenger said, or what we found: for support, not for
// the employee. It holds no secret and no text of a message.
type Cause struct {
	Source     string `json:"source"` // the messenger, or "recado"
	HTTPStatus int    `json:"http_status,omitempty"`
	Code       string `json:"code"`
	Subcode    string `json:"subcode,omitempty"`
	Title      string `json:"title"`
	Details    string `json:"details,omitempty"`
	TraceID    string `json:"trace_id,omitempty"`
}

// A Failure tells why a message was not sent.
type Failure struct {
	Reason Reason `json:"reason"`
	Cause  Cause  `json:"cause"`
}

// Code returns what is told of the failure.
func (f *Failure) Code() Code { return Policies[f.Reason].Code }

// ours makes a Failure that we found ourselves, before or instead of an answer.
func ours(r Reason, title string) *Failure {
	return &Failure{Reason: r, Cause: Cause{Source: "recado", Code: string(r), Title: title}}
}
