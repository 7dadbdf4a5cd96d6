package domain

import "time"

// A Policy says what a Reason means and how it is handled.
type Policy struct {
	Code      Code
	Retry     Backoff       // zero: the failure is final
	Slow      bool          // the whole connection sends nothing until the next attempt
	Suspend   bool          // the connection sends nothing until a person resumes it
	Strangers time.Duration // so long the connection writes to nobody who never wrote, unless the messenger says how long
	Offline   bool          // the connection sends nothing until the messenger reports that the account is linked
	Means     string        // for support
	Do        string        // what the employee should do, in their language
}

// Retried reports whether a message is sent again after a failure for the Reason.
func (p Policy) Retried() bool { return !p.Retry.final() }

// Texts of Do that several policies share.
const (
	doNothing = "Nada: el mensaje se vuelve a enviar solo. Si falla, inténtelo más tarde."
	doSupport = "Pida a soporte que revise la causa."
	doAdmin   = "Avise al administrador: hay que revisar la cuenta y reanudar la conexión."
)

// Policies has an entry for every Reason.
var Policies = map[Reason]Policy{
	ReasonNoAccount: {
		Code: AccountNotFound, Means: "The peer has no account with the messenger, or none that we can reach.",
		Do: "Compruebe el número o el usuario; use otro canal.",
	},
	ReasonPayment: {
		Code: NoPaidDialogs, Means: "The company owes the messenger for WABA: no payment method, or no funds.",
		Do: "Avise al administrador: hay que pagar WABA al proveedor.",
	},
	ReasonNoPaidDialogs: {
		Code: NoPaidDialogs, Means: "The paid WABA dialogs that the subscription holds are used up; nothing was sent.",
		Do: "Compre más diálogos WABA, o espere a que el cliente escriba.",
	},
	ReasonPeerRefuses: {
		Code: UnknownError, Means: "The peer blocked the company, opted out, or accepts no messages from senders like it.",
		Do: "No insista: el cliente no quiere recibir mensajes por aquí.",
	},
	ReasonPeerLimit: {
		Code: UnknownError, Means: "The messenger limits how many messages this peer gets from businesses.",
		Do: "Espere un día, o a que el cliente escriba.",
	},
	ReasonWindowClosed: {
		Code: UnknownError, Means: "More than 24 hours have passed since the peer's last message: WABA accepts only templates.",
		Do: "Envíe una plantilla.",
	},
	ReasonInvalid: {
		Code: UnknownError, Means: "The messenger rejects the message as invalid: too long, empty, or of a form that it does not support.",
		Do: "Corrija el mensaje y envíelo de nuevo.",
	},
	ReasonTemplate: {
		Code: UnknownError, Means: "The template does not exist in that language, is paused or disabled, or its parameters do not fit.",
		Do: "Revise la plantilla y sus parámetros.",
	},
	ReasonMedia: {
		Code: UnknownError, Means: "The messenger cannot accept or fetch the file.",
		Do: "Envíe el archivo en otro formato o más pequeño.",
	},
	ReasonUnauthorized: {
		Code: UnknownError, Suspend: true, Means: "The connection's token or number is no longer accepted. The connection is suspended.", Do: doAdmin,
	},
	ReasonLocked: {
		Code: UnknownError, Suspend: true, Means: "The messenger locked the company's account. The connection is suspended.", Do: doAdmin,
	},
	ReasonRestricted: {
		Code: UnknownError, Means: "The messenger restricts the company's account: by country, by quality, or for some hours.",
		Do: "Avise al administrador y espere: el mensajero limita la cuenta.",
	},
	ReasonPermission: {
		Code: UnknownError, Means: "The connection's token or bot lacks the permission for this.",
		Do: "Avise al administrador: faltan permisos en el mensajero.",
	},
	ReasonThrottled: {
		Code: UnknownError, Retry: Backoff{First: time.Second, Factor: 2, Max: 5 * time.Minute}, Slow: true,
		Means: "Rate limit of the connection: everything sent over it waits.", Do: doNothing,
	},
	ReasonPairThrottled: {
		Code: UnknownError, Retry: Backoff{First: time.Second, Factor: 4, Max: time.Hour},
		Means: "Rate limit of this peer: its chat waits, others do not.", Do: doNothing,
	},
	ReasonUnavailable: {
		Code: UnknownError, Retry: Backoff{First: 5 * time.Second, Factor: 2, Max: 5 * time.Minute, Tries: 8},
		Means: "The messenger is temporarily unavailable.", Do: doNothing,
	},
	ReasonUnreachable: {
		Code: UnknownError, Retry: Backoff{First: time.Second, Factor: 2, Max: time.Minute},
		Means: "No network connection to the messenger; nothing was sent.", Do: doNothing,
	},
	ReasonUnrecognized: {Code: UnknownError, Means: "The messenger gave an answer that no table lists.", Do: doSupport},
	ReasonOutcomeUnknown: {
		Code: UnknownError, Means: "The message may have arrived: the messenger gave no answer and reported nothing. It was not sent again.",
		Do: "Pregunte al cliente antes de enviarlo de nuevo: puede haber llegado.",
	},
	ReasonChatBlocked: {
		Code: UnknownError, Means: "The chat was put on the blacklist while the message waited.",
		Do: "Desbloquee el chat si quiere escribir.",
	},
	ReasonExpired: {
		Code: UnknownError, Means: "The message could not be sent within an hour, or one of a campaign within a day.", Do: "Envíelo de nuevo si todavía hace falta.",
	},
	ReasonUnpaid: {
		Code: SubscriptionNotPaid, Means: "The subscription is neither paid nor on trial.",
		Do: "Avise al administrador: hay que pagar la suscripción.",
	},
	ReasonDialogLimit: {
		Code: DialogLimitReached, Means: "The tariff's outgoing dialogs of the month are used up. Replies to clients who wrote first are still sent.",
		Do: "Hay que mejorar la tarifa, o esperar al mes siguiente.",
	},
	ReasonStrangers: {
		Code: UnknownError, Strangers: 24 * time.Hour, Means: "The messenger lets us write only to who wrote before.",
		Do: "Espere a que el cliente escriba, o use otro canal.",
	},
	ReasonDisconnected: {
		Code: UnknownError, Retry: Backoff{First: 5 * time.Second, Factor: 2, Max: 5 * time.Minute}, Offline: true,
		Means: "The account is not linked to the messenger at present; messages wait up to an hour, and go on by themselves.",
		Do:    "Avise al administrador: hay que volver a vincular la cuenta.",
	},
	ReasonVoice: {
		Code: VoiceNotAvailable, Means: "The tariff does not include voice messages. The request is refused; no message is stored.",
		Do: "Escriba el mensaje, o mejore la tarifa.",
	},
}

// Hints adds to a Code what its text leaves out.
var Hints = map[Code]string{DialogLimitReached: "Hay que mejorar la tarifa."}

// A FailureRow is a row of a messenger's table: an answer and its Reason.
type FailureRow struct {
	Answer string // a code, a range of codes, a status with a text
	Reason Reason
	Retry  *Backoff // nil: as the Policy says
}

// Retried reports whether a message is sent again after the answer.
func (r FailureRow) Retried() bool {
	if r.Retry != nil {
		return !r.Retry.final()
	}
	return Policies[r.Reason].Retried()
}
