package telegramplay

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// Serve serves the Bot API below /telegram.
func (Player) Serve(mux *http.ServeMux, s *simulator.Simulator) {
	mux.HandleFunc("POST /telegram/{bot}/{method}", func(w http.ResponseWriter, r *http.Request) { serve(s, w, r) })
	mux.HandleFunc("GET /telegram/file/{owner}/{path...}", func(w http.ResponseWriter, r *http.Request) {
		serveFile(s, domain.TelegramBot, "bot", w, r)
	})
	mux.HandleFunc("/telegram/", unknown)
}

// otherMethods are taken without an effect: the simulator knows by itself where its
// updates go.
var otherMethods = map[string]any{
	"answerCallbackQuery": true,
	"setWebhook":          true,
	"sendChatAction":      true,
	"readBusinessMessage": true,
	"getWebhookInfo":      map[string]any{"url": "https://simulator.invalid", "pending_update_count": 0},
}

// serve takes a message as the Bot API does.
func serve(s *simulator.Simulator, w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.PathValue("bot"), "bot")
	a := s.Account(domain.TelegramBot, func(a *simulator.Account) bool { return a.Accepts(token) })
	method := r.PathValue("method")
	result, other := otherMethods[method]
	_, changes := changeMethods[method]
	switch {
	case !ok || !other && !changes && method != "getFile" && sendMethods[method] == "":
		unknown(w, r)
		return
	case a == nil:
		refuse(w, &simulator.Refusal{Status: http.StatusUnauthorized, Text: "Unauthorized"})
		return
	case other:
		simulator.WriteJSON(w, http.StatusOK, map[string]any{"ok": true, "result": result})
		return
	}
	fields, err := readFields(w, r)
	if err != nil {
		refuse(w, badRequest("can't parse the request"))
		return
	}
	if changes || method == "getFile" {
		if result, refusal := query(method, fields); refusal != nil {
			refuse(w, refusal)
		} else {
			simulator.WriteJSON(w, http.StatusOK, map[string]any{"ok": true, "result": result})
		}
		return
	}
	m, refusal := read(method, fields)
	if refusal != nil {
		refuse(w, refusal)
		return
	}
	v := s.Take(a, m)
	switch {
	case v.Cut:
		panic(http.ErrAbortHandler) // closes the connection
	case v.Refusal != nil:
		refuse(w, v.Refusal)
	default:
		simulator.WriteJSON(w, http.StatusOK, map[string]any{"ok": true, "result": v.Answer})
	}
}

// read reads a message; or says what is wrong with it.
func read(method string, fields map[string]string) (simulator.Message, *simulator.Refusal) {
	m := simulator.Message{Peer: fields["chat_id"], Text: fields["text"] + fields["caption"]}
	var reply struct {
		Number  int64 `json:"message_id"`
		OrPlain bool  `json:"allow_sending_without_reply"`
	}
	if given := fields["reply_parameters"]; given != "" && json.Unmarshal([]byte(given), &reply) != nil {
		return simulator.Message{}, badRequest("can't parse reply parameters JSON object")
	}
	m.Own = ownOf(method, fields, reply.Number)
	if public, ok := strings.CutPrefix(m.Peer, "@"); ok {
		m.Peer = publicName(people, public)
	}
	id, err := strconv.ParseInt(m.Peer, 10, 64)
	switch {
	case fields["chat_id"] == "":
		return simulator.Message{}, badRequest("chat_id is empty")
	case method == "sendMessage" && m.Text == "":
		return simulator.Message{}, badRequest("message text is empty")
	case fields[sendMethods[method]] == "":
		return simulator.Message{}, badRequest("there is no " + sendMethods[method] + " in the request")
	case utf8.RuneCountInString(m.Text) > simulator.MaxText:
		return simulator.Message{}, badRequest("message is too long")
	case err != nil || id == 0 || id < 0 && m.Peer != groups[0].ID:
		return simulator.Message{}, &chatNotFound
	}
	m.Peer = strconv.FormatInt(id, 10)
	return m, nil
}

func badRequest(what string) *simulator.Refusal {
	return &simulator.Refusal{Status: http.StatusBadRequest, Text: "Bad Request: " + what}
}

// readFields reads the parameters: in the address, and as JSON, a form, or a
// form of several parts. What is neither a text nor a number is given as its JSON.
func readFields(w http.ResponseWriter, r *http.Request) (map[string]string, error) {
	fields := map[string]string{}
	form := url.Values{}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // of none: a form
	var body []byte
	var err error
	if kind != "multipart/form-data" {
		if body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, simulator.MaxBody)); err != nil {
			return nil, err
		}
	}
	switch kind {
	case "application/json":
		err = jsonFields(body, fields)
	case "multipart/form-data":
		err = readForm(w, r, fields)
	default:
		form, err = url.ParseQuery(string(body))
	}
	for _, values := range []url.Values{r.URL.Query(), form} {
		for name := range values {
			fields[name] = values.Get(name)
		}
	}
	return fields, err
}

func jsonFields(body []byte, fields map[string]string) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return err
	}
	for name, value := range raw {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		fields[name] = text
	}
	return nil
}

// refuse writes an error as Telegram does.
func refuse(w http.ResponseWriter, r *simulator.Refusal) {
	answer := map[string]any{"ok": false, "error_code": r.Status, "description": r.Text}
	if r.Wait > 0 {
		answer["parameters"] = map[string]int{"retry_after": int(r.Wait.Seconds())}
	}
	r.SetRetryAfter(w)
	simulator.WriteJSON(w, r.Status, answer)
}

func unknown(w http.ResponseWriter, _ *http.Request) {
	refuse(w, &simulator.Refusal{Status: http.StatusNotFound, Text: "Not Found"})
}
