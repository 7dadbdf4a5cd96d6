package telegram_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/telegram"
	"recado/adapters/messenger/telegram/telegramtest"
	"recado/domain"
)

const accountToken = "a-token_of_the_clinic"

func account(baseURL string) domain.Connection {
	return domain.Connection{
		ID: "tg-1", Kind: domain.TelegramPersonal, Hook: "tg-1",
		Settings: domain.Settings{
			"token": accountToken, "secret_token": "secret-of_acme", "previous_secret_token": "former-secret",
			"base_url": domain.Secret(baseURL),
		},
	}
}

func TestPersonal(t *testing.T) {
	connectortest.Run(t, connectortest.Suite{
		Kind:     domain.TelegramPersonal,
		New:      func(client *http.Client) domain.Connector { return telegram.NewPersonal(client) },
		Testdata: "testdata/personal",
		Hook:     hook, Current: "secret_token", Previous: "previous_secret_token",
		Sign: func(secret domain.Secret, _ []byte) http.Header {
			return http.Header{secretHeader: {string(secret)}}
		},
		TokenOnly:  true,
		Connection: account,
		Accepted:   connectortest.Reply{Status: 200, Body: taken},
		AcceptedID: "16505551234/77",
		Refused:    func(words string) connectortest.Reply { return says(400, words) },
		Uploaded:   made,
		Forgotten:  says(400, "Bad Request: FILE_ID_INVALID"),
		WhereIs: func(string) connectortest.Reply {
			return connectortest.Reply{Status: 200, Body: `{"ok":true,"result":{"file_id":"photo-1","file_unique_id":"a","file_path":"../photos/file_1.png"}}`}
		},
		FilePath:     "/file/user" + accountToken + "/photos/file_1.png",
		FailureTable: accountAnswers,
		Shape:        shape,
	})
}

// waits is a gateway's 429, with whose delay it is.
func waits(seconds int, kind, scope string) connectortest.Reply {
	return connectortest.Reply{Status: 429, Body: fmt.Sprintf(
		`{"ok":false,"error_code":429,"description":"Too Many Requests: %s","parameters":{"retry_after":%d,"mtproto":%q,"scope":%q}}`, kind, seconds, kind, scope)}
}

