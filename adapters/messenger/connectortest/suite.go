// Package connectortest is the specification that every domain.Connector
// passes. A messenger's test is its testdata, its table of answers, and Run.
package connectortest

import (
	"net/http"
	"reflect"
	"slices"
	"testing"

	"recado/domain"
)

// A Suite is what the specification needs of one messenger.
type Suite struct {
	// New makes the Connector under test.
	New func(client *http.Client) domain.Connector

	// Kind is the kind of the connector's connections.
	Kind domain.Kind

	// Testdata is the folder of the payloads; empty: testdata.
	Testdata string

	// Hook holds a value for each setting of a hook. Current names the one that
	// proves who calls; Previous names the secret before it, and is empty if the
	// messenger has none.
	Hook              domain.Settings
	Current, Previous string

	// Sign gives the headers with which the messenger sends a body. TokenOnly
	// says that they do not depend on the body.
	Sign      func(secret domain.Secret, body []byte) http.Header
	TokenOnly bool

	// Connection gives a connection whose messenger is at baseURL.
	Connection func(baseURL string) domain.Connection

	// Accepted is an answer by which the messenger takes a message, and the name
	// that it gives it. Refused is an answer by which it refuses one, with its
	// own error that says the words given.
	Accepted   Reply
	AcceptedID domain.ProviderID
	Refused    func(words string) Reply

	// Uploaded is the answer to a call with a file for a message of the type, and
	// Forgotten the one by which the messenger says that it has no file of a name that it
	// gave before; without it the messenger gives files no names. UploadsApart says that a
	// file goes in a call of its own, before the message. FileIn reads the file of a call,
	// and returns nil where there is none; without it files stand in forms. They are not
	// needed of a messenger that takes no files.
	Uploaded     func(domain.MessageType) Reply
	Forgotten    Reply
	UploadsApart bool
	FileIn       func(*http.Request) []byte

	// Of a domain.Fetcher: FileSource is what it gave to fetch a file with; WhereIs is the
	// answer that says where the file is, on a server; FilePath is its path there. NamesHost
	// says that the answer names the server.
	FileSource string
	WhereIs    func(server string) Reply
	FilePath   string
	NamesHost  bool

	// FailureTable is the table of what else the messenger answers.
	FailureTable []Answer

	// Shape gives an answer of the shape that a row of the connector's own table names.
	Shape func(t *testing.T, row string) Reply
}

// Run runs the specification. Payloads are the *.json files of Testdata; what Parse makes of
// each is in the .golden file beside it, which the flag -update writes.
func Run(t *testing.T, s Suite) {
	t.Run("settings", s.settings)
	t.Run("answers", s.answers)
	t.Run("every row of the table is reached", s.reached)
	t.Run("verify", s.verify)
	t.Run("verify header", s.verifyHeader)
	t.Run("parse", s.parse)
	t.Run("send", s.send)
	t.Run("limits", s.limits)
	t.Run("files", s.files)
	t.Run("fetch", s.fetch)
}

// answers checks the table that people read.
func (s Suite) answers(t *testing.T) {
	listed := map[string]bool{}
	for _, a := range s.New(http.DefaultClient).FailureTable() {
		if _, ok := domain.Policies[a.Reason]; !ok || a.Answer == "" || listed[a.Answer] {
			t.Errorf("the answer %q is listed twice, or its reason %q has no policy", a.Answer, a.Reason)
		}
		listed[a.Answer] = true
	}
	if len(listed) == 0 {
		t.Error("no answer is listed")
	}
}

// reached sends a message for each row of the table that people read, and wants the
// answer to be taken as the row says: no row before it may hide it.
func (s Suite) reached(t *testing.T) {
	for _, row := range s.New(http.DefaultClient).FailureTable() {
		t.Run(row.Answer, func(t *testing.T) {
			a := s.sendTo(t, reply(s.Shape(t, row.Answer)))
			if a.Fate == domain.FateAccepted || a.Failure.Reason != row.Reason || !reflect.DeepEqual(a.Retry, row.Retry) {
				t.Errorf("Send = %+v, want it to fail for %s", a, row.Reason)
			}
		})
	}
}

func (s Suite) settings(t *testing.T) {
	if !slices.Contains(domain.Kinds(), s.Kind) {
		t.Errorf("kind %q has no row in domain.Messengers", s.Kind)
	}
	c := s.New(http.DefaultClient)
	hook, connection := c.HookSettings(), c.ConnectionSettings()
	for _, list := range [][]domain.Setting{hook, connection} {
		var names []string
		for _, setting := range list {
			if setting.Name == "" || slices.Contains(names, setting.Name) {
				t.Errorf("the name %q is empty or stands twice in %v", setting.Name, list)
			}
			names = append(names, setting.Name)
		}
	}
	accounts := 0
	for _, setting := range connection {
		if setting.Account {
			accounts++
		}
	}
	if accounts > 1 || accounts == 0 && len(hook) > 0 { // a connection that is its own hook needs no name within it
		t.Errorf("%d settings name the connection within its hook", accounts)
	}
	if slices.ContainsFunc(hook, func(s domain.Setting) bool { return s.Account }) {
		t.Error("a setting of the hook names a connection")
	}
}
