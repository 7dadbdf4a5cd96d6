package domain

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Kind is a way in which a company is connected to a messenger.
type Kind string

// The kinds of connections. Their names stand in URLs, metrics and files.
const (
	WhatsAppBusiness Kind = "whatsapp_business" // an ordinary account, linked by QR, reached through a gateway
	WABA             Kind = "waba"              // WhatsApp Business API: Meta's Cloud API
	TelegramPersonal Kind = "telegram_personal" // a user's account
	TelegramBot      Kind = "telegram_bot"
)

// Traits say how one kind differs from others. A rule asks for a trait, never
// for a kind, so that a new kind needs no change of the rules.
type Traits struct {
	Kind             Kind
	Name             string        // of the messenger, as people call it
	Sends            []MessageType // what its connector can send; connectortest checks it
	Phones           bool          // a peer is named by a phone number, if it has one
	Numbers          bool          // a peer is named by a whole number
	LooksUp          bool          // beside it, a peer may be called by a phone number with its plus, or by a public @name
	FreeWindow       bool          // after a peer's message anything may be sent for some time, later only templates
	PaidDialogs      bool          // templates outside the free window take a dialog that was paid in advance
	NoGroupBlacklist bool          // a group cannot be put on the blacklist
	TellsRefusals    bool          // says when a peer refuses messages, and when no more
	GivesBack        int           // so many messages in a row that are restricted after they were taken suspend the connection; zero: none do
	Unhides          bool          // a look soon after may find the phone number of a peer who shows none; see Lookback
	LongestPause     time.Duration // to which the pause of Policy.Strangers doubles with each further refusal; zero: it is always the same
	Strangers        int           // so many peers that never wrote may be written to in a day; zero: any number
	QuotesWriter     bool          // a reply tells who wrote the message that it replies to
	Recognises       []MessageType // takes an id of ours for these types, so that the same message is not sent twice; see Namer
}

// Messengers has a row for each Kind, in the order of lists that people read.
// The program only reads it; a test of an invented messenger adds a row.
var Messengers = []Traits{
	{Kind: WhatsAppBusiness, Name: "WhatsApp Business", Sends: []MessageType{
		TypeText, TypeVoice, TypeImage, TypeVideo, TypeAudio, TypeFile, TypeLocation, TypeContacts, TypeReaction, TypeEdit, TypeDelete,
	}, Phones: true, Unhides: true, QuotesWriter: true, GivesBack: 5, LongestPause: 7 * day, Strangers: 20, Recognises: []MessageType{TypeText, TypeLocation, TypeContacts}},
	{Kind: WABA, Name: "WhatsApp", Sends: []MessageType{
		TypeText, TypeTemplate, TypeVoice, TypeImage, TypeVideo, TypeAudio, TypeFile, TypeLocation, TypeContacts, TypeInteractive, TypeReaction,
	}, Phones: true, FreeWindow: true, PaidDialogs: true},
	{Kind: TelegramPersonal, Name: "Telegram", Sends: []MessageType{
		TypeText, TypeVoice, TypeImage, TypeVideo, TypeAudio, TypeFile, TypeLocation, TypeContacts, TypeReaction, TypeEdit, TypeDelete,
	}, Numbers: true, LooksUp: true, Strangers: 20, Recognises: []MessageType{
		TypeText, TypeVoice, TypeImage, TypeVideo, TypeAudio, TypeFile, TypeLocation, TypeContacts,
	}},
	{Kind: TelegramBot, Name: "Telegram", Sends: []MessageType{
		TypeText, TypeVoice, TypeImage, TypeVideo, TypeAudio, TypeFile, TypeLocation, TypeContacts, TypeInteractive, TypeReaction, TypeEdit, TypeDelete,
	}, Numbers: true, NoGroupBlacklist: true, TellsRefusals: true},
}

// Kinds lists the kinds of Messengers.
func Kinds() []Kind {
	kinds := make([]Kind, len(Messengers))
	for i := range Messengers {
		kinds[i] = Messengers[i].Kind
	}
	return kinds
}

// KindsWithPaidDialogs lists the kinds whose subscriptions buy paid dialogs.
func KindsWithPaidDialogs() []Kind {
	return slices.DeleteFunc(Kinds(), func(k Kind) bool { return !k.Traits().PaidDialogs })
}

// KindsThatSend lists the kinds over which messages of the type go out.
func KindsThatSend(m MessageType) []Kind {
	return slices.DeleteFunc(Kinds(), func(k Kind) bool { return !k.Traits().CanSend(m) })
}

// Traits returns the row of the kind; a kind without a row has no traits.
func (k Kind) Traits() *Traits {
	for i := range Messengers {
		if Messengers[i].Kind == k {
			return &Messengers[i]
		}
	}
	return &Traits{Kind: k, Name: string(k)}
}

// CanSend reports whether messages of the type go out over connections of the kind.
func (t *Traits) CanSend(m MessageType) bool { return slices.Contains(t.Sends, m) }

// recognises reports whether the messenger recognises a repeat of a message of the type.
func (t *Traits) recognises(m MessageType) bool { return slices.Contains(t.Recognises, m) }

// ParseKind returns the Kind of that name. The error lists the names.
func ParseKind(name string) (Kind, error) {
	kinds := Kinds()
	if k := Kind(name); slices.Contains(kinds, k) {
		return k, nil
	}
	return "", fmt.Errorf("kind %q is unknown; the kinds are %s", name, Join(kinds))
}

// Join writes names in a row, for people: "waba, telegram_bot".
func Join[T ~string](names []T) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = string(name)
	}
	return strings.Join(list, ", ")
}