// accountAnswers lists every error of Telegram that a gateway passes on, written out
// from the contract.
var accountAnswers = []connectortest.Answer{
	row("a phone without an account", says(400, "Bad Request: PHONE_NOT_OCCUPIED"), refused, domain.ReasonNoAccount, e1, P, 0),
	row("no phone number", says(400, "Bad Request: PHONE_NUMBER_INVALID"), refused, domain.ReasonNoAccount, e1, P, 0),
	row("a name that nobody has", says(400, "Bad Request: USERNAME_NOT_OCCUPIED"), refused, domain.ReasonNoAccount, e1, P, 0),
	row("a peer that left Telegram", says(400, "Bad Request: INPUT_USER_DEACTIVATED"), refused, domain.ReasonNoAccount, e1, P, 0),
	row("a peer that the account never met", says(400, "Bad Request: PEER_ID_INVALID"), refused, domain.ReasonNoAccount, e1, P, 0),
	row("a peer that blocked the account", says(403, "Forbidden: USER_IS_BLOCKED"), refused, domain.ReasonPeerRefuses, e6, P, 0),
	row("a peer that the account blocked", says(403, "Forbidden: YOU_BLOCKED_USER"), refused, domain.ReasonPeerRefuses, e6, P, 0),
	row("a peer that hears contacts only", says(403, "Forbidden: USER_PRIVACY_RESTRICTED"), refused, domain.ReasonPeerRefuses, e6, P, 0),
	row("a peer that hears Premium only", says(403, "Forbidden: PRIVACY_PREMIUM_REQUIRED"), refused, domain.ReasonPeerRefuses, e6, P, 0),
	row("a peer that wants Stars", says(403, "Forbidden: ALLOW_PAYMENT_REQUIRED_15"), refused, domain.ReasonPeerRefuses, e6, P, 0),
	row("a peer without voice messages", says(403, "Forbidden: VOICE_MESSAGES_FORBIDDEN"), refused, domain.ReasonPeerRefuses, e6, P, 0),
	row("an account that wrote to too many strangers", says(400, "Bad Request: PEER_FLOOD"), refused, domain.ReasonStrangers, e6, P, 0),
	row("a group that does not let us write", says(403, "Forbidden: CHAT_WRITE_FORBIDDEN"), refused, domain.ReasonPermission, e6, P, 0),
	row("a group without files", says(403, "Forbidden: CHAT_SEND_MEDIA_FORBIDDEN"), refused, domain.ReasonPermission, e6, P, 0),
	row("a text that is too long", says(400, "Bad Request: MESSAGE_TOO_LONG"), refused, domain.ReasonInvalid, e6, P, 0),
	row("a place that is none", says(400, "Bad Request: GEO_POINT_INVALID"), refused, domain.ReasonInvalid, e6, P, 0),
	row("a place without its address", says(400, "Bad Request: VENUE_INVALID"), refused, domain.ReasonInvalid, e6, P, 0),
	row("a contact without a number", says(400, "Bad Request: CONTACT_INVALID"), refused, domain.ReasonInvalid, e6, P, 0),
	row("a gateway that is older than the method", says(404, "Not Found: METHOD_NOT_FOUND"), refused, domain.ReasonInvalid, e6, P, 0),
	row("a client_id of another message", says(409, "Conflict: CLIENT_ID_USED"), refused, domain.ReasonInvalid, e6, P, 0),
	row("a file that is none", says(400, "Bad Request: MEDIA_INVALID"), refused, domain.ReasonMedia, e6, P, 0),
	row("a file that is gone", says(400, "Bad Request: FILE_REFERENCE_EXPIRED"), refused, domain.ReasonMedia, e6, P, 0),
	row("the account is too fast", waits(17, "FLOOD_WAIT_17", "account"), refused, domain.ReasonThrottled, e6, T, 17*time.Second),
	row("the account has no Premium", waits(5, "FLOOD_PREMIUM_WAIT_5", "account"), refused, domain.ReasonThrottled, e6, T, 5*time.Second),
	row("a group is slow", waits(30, "SLOWMODE_WAIT_30", "chat"), refused, domain.ReasonPairThrottled, e6, T, 30*time.Second),
	row("a phone number is looked up later", waits(60, "RETRY_CONTACTS", "chat"), refused, domain.ReasonPairThrottled, e6, T, time.Minute),
	row("the gateway says that it is the chat's delay", waits(9, "SOMETHING_WAIT_9", "chat"), refused, domain.ReasonPairThrottled, e6, T, 9*time.Second),
	row("the account is frozen", says(403, "Forbidden: FROZEN_METHOD_INVALID"), refused, domain.ReasonLocked, e6, P, 0),
	row("the account is banned", says(401, "Unauthorized: USER_DEACTIVATED_BAN"), refused, domain.ReasonLocked, e6, P, 0),
	row("the session was ended", says(401, "Unauthorized: SESSION_REVOKED"), refused, domain.ReasonUnauthorized, e6, P, 0),
	row("the key is used elsewhere", says(401, "Unauthorized: AUTH_KEY_DUPLICATED"), refused, domain.ReasonUnauthorized, e6, P, 0),
	row("nobody is logged in", says(401, "Unauthorized: NOT_LOGGED_IN"), refused, domain.ReasonDisconnected, e6, T, 0),
	row("the password is missing", says(401, "Unauthorized: SESSION_PASSWORD_NEEDED"), refused, domain.ReasonDisconnected, e6, T, 0),
	row("the token is another", says(401, "Unauthorized"), refused, domain.ReasonUnauthorized, e6, P, 0),
	row("Telegram has an error of its own", says(502, "Bad Gateway: RPC_CALL_FAIL"), unknown, domain.ReasonUnavailable, e6, P, 0),
	row("Telegram did not answer the gateway", says(504, "Gateway Timeout: TIMEOUT"), unknown, domain.ReasonUnavailable, e6, P, 0),
	row("the gateway has an error of its own", says(500, "Internal Server Error"), unknown, domain.ReasonUnavailable, e6, P, 0),
	row("the gateway starts", says(503, "Service Unavailable: CONNECTING"), neverLeft, domain.ReasonUnavailable, e6, T, 0),
	row("the gateway is not connected", with(says(503, "Service Unavailable: CONNECTING"), "Retry-After", "3"), neverLeft, domain.ReasonUnavailable, e6, T, 3*time.Second),
	row("an error that nobody knows", says(400, "Bad Request: SOMETHING_NEW"), refused, domain.ReasonUnrecognized, e6, P, 0),
}

