package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"recado/domain"
)

// maxBody bounds what is read of a call.
const maxBody = 1 << 20

// serveMeta takes a message as Meta's Cloud API does.
func (s *Simulator) serveMeta(w http.ResponseWriter, r *http.Request) {
	m, refused := s.readMeta(w, r)
	if refused != nil {
		refuseMeta(w, refused)
		return
	}
	v := s.take(m.account, m.message)
	switch {
	case v.cut:
		panic(http.ErrAbortHandler) // closes the connection
	case v.refusal != nil:
		refuseMeta(w, v.refusal)
	default:
		writeJSON(w, http.StatusOK, map[string]any{
			"messaging_product": "whatsapp",
			"contacts":          []any{map[string]string{"input": m.to, m.named: m.peer}},
			"messages":          []any{map[string]string{"id": v.id, "message_status": "accepted"}},
		})
	}
}

// A metaCall is a message that was understood.
type metaCall struct {
	message
	account *account
	to      string // as it was written
	named   string // wa_id, or user_id of who has no phone number
}

// readMeta reads a message; or says what is wrong with it.
func (s *Simulator) readMeta(w http.ResponseWriter, r *http.Request) (metaCall, *refusal) {
	a := s.account(domain.WABA, func(a *account) bool { return a.name == r.PathValue("number") })
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var m struct {
		Product       string `json:"messaging_product"`
		RecipientType string `json:"recipient_type"`
		To            string
		Recipient     string
		Type          string
		Text          struct{ Body string }
		Template      metaTemplate
		Opaque        string `json:"biz_opaque_callback_data"`
	}
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	to, named := m.To, "wa_id"
	if to == "" {
		to, named = m.Recipient, "user_id"
	}
	peer := strings.TrimPrefix(to, "+")
	for _, check := range []struct {
		wrong   bool
		refusal refusal
	}{
		{a == nil, refusal{400, 33, "Unsupported post request. Object does not exist, cannot be loaded due to missing permissions, or does not support this operation", "", 0}},
		{a != nil && !a.accepts(token), refusal{401, 190, "Invalid OAuth access token - Cannot parse access token", "", 0}},
		{err != nil, invalid("The body is not JSON of at most 1 MiB")},
		{m.Product != "whatsapp", invalid("The parameter messaging_product is required.")},
		{to == "", invalid("The parameter to is required.")},
		{m.RecipientType == "group", refusal{400, 131041, "Group not found", "The simulator has no groups of WhatsApp.", 0}},
		{m.To != "" && !isDigits(peer), invalid("Param to is not a phone number")},
		{m.Type != "" && m.Type != "text" && m.Type != "template", invalid("The simulator takes messages of type text and template only")},
		{m.Type != "template" && m.Text.Body == "", invalid("The parameter text['body'] is required.")},
		{m.Type == "template" && (m.Template.Name == "" || m.Template.Language.Code == ""), invalid("The parameters template['name'] and template['language'] are required.")},
		{strings.HasPrefix(m.Template.Name, "unknown"), refusal{404, 132001, "Template name does not exist in the translation", "template name (" + m.Template.Name + ") does not exist in " + m.Template.Language.Code, 0}},
		{utf8.RuneCountInString(m.Text.Body) > maxText, invalid("Param text['body'] must be at most 4096 characters long.")},
		{len(m.Opaque) > 512, invalid("Param biz_opaque_callback_data must be at most 512 characters long.")},
		{len(peer) > 128, invalid("Param to is too long")},
	} {
		if check.wrong {
			return metaCall{}, &check.refusal
		}
	}
	said := message{peer: peer, text: m.Text.Body, opaque: m.Opaque}
	if m.Type == "template" {
		said.text, said.template = "(template "+m.Template.Name+")", true
	}
	return metaCall{said, a, to, named}, nil
}

// A metaTemplate is what is read of a template. One whose name begins with
// "unknown" does not exist.
type metaTemplate struct {
	Name     string
	Language struct{ Code string }
}

func invalid(what string) refusal { return refusal{400, 100, what, "", 0} }

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// refuseMeta writes an error as Meta does.
func refuseMeta(w http.ResponseWriter, r *refusal) {
	e := map[string]any{
		"message":    fmt.Sprintf("(#%d) %s", r.code, r.text),
		"type":       "OAuthException",
		"code":       r.code,
		"fbtrace_id": "ASimulatorTrace",
	}
	if r.details != "" {
		e["error_data"] = map[string]string{"messaging_product": "whatsapp", "details": r.details}
	}
	r.delay(w)
	writeJSON(w, r.status, map[string]any{"error": e})
}

// delay puts the messenger's own delay into a header.
func (r *refusal) delay(w http.ResponseWriter) {
	if r.wait > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(r.wait.Seconds())))
	}
}

func unknownToMeta(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusNotFound, map[string]any{"error": map[string]any{
		"message": "Unknown path components; the simulator takes POST /meta/{version}/{phone_number_id}/messages",
		"type":    "OAuthException", "code": 2500, "fbtrace_id": "ASimulatorTrace",
	}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encode(v)) // who went away needs no answer
}

// account finds an account of the kind.
func (s *Simulator) account(kind domain.Kind, is func(*account) bool) *account {
	for _, a := range s.accounts {
		if a.kind == kind && is(a) {
			return a
		}
	}
	return nil
}
