package domain

import "time"

// A Hook is an address for webhooks, with the secrets that prove their sender.
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
	Hook     HookID // the connection's own id, if it shares no hook
	Account  string // the messenger's name of the connection within the hook
	Settings Settings

	Status ConnectionStatus
	Cause  *Failure // why it is suspended or disconnected, or nil
	Ended  bool     // the operator ended it: only its history is left; set by the store
	Closed []string // see Route.Closed; set by the store

	Watched Watched // what the last look at the messenger found; set by the store
}

// Settings are the values of a hook or a connection, by the names that its
// Connector lists.
type Settings map[string]Secret

// History names the setting of connections to messengers that tell of the time
// before the connection: true stores those messages.
const History = "history"

// KeepHistory reports whether messages of the time before the connection are stored.
func (s Settings) KeepHistory() bool { return s[History] == "true" }

// A Setting is a value that a hook or a connection needs.
type Setting struct {
	Name     string
	Optional bool
	Account  bool               // it names the connection within its hook
	Public   bool               // it is no secret and may be shown
	Check    func(string) error // what the value must be, as "must be …"; nil: any text

	// Identity returns the public part of the value that names the account at the
	// messenger, if no two connections can have the same; else it is nil.
	Identity func(string) string
}

// IdentityOf returns what names a connection's account at the messenger, or nothing
// if two connections may have the same.
func IdentityOf(list []Setting, values Settings) string {
	for _, s := range list {
		if s.Identity != nil && values[s.Name] != "" {
			return s.Identity(string(values[s.Name]))
		}
	}
	return ""
}

// A ConnectionStatus says whether messages are sent over a connection. Incoming
// messages are received with every status.
type ConnectionStatus string

// The statuses of a connection.
const (
	ConnectionOK        ConnectionStatus = "ok"
	ConnectionSuspended ConnectionStatus = "suspended" // the messenger takes nothing from us, until a person repairs and resumes it
	ConnectionUnpaid    ConnectionStatus = "unpaid"    // its subscription is overdue

	// The account is not linked to the messenger: messages wait, and go on when it is.
	ConnectionDisconnected ConnectionStatus = "disconnected"
)

// ConnectionStatuses lists every ConnectionStatus.
var ConnectionStatuses = []ConnectionStatus{ConnectionOK, ConnectionSuspended, ConnectionUnpaid, ConnectionDisconnected}

// A ConnectionChange is what answers and reports of the messenger mean for a connection.
type ConnectionChange struct {
	ID        ConnectionID
	Suspended *Failure  // why nothing is sent from now on, see StatusBy; nil: it stays as it is
	Resumed   bool      // it sends again
	SendAfter time.Time // nothing is sent before; zero: it stays as it is

	Business, Number string    // see Update; empty: it stays as it is
	Closed           []string  // see Route; nil: it stays as it is
	Watched          *Watched  // nil: it stays as it is; it replaces Stored, or else the transaction is run again
	Stored           string    // with Watched: from Route
	LookAt           time.Time // when it is looked at again at the latest, see Watcher; zero: in its turn
}

// StatusBy is the status of a connection over which nothing is sent because of the failure.
func StatusBy(why *Failure) ConnectionStatus {
	if Policies[why.Reason].Offline {
		return ConnectionDisconnected
	}
	return ConnectionSuspended
}

// connectionStatus is the data of EventConnectionStatus.
type connectionStatus struct {
	Status ConnectionStatus `json:"status"`
	Cause  *Cause           `json:"cause"`
}

// ConnectionEvent makes the Event that reports a changed status of a connection.
// Why may be nil.
func ConnectionEvent(id EventID, now time.Time, c Connection, status ConnectionStatus, why *Failure) (Event, error) {
	data := connectionStatus{Status: status}
	if why != nil {
		data.Cause = &why.Cause
	}
	return encodeEvent(Event{ID: id, Type: EventConnectionStatus, Company: c.Company, At: now},
		envelope{Connection: &envelopeConnection{c.ID, c.Kind}, Data: data})
}

// signalEvent makes the Event that reports a Signal of a connection.
func signalEvent(id EventID, now time.Time, c Connection, s Signal) (Event, error) {
	return encodeEvent(Event{ID: id, Type: EventConnectionSignal, Company: c.Company, At: now},
		envelope{Connection: &envelopeConnection{c.ID, c.Kind}, Data: s})
}