// A gateway that cannot send yet is asked until the message is given up, however often that is.
func TestAMessageWaitsForItsGateway(t *testing.T) {
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, says(503, "Service Unavailable: CONNECTING").Body)
	}))
	defer gateway.Close()
	waits := backoff(telegram.NewPersonal(gateway.Client()).Send(t.Context(), account(gateway.URL), message()))
	for tries := 1; tries < 200; tries++ {
		if wait, again := waits.Wait(tries, "msg_1"); !again || wait > 33*time.Second {
			t.Fatalf("after %d tries it waits %s, and is tried again: %t", tries, wait, again)
		}
	}
}

// What suspends a connection is exactly what a person has to repair.
func TestWhatSuspendsAnAccount(t *testing.T) {
	for _, a := range accountAnswers {
		suspends := domain.Policies[a.Reason].Suspend
		repair := strings.HasPrefix(a.Reply.Body, `{"description":"Unauthorized`) && a.Reason != domain.ReasonDisconnected || strings.Contains(a.Reply.Body, "FROZEN")
		if suspends != repair {
			t.Errorf("%s suspends: %t", a.Name, suspends)
		}
	}
}

// What an update of the Bot API says, it says of an account, too.
func TestAnAccountReadsWhatABotReads(t *testing.T) {
	bot, person := telegram.New(http.DefaultClient), telegram.NewPersonal(http.DefaultClient)
	for name, body := range connectortest.Payloads(t) {
		p := bot.Parse(body)
		for _, u := range p.Updates {
			m, _ := u.Fact.(domain.MessageArrived)
			_, refused := u.Fact.(domain.PeerRefused)
			_, signal := u.Fact.(domain.ConnectionSignaled)
			forBots := refused || signal || m.Press != "" || strings.Contains(name, "business")
			if got := person.Parse(body).Updates; !forBots && (len(got) != 1 || !reflect.DeepEqual(got[0].Fact, u.Fact)) {
				t.Errorf("%s is read as %+v", name, got)
			}
		}
	}
}

func TestSendToWhatIsLookedUp(t *testing.T) {
	s := newServer(t, takenIn(7001, 9))
	for peer, want := range map[domain.PeerID]string{"+34600110022": `"chat_id":"+34600110022"`, "@ana_gil": `"chat_id":"@ana_gil"`} {
		a := telegram.NewPersonal(http.DefaultClient).Send(t.Context(), account(s.URL), message(to(peer)))
		if a.Fate != domain.FateAccepted || a.ProviderID != "7001/9" || !reflect.DeepEqual(a.Peers, []domain.PeerID{"7001"}) {
			t.Errorf("Send = %+v, want the number as another name of %s", a, peer)
		}
		paths, bodies := s.got()
		last := string(bodies[len(bodies)-1])
		if paths[0] != "POST /user"+accountToken+"/sendMessage" || !strings.Contains(last, want) || !strings.Contains(last, `"client_id":"msg_1"`) {
			t.Errorf("sent %s to %s", last, paths[0])
		}
	}
}

