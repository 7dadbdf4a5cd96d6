package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"recado/domain"
)

// serveTelegram takes a message as the Bot API does.
func (s *Simulator) serveTelegram(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.PathValue("bot"), "bot")
	a := s.account(domain.TelegramBot, func(a *account) bool { return a.accepts(token) })
	switch {
	case !ok || r.PathValue("method") != "sendMessage":
		unknownToTelegram(w, r)
		return
	case a == nil:
		refuseTelegram(w, &refusal{status: http.StatusUnauthorized, text: "Unauthorized"})
		return
	}
	m, refused := readTelegram(w, r)
	if refused != nil {
		refuseTelegram(w, refused)
		return
	}
	v := s.take(a, m)
	switch {
	case v.cut:
		panic(http.ErrAbortHandler) // closes the connection
	case v.refusal != nil:
		refuseTelegram(w, v.refusal)
	default:
		writeJSON(w, http.StatusOK, map[string]any{"ok": true, "result": v.made})
	}
}

// readTelegram reads a message; or says what is wrong with it.
func readTelegram(w http.ResponseWriter, r *http.Request) (message, *refusal) {
	fields, err := telegramFields(w, r)
	if err != nil {
		return message{}, badRequest("can't parse the request")
	}
	m := message{peer: fields["chat_id"], text: fields["text"]}
	var reply struct {
		Number  int64 `json:"message_id"`
		OrPlain bool  `json:"allow_sending_without_reply"`
	}
	if told := fields["reply_parameters"]; told != "" && json.Unmarshal([]byte(told), &reply) != nil {
		return message{}, badRequest("can't parse reply parameters JSON object")
	}
	m.replyTo = reply.Number
	if public, ok := strings.CutPrefix(m.peer, "@"); ok {
		m.peer = publicName(public)
	}
	id, err := strconv.ParseInt(m.peer, 10, 64)
	switch {
	case fields["chat_id"] == "":
		return message{}, badRequest("chat_id is empty")
	case m.text == "":
		return message{}, badRequest("message text is empty")
	case utf8.RuneCountInString(m.text) > maxText:
		return message{}, badRequest("message is too long")
	case err != nil || id == 0 || id < 0 && m.peer != group.id:
		return message{}, &chatNotFound
	}
	m.peer = strconv.FormatInt(id, 10)
	return m, nil
}

func badRequest(what string) *refusal {
	return &refusal{status: http.StatusBadRequest, text: "Bad Request: " + what}
}

// publicName returns whose public name it is; empty: nobody's.
func publicName(name string) string {
	for _, p := range named {
		if p.username != "" && strings.EqualFold(p.username, name) {
			return p.peer(domain.TelegramBot)
		}
	}
	return ""
}

// telegramFields reads the parameters: in the address, and as JSON, a form, or a
// form of several parts. What is neither a text nor a number is given as its JSON.
func telegramFields(w http.ResponseWriter, r *http.Request) (map[string]string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	form := url.Values{}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // of none: a form
	switch kind {
	case "application/json":
		err = jsonFields(body, fields)
	case "multipart/form-data":
		var parts *multipart.Form
		if parts, err = multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(maxBody); err == nil {
			form = parts.Value
		}
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

// refuseTelegram writes an error as Telegram does.
func refuseTelegram(w http.ResponseWriter, r *refusal) {
	said := map[string]any{"ok": false, "error_code": r.status, "description": r.text}
	if r.wait > 0 {
		said["parameters"] = map[string]int{"retry_after": int(r.wait.Seconds())}
	}
	r.delay(w)
	writeJSON(w, r.status, said)
}

func unknownToTelegram(w http.ResponseWriter, _ *http.Request) {
	refuseTelegram(w, &refusal{status: http.StatusNotFound, text: "Not Found"})
}
