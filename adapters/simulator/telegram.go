package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
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
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	fields, err := telegramFields(r)
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

// telegramFields reads the parameters: JSON, a form, or a form of several parts.
// What is neither a text nor a number is given as its JSON.
func telegramFields(r *http.Request) (map[string]string, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	fields := map[string]string{}
	if kind == "application/json" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var raw map[string]json.RawMessage
		if err := json.Unmarshal(body, &raw); err != nil {
			return nil, err
		}
		for name, value := range raw {
			var text string
			if json.Unmarshal(value, &text) != nil {
				text = string(value)
			}
			fields[name] = text
		}
		return fields, nil
	}
	if err := r.ParseMultipartForm(maxBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, err
	}
	for name := range r.Form {
		fields[name] = r.Form.Get(name)
	}
	return fields, nil
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