// A place or a contact is one call with exactly this body, as over a bot, and has a client_id.
func TestAnAccountSendsPlacesAndContacts(t *testing.T) {
	at := domain.Location{Latitude: "40.4168", Longitude: "-3.7038"}
	named, nameless := at, at
	named.Name, named.Address, nameless.Address = "Sol", "Madrid", "Madrid"
	card := domain.Card{Name: "Ada", Phones: []string{"+34600110022"}}
	full := card
	full.Organization = "ACME"
	for name, test := range map[string]struct {
		m            domain.Outgoing
		method, want string
	}{
		"a place": {
			of(domain.TypeLocation, "", domain.Content{Location: &at}),
			"sendLocation", `{"chat_id":3527065,"client_id":"msg_1","latitude":40.4168,"longitude":-3.7038}`,
		},
		"a place with a name": {
			of(domain.TypeLocation, "", domain.Content{Location: &named}),
			"sendVenue", `{"chat_id":3527065,"client_id":"msg_1","latitude":40.4168,"longitude":-3.7038,"title":"Sol","address":"Madrid"}`,
		},
		"a place with an address only": {
			of(domain.TypeLocation, "", domain.Content{Location: &nameless}),
			"sendVenue", `{"chat_id":3527065,"client_id":"msg_1","latitude":40.4168,"longitude":-3.7038,"title":"Madrid","address":"Madrid"}`,
		},
		"a contact": {
			of(domain.TypeContacts, "", domain.Content{Contacts: []domain.Card{card}}),
			"sendContact", `{"chat_id":3527065,"client_id":"msg_1","phone_number":"+34600110022","first_name":"Ada"}`,
		},
		"a contact of a firm": {
			of(domain.TypeContacts, "", domain.Content{Contacts: []domain.Card{full}}),
			"sendContact", `{"chat_id":3527065,"client_id":"msg_1","phone_number":"+34600110022","first_name":"Ada","vcard":"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nTEL:+34600110022\r\nORG:ACME\r\nEND:VCARD\r\n"}`,
		},
		"a reply": {
			message(replying("3527065/41"), func(m *domain.Outgoing) {
				m.Type, m.Text, m.Content = domain.TypeLocation, "", &domain.Content{Location: &at}
			}),
			"sendLocation", `{"chat_id":3527065,"client_id":"msg_1","reply_parameters":{"message_id":41,"allow_sending_without_reply":true},"latitude":40.4168,"longitude":-3.7038}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, takenIn(3527065, 77))
			a := telegram.NewPersonal(http.DefaultClient).Send(t.Context(), account(s.URL), test.m)
			paths, bodies := s.got()
			if a.Fate != domain.FateAccepted || a.ProviderID != "3527065/77" || len(bodies) != 1 {
				t.Fatalf("Send = %+v after %d calls", a, len(bodies))
			}
			if diff := cmp.Diff(numbered(t, []byte(test.want)), numbered(t, bodies[0])); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if err := telegramtest.ReadSchema(t, ".", test.method).Validate(bodies[0]); err != nil {
				t.Error(err)
			}
			if want := "POST /user" + accountToken + "/" + test.method; paths[0] != want {
				t.Errorf("sent to %q, want %q", paths[0], want)
			}
		})
	}
}

func TestWatchAnAccount(t *testing.T) {
	tests := []struct{ answer, want string }{
		{`{"ok":true,"result":{"status":"working","since":1767353000,"pending_update_count":0}}`, "up"},
		{`{"ok":true,"result":{"status":"working","pending_update_count":7,"last_error_message":"connection refused"}}`, "up, the gateway cannot deliver webhooks: connection refused"},
		{`{"ok":true,"result":{"status":"logged_out"}}`, "disconnected logged_out"},
		{`{"ok":true,"result":{"status":"revoked","reason":"SESSION_REVOKED"}}`, "unauthorized SESSION_REVOKED"},
		{`{"ok":true,"result":{"status":"of a later version"}}`, ""},
		{`{"ok":false,"error_code":401,"description":"Unauthorized"}`, "error"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			seen, err := telegram.NewPersonal(http.DefaultClient).Watch(t.Context(), account(newServer(t, tt.answer).URL), "")
			var got string
			switch {
			case err != nil:
				got = "error"
			case seen.Link != nil && seen.Link.Down != nil:
				got = fmt.Sprintf("%s %s", seen.Link.Down.Reason, seen.Link.Down.Cause.Code)
			case seen.Link != nil:
				got = "up"
			}
			for _, p := range seen.Problems {
				got += fmt.Sprintf(", %s: %s", p.Title, p.Details)
			}
			if got != tt.want {
				t.Errorf("saw %q", got)
			}
		})
	}
}

func FuzzPersonalParse(f *testing.F) {
	for _, body := range connectortest.PayloadsIn(f, "testdata/personal") {
		f.Add(body)
	}
	c := telegram.NewPersonal(http.DefaultClient)
	f.Fuzz(func(t *testing.T, body []byte) { connectortest.Sound(t, c, body) })
}
