package domain

import "time"

// A Policy says what a Reason means and how it is handled.
type Policy struct {
	Code    Code
	Retry   Backoff // zero: the failure is final
	Slow    bool    // the whole connection sends nothing until the next attempt
	Suspend bool    // the connection sends nothing until a person resumes it
	Means   string  // for support
	Do      string  // what the employee should do, in their language
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
		Code: NoPaidDialogs, Means: "The messenger wants to be paid for WABA: no payment method, or no funds.",
		Do: "Avise al administrador: hay que pagar WABA al proveedor.",
	},
	ReasonNoPaidDialogs: {
		Code: NoPaidDialogs, Means: "The paid WABA dialogs that the subscription holds are used up; nothing was sent.",
		Do: "Compre más diálogos WABA, o espere a que el cliente escriba.",
	},
	ReasonPeerRefuses: {
		Code: UnknownError, Means: "The peer blocked us, opted out, or lets nobody like us write.",
		Do: "No insista: el cliente no quiere recibir mensajes por aquí.",
	},
	ReasonPeerLimit: {
		Code: UnknownError, Means: "The messenger limits what this peer gets from businesses.",
		Do: "Espere un día, o a que el cliente escriba.",
	},
	ReasonWindowClosed: {
		Code: UnknownError, Means: "More than 24 hours have passed since the peer's last message: WABA takes only templates.",
		Do: "Envíe una plantilla.",
	},
	ReasonInvalid: {
		Code: UnknownError, Means: "The messenger finds the message wrong: too long, empty, or of a form that it does not take.",
		Do: "Corrija el mensaje y envíelo de nuevo.",
	},
	ReasonTemplate: {
		Code: UnknownError, Means: "The template does not exist in that language, is paused or disabled, or its parameters do not fit.",
		Do: "Revise la plantilla y sus parámetros.",
	},
	ReasonMedia: {
		Code: UnknownError, Means: "The messenger cannot take or fetch the file.",
		Do: "Envíe el archivo en otro formato o más pequeño.",
	},
	ReasonUnauthorized: {
		Code: UnknownError, Suspend: true, Means: "Our token, or our number, is no longer accepted. The connection is suspended.", Do: doAdmin,
	},
	ReasonLocked: {
		Code: UnknownError, Suspend: true, Means: "The messenger locked our account. The connection is suspended.", Do: doAdmin,
	},
	ReasonRestricted: {
		Code: UnknownError, Means: "The messenger restricts our account: by country, by quality, or for some hours.",
		Do: "Avise al administrador y espere: el mensajero limita la cuenta.",
	},
	ReasonPermission: {
		Code: UnknownError, Means: "Our token or bot may not do this there.",
		Do: "Avise al administrador: faltan permisos en el mensajero.",
	},
	ReasonThrottled: {
		Code: UnknownError, Retry: Backoff{First: time.Second, Factor: 2, Max: 5 * time.Minute}, Slow: true,
		Means: "Too fast for the connection; all of it waits.", Do: doNothing,
	},
	ReasonPairThrottled: {
		Code: UnknownError, Retry: Backoff{First: time.Second, Factor: 4, Max: time.Hour},
		Means: "Too fast for this peer; the chat waits, others do not.", Do: doNothing,
	},
	ReasonUnavailable: {
		Code: UnknownError, Retry: Backoff{First: 5 * time.Second, Factor: 2, Max: 5 * time.Minute, Tries: 8},
		Means: "The messenger says that it cannot just now.", Do: doNothing,
	},
	ReasonUnreachable: {
		Code: UnknownError, Retry: Backoff{First: time.Second, Factor: 2, Max: time.Minute},
		Means: "No connection to the messenger; nothing left us.", Do: doNothing,
	},
	ReasonUnrecognized: {Code: UnknownError, Means: "An answer that no table lists.", Do: doSupport},
	ReasonOutcomeUnknown: {
		Code: UnknownError, Means: "The message may have arrived: no answer and no sign of it came. It was not sent again.",
		Do: "Pregunte al cliente antes de enviarlo de nuevo: puede haber llegado.",
	},
	ReasonChatBlocked: {
		Code: UnknownError, Means: "The chat was put on the blacklist while the message waited.",
		Do: "Desbloquee el chat si quiere escribir.",
	},
	ReasonExpired: {
		Code: UnknownError, Means: "It waited an hour and could not be sent.", Do: "Envíelo de nuevo si todavía hace falta.",
	},
	ReasonUnpaid: {
		Code: SubscriptionNotPaid, Means: "The subscription is neither paid nor on trial.",
		Do: "Avise al administrador: hay que pagar la suscripción.",
	},
	ReasonDialogLimit: {
		Code: DialogLimitReached, Means: "The tariff's outgoing dialogs of the month are used up. Answers to who wrote first still go.",
		Do: "Hay que mejorar la tarifa, o esperar al mes siguiente.",
	},
	ReasonVoice: {
		Code: VoiceNotAvailable, Means: "The tariff has no voice messages. Refused at once: no message is made.",
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
