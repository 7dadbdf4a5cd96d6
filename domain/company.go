package domain

import "time"

// A Secret is a credential. It prints as [secret] everywhere; string(s) is the
// one way to its text.
type Secret string

// String hides the text.
func (Secret) String() string { return "[secret]" }

// GoString hides the text.
func (Secret) GoString() string { return "[secret]" }

// MarshalText hides the text.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// A Company is a customer. It sees nothing of another.
type Company struct {
	ID       CompanyID
	Name     string
	TimeZone string // IANA name: its months and days
}

// A Subscription pays for the connections of one kind.
type Subscription struct {
	ID          SubscriptionID
	Company     CompanyID
	Kind        Kind
	Tariff      Tariff
	PaidUntil   string // a date in the company's zone, its end included; empty: not paid
	TrialUntil  string // likewise
	DialogLimit int64  // outgoing dialogs a month; -1: as the tariff says
	CountMode   CountMode
	WABADialogs int64 // paid dialogs bought in all
}

// A CountMode tells which dialogs count as outgoing.
type CountMode string

// The modes of counting.
const (
	CountOursFirst   CountMode = "ours_first"   // those in which we wrote first; also the empty mode
	CountAnyOutgoing CountMode = "any_outgoing" // those in which we wrote at all
)

// CountModes lists every CountMode.
var CountModes = []CountMode{CountOursFirst, CountAnyOutgoing}

// A Tariff is what a subscription costs, and what it may do.
type Tariff string

// The tariffs.
const (
	Inicial  Tariff = "inicial"
	Estandar Tariff = "estandar"
	Avanzada Tariff = "avanzada"
)

// Tariffs lists every Tariff.
var Tariffs = []Tariff{Inicial, Estandar, Avanzada}

// A Hook is an ingress address with the secrets that prove who calls it.
type Hook struct {
	ID      HookID
	Kind    Kind
	Secrets Settings
}

// A Connection of a company to a messenger, with what is needed to send.
type Connection struct {
	ID       ConnectionID
	Company  CompanyID
	Kind     Kind
	Hook     HookID // itself, if it has no other
	Account  string // the messenger's name of it within the hook
	Settings Settings

	Status ConnectionStatus
	Cause  *Failure // why it is suspended, or nil
}

// Settings are a hook's or a connection's own values, by the names that its
// Connector lists.
type Settings map[string]Secret

// A Setting is a value that a hook or a connection needs.
type Setting struct {
	Name     string
	Optional bool
	Account  bool // it names the connection within its hook
	Public   bool // no secret: it may be shown
}

// An Employee of a company, or a service that acts for it.
type Employee struct {
	ID      EmployeeID
	Company CompanyID
	Name    string
	Role    string
	Rights  []string
	Service bool // its messages have OriginAPI
	HasKey  bool // as the store knows; a Registry says it by its APIKeys
}

// Origin tells from where the messages of the employee come.
func (e Employee) Origin() Origin {
	if e.Service {
		return OriginAPI
	}
	return OriginEmployee
}

// A Registry is the whole of what an operator declared, as one file of `apply`
// gives it. Secrets are in clear here; the store seals them.
type Registry struct {
	Hooks         []Hook
	Companies     []Company
	Subscriptions []Subscription
	Connections   []Connection
	Employees     []Employee
	APIKeys       map[EmployeeID]Secret // stored hashed; an employee without one keeps what he has
	Revoked       []EmployeeID          // whose keys, if they have any, are taken from them
	Endpoints     []Endpoint
}

// A Webhook is the raw body of one call of a messenger.
type Webhook struct {
	ID       int64 // given by the store
	Hook     HookID
	Kind     Kind
	Body     []byte
	Received time.Time
}
