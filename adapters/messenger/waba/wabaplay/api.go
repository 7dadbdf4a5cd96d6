package wabaplay

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// Serve serves the Cloud API below /meta, in any version.
func (Player) Serve(mux *http.ServeMux, s *simulator.Simulator) {
	mux.HandleFunc("POST /meta/{version}/{number}/messages", func(w http.ResponseWriter, r *http.Request) { serve(s, w, r) })
	mux.HandleFunc("GET /meta/{version}/{number}", func(w http.ResponseWriter, r *http.Request) { serveNumber(s, w, r) })
	mux.HandleFunc("GET /meta/attachments/{file}", func(w http.ResponseWriter, r *http.Request) { serveFile(s, w, r) })
	mux.HandleFunc("POST /meta/{version}/{number}/media", func(w http.ResponseWriter, r *http.Request) { upload(s, w, r) })
	mux.HandleFunc("/meta/", unknown)
}

// serve takes a message as Meta's Cloud API does.
func serve(s *simulator.Simulator, w http.ResponseWriter, r *http.Request) {
	m, refusal := read(s, w, r)
	switch {
	case refusal != nil:
		refuse(w, refusal)
		return
	case m.seen:
		simulator.WriteJSON(w, http.StatusOK, map[string]any{"success": true})
		return
	}
	v := s.Take(m.account, m.Message)
	switch {
	case v.Cut:
		panic(http.ErrAbortHandler) // closes the connection
	case v.Refusal != nil:
		refuse(w, v.Refusal)
	default:
		simulator.WriteJSON(w, http.StatusOK, map[string]any{
			"messaging_product": "whatsapp",
			"contacts":          []any{map[string]string{"input": m.to, m.field: m.Peer}},
			"messages":          []any{map[string]any{"id": v.Answer, "message_status": "accepted"}},
		})
	}
}

// A call is a message that was understood.
type call struct {
	simulator.Message
	account *simulator.Account
	to      string // as it was written
	field   string // wa_id, or user_id of a user without a phone number
	seen    bool   // it is no message, but says that one was read
}

// content is what the player needs of a message beside its text.
type content struct {
	opaque   string // sent back with statuses
	template bool
}

// read reads a message; or says what is wrong with it.
func read(s *simulator.Simulator, w http.ResponseWriter, r *http.Request) (call, *simulator.Refusal) {
	a := s.Account(domain.WABA, func(a *simulator.Account) bool { return a.Name == r.PathValue("number") })
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, simulator.MaxBody))
	var m struct {
		Product       string `json:"messaging_product"`
		RecipientType string `json:"recipient_type"`
		To            string
		Recipient     string
		Type          string
		Text          struct{ Body string }
		Template      template
		Opaque        string `json:"biz_opaque_callback_data"`
		Status        string
		Seen          string `json:"message_id"`
		parts
	}
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	if err == nil && a != nil && a.Accepts(token) && m.Status == "read" && m.Seen != "" {
		return call{seen: true}, nil
	}
	text, whole := m.text(m.Type)
	to, field := m.To, "wa_id"
	if to == "" {
		to, field = m.Recipient, "user_id"
	}
	peer := strings.TrimPrefix(to, "+")
	toGroup := m.RecipientType == "group"
	for _, check := range []struct {
		wrong   bool
		refusal simulator.Refusal
	}{
		{a == nil, noNumber},
		{a != nil && !a.Accepts(token), badToken},
		{err != nil, invalid("The body is not JSON of at most 1 MiB")},
		{m.Product != "whatsapp", invalid("The parameter messaging_product is required.")},
		{to == "", invalid("The parameter to is required.")},
		{toGroup && group(to) == nil, simulator.Refusal{Status: 400, Code: 131041, Text: "Group not found", Details: "The simulator has no such group."}},
		{!toGroup && m.To != "" && !isDigits(peer), invalid("Param to is not a phone number")},
		{m.Type != "" && m.Type != "text" && m.Type != "template" && !hasParts(m.Type), invalid("Param type must be one of the documented types")},
		{hasParts(m.Type) && !whole, invalid("The parameter " + m.Type + " is required.")},
		{m.Type != "template" && !hasParts(m.Type) && m.Text.Body == "", invalid("The parameter text['body'] is required.")},
		{m.Type == "template" && (m.Template.Name == "" || m.Template.Language.Code == ""), invalid("The parameters template['name'] and template['language'] are required.")},
		{strings.HasPrefix(m.Template.Name, "unknown"), simulator.Refusal{Status: 404, Code: 132001, Text: "Template name does not exist in the translation", Details: "template name (" + m.Template.Name + ") does not exist in " + m.Template.Language.Code}},
		{utf8.RuneCountInString(m.Text.Body) > simulator.MaxText, invalid("Param text['body'] must be at most 4096 characters long.")},
		{len(m.Opaque) > 512, invalid("Param biz_opaque_callback_data must be at most 512 characters long.")},
		{len(peer) > 128, invalid("Param to is too long")},
	} {
		if check.wrong {
			return call{}, &check.refusal
		}
	}
	switch {
	case m.Type == "template":
		text = "(template " + m.Template.Name + ")"
	case !hasParts(m.Type):
		text = m.Text.Body
	}
	message := simulator.Message{Peer: peer, Text: text, Own: content{opaque: m.Opaque, template: m.Type == "template"}}
	return call{Message: message, account: a, to: to, field: field}, nil
}

// A template is what is read of a template. One whose name begins with
// "unknown" does not exist.
type template struct {
	Name     string
	Language struct{ Code string }
}

func invalid(what string) simulator.Refusal {
	return simulator.Refusal{Status: 400, Code: 100, Text: what}
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// refuse writes an error as Meta does.
func refuse(w http.ResponseWriter, r *simulator.Refusal) {
	e := map[string]any{
		"message":    fmt.Sprintf("(#%d) %s", r.Code, r.Text),
		"type":       "OAuthException",
		"code":       r.Code,
		"fbtrace_id": "ASimulatorTrace",
	}
	if r.Details != "" {
		e["error_data"] = map[string]string{"messaging_product": "whatsapp", "details": r.Details}
	}
	r.SetRetryAfter(w)
	simulator.WriteJSON(w, r.Status, map[string]any{"error": e})
}

func unknown(w http.ResponseWriter, _ *http.Request) {
	simulator.WriteJSON(w, http.StatusNotFound, map[string]any{"error": map[string]any{
		"message": "Unknown path components; the simulator takes POST /meta/{version}/{phone_number_id}/messages and /media",
		"type":    "OAuthException", "code": 2500, "fbtrace_id": "ASimulatorTrace",
	}})
}
