package simulator

import (
	"math/rand/v2"
	"net/http"
	"time"

	"recado/domain"
)

// A Player plays one messenger. The Simulator decides who writes, when, and which
// habit a message meets; the Player speaks the messenger's protocol. Its methods
// are called one at a time; the handlers that Serve registers are not.
type Player interface {
	// Messenger describes the messenger. It returns the same each time.
	Messenger() *Messenger

	// Account returns what the messenger knows of a connection. The caller sets
	// the kind and the outbox.
	Account(c domain.Connection, hook domain.Settings, dice *rand.Rand) Account

	// Serve registers the messenger's API. Its handlers pass each message to Take.
	Serve(mux *http.ServeMux, s *Simulator)

	// Accept makes of a message that the messenger takes what its API answers, and
	// the webhooks that report its delivery.
	Accept(c *Chat, m Message, p Play, dice *rand.Rand, now time.Time) (answer any, reports []Planned)

	// Write makes the webhooks of what a person writes, in their order. It returns the
	// messenger's id of the message.
	Write(c *Chat, by Person, text string, p Play, dice *rand.Rand, now time.Time) (id string, hooks []*Webhook)
}

// A Messenger is what a Player declares.
type Messenger struct {
	Kind    domain.Kind
	Name    string // of the service that calls webhooks, such as "Meta"
	Path    string // of its API, such as "/meta/v23.0"
	BaseURL string // the setting that directs a connection's messages to the simulator
	Manners Manners

	People []Person // who write by themselves, and have a name
	Groups []Group

	// Parse reads the id of a person as people write it. Crowd returns the id of
	// the n-th person without a name; it has no habit's ending.
	Parse func(text string) (id string, ok bool)
	Crowd func(n int) string

	// Files says that people send files, too: Write makes the webhook of Chat.Sends, and
	// Serve gives its bytes.
	Files bool

	Plays map[string]Play // by the names of the habits; a missing one is nothing odd
	Full  Refusal         // the answer while too many webhooks wait

	Limits Limits
}

// A Play is what a habit does to a message. Its zero value is nothing odd.
type Play struct {
	Words string // what it does, for people

	// Of what Recado sends.
	Refusals  []Refusal // answers to one try after another, before one is taken
	Never     bool      // the last refusal is repeated for ever
	Cut       bool      // taken, and the connection closed without an answer
	Reports   []Report  // nil: the messenger's usual ones
	Unread    bool      // the peer does not read it
	Restricts bool      // the account is restricted for it, and freed after a while

	// Of what the client writes.
	Twice   bool
	Late    time.Duration
	Presses bool   // it is the words of a button
	Deafens bool   // from it on no webhooks are sent, for a while
	Leaves  bool   // then they block the company, until they write again
	MovesTo string // then they have another number, which ends with this
}

// A Refusal is an error of the messenger.
type Refusal struct {
	Status        int
	Code          int // the messenger's own; zero: it has none
	Text, Details string
	Wait          time.Duration // the messenger's own delay; zero: it gives none
}

// A Report is a status that the messenger reports of a message.
type Report struct {
	Status string
	After  time.Duration // since the message was taken
	Error  Refusal       // if it failed
}

// A Message is what Recado sends.
type Message struct {
	Peer string
	Text string
	Own  any // what else the Player needs to accept it
}

// A Verdict is what becomes of a message.
type Verdict struct {
	Refusal *Refusal // nil: it is taken
	Cut     bool     // it is taken, and the connection breaks before the answer
	Answer  any      // of Player.Accept
}
