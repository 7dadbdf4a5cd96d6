package telegramplay

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// Serve serves the gateway's API below /gateway.
func (Gateway) Serve(mux *http.ServeMux, s *simulator.Simulator) {
	mux.HandleFunc("POST /gateway/{owner}/{method}", func(w http.ResponseWriter, r *http.Request) { serveAccount(s, w, r) })
	mux.HandleFunc("GET /gateway/file/{owner}/{path...}", func(w http.ResponseWriter, r *http.Request) {
		serveFile(s, domain.TelegramPersonal, "user", w, r)
	})
	mux.HandleFunc("/gateway/", unknown)
}

// accountMethods are those that make a message, with the parameters that each needs.
var accountMethods = map[string][]string{
	"sendMessage": {"text"}, "sendPhoto": {"photo"}, "sendVideo": {"video"}, "sendAudio": {"audio"}, "sendVoice": {"voice"},
	"sendDocument": {"document"}, "sendLocation": {"latitude", "longitude"}, "sendVenue": {"latitude", "longitude", "title", "address"},
	"sendContact": {"phone_number", "first_name"},
}

func serveAccount(s *simulator.Simulator, w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.PathValue("owner"), "user")
	method := r.PathValue("method")
	a := s.Account(domain.TelegramPersonal, func(a *simulator.Account) bool { return a.Accepts(token) })
	_, changes := changeMethods[method]
	switch {
	case !ok || !changes && method != "getFile" && method != "getAccount" && accountMethods[method] == nil:
		unknown(w, r)
		return
	case a == nil:
		deny(w, &simulator.Refusal{Status: http.StatusUnauthorized, Text: "Unauthorized"})
		return
	case method == "getAccount":
		say(w, loginOf(a).info())
		return
	}
	fields, err := readFields(w, r)
	switch {
	case err != nil:
		deny(w, badRequest("can't parse the request"))
	case loginOf(a).isFrozen() && method != "getFile":
		deny(w, &frozen)
	case changes || method == "getFile":
		if result, refusal := query(method, fields); refusal != nil {
			deny(w, refusal)
		} else {
			say(w, result)
		}
	default:
		takeOnce(s, a, method, fields, w)
	}
}

// takeOnce takes a message, but for one whose client_id it knows.
func takeOnce(s *simulator.Simulator, a *simulator.Account, method string, fields map[string]string, w http.ResponseWriter) {
	m, refusal := readForAccount(method, fields)
	if refusal != nil {
		deny(w, refusal)
		return
	}
	client, content := fields["client_id"], contentOf(method, m)
	if earlier := loginOf(a).earlier(client); earlier != nil {
		if earlier.content != content {
			deny(w, &simulator.Refusal{Status: http.StatusConflict, Text: "Conflict: CLIENT_ID_USED"})
			return
		}
		say(w, earlier.answer)
		return
	}
	v := s.Take(a, m)
	if v.Refusal != nil {
		deny(w, v.Refusal)
		return
	}
	loginOf(a).remember(client, content, v.Answer)
	if v.Cut {
		panic(http.ErrAbortHandler) // closes the connection
	}
	say(w, v.Answer)
}

// readForAccount reads a message; or says what is wrong with it.
func readForAccount(method string, fields map[string]string) (simulator.Message, *simulator.Refusal) {
	m := simulator.Message{Peer: fields["chat_id"], Text: fields["text"] + fields["caption"]}
	var reply struct {
		Number int64 `json:"message_id"`
	}
	if given := fields["reply_parameters"]; given != "" && json.Unmarshal([]byte(given), &reply) != nil {
		return simulator.Message{}, badRequest("can't parse reply parameters JSON object")
	}
	o := own{replyTo: reply.Number, client: fields["client_id"]}
	if method != "sendMessage" {
		o = ownOf(method, fields, reply.Number)
		o.client = fields["client_id"]
	}
	m.Own = o
	if phone, ok := strings.CutPrefix(m.Peer, "+"); ok {
		m.Peer = numberOf(phone)
	}
	if public, ok := strings.CutPrefix(m.Peer, "@"); ok {
		if m.Peer = publicName(acquaintances, public); m.Peer == "" {
			return simulator.Message{}, &simulator.Refusal{Status: http.StatusBadRequest, Text: "Bad Request: USERNAME_NOT_OCCUPIED"}
		}
	}
	id, err := strconv.ParseInt(m.Peer, 10, 64)
	switch {
	case fields["client_id"] == "":
		return simulator.Message{}, badRequest("there is no client_id")
	case slices.ContainsFunc(accountMethods[method], func(name string) bool { return fields[name] == "" }):
		return simulator.Message{}, badRequest("MESSAGE_EMPTY")
	case utf8.RuneCountInString(m.Text) > simulator.MaxText:
		return simulator.Message{}, badRequest("MESSAGE_TOO_LONG")
	case err != nil || id == 0 || id < 0 && m.Peer != chats[0].ID:
		return simulator.Message{}, badRequest("PEER_ID_INVALID")
	}
	return m, nil
}

// info is how the account fares.
func (l *login) info() any {
	status := "working"
	if l.isFrozen() {
		status = "frozen"
	}
	return map[string]any{"status": status, "pending_update_count": 0}
}

func say(w http.ResponseWriter, result any) {
	simulator.WriteJSON(w, http.StatusOK, map[string]any{"ok": true, "result": result})
}

// deny writes an error as a gateway does: with the type of Telegram's, and whose delay it is.
func deny(w http.ResponseWriter, r *simulator.Refusal) {
	answer := map[string]any{"ok": false, "error_code": r.Status, "description": r.Text}
	parameters := map[string]any{}
	if _, kind, found := strings.Cut(r.Text, ": "); found && kind == strings.ToUpper(kind) {
		parameters["mtproto"] = kind
	}
	if r.Wait > 0 {
		parameters["retry_after"], parameters["scope"] = int(r.Wait.Seconds()), "account"
		if strings.Contains(r.Text, "SLOWMODE") {
			parameters["scope"] = "chat"
		}
	}
	if len(parameters) > 0 {
		answer["parameters"] = parameters
	}
	r.SetRetryAfter(w)
	simulator.WriteJSON(w, r.Status, answer)
}
