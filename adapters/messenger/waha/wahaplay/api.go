package wahaplay

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// Serve serves WAHA's API below /waha.
func (Player) Serve(mux *http.ServeMux, s *simulator.Simulator) {
	handle := func(pattern string, serve func(*simulator.Account, http.ResponseWriter, *http.Request)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { enter(s, serve, w, r) })
	}
	for path, how := range methods {
		mux.HandleFunc("POST /waha/api/"+path, func(w http.ResponseWriter, r *http.Request) { send(s, how, w, r) })
	}
	handle("GET /waha/api/files/{file}", serveFile)
	handle("GET /waha/api/contacts/check-exists", checkExists)
	handle("GET /waha/api/server/version", func(a *simulator.Account, w http.ResponseWriter, _ *http.Request) {
		simulator.WriteJSON(w, http.StatusOK, environmentOf(sessionOf(a)))
	})
	handle("GET /waha/api/{session}/chats/{chat}/messages/{id}", getMessage)
	handle("GET /waha/api/{session}/chats/{chat}/messages", getMessages)
	handle("PUT /waha/api/{session}/chats/{chat}/messages/{id}", change)
	handle("DELETE /waha/api/{session}/chats/{chat}/messages/{id}", change)
	mux.HandleFunc("PUT /waha/api/reaction", func(w http.ResponseWriter, r *http.Request) { react(s, w, r) })
	handle("GET /waha/api/{session}/lids/{lid}", getLid)
	handle("GET /waha/api/sessions/{session}", getSession)
	handle("PUT /waha/api/sessions/{session}", putSession)
	handle("POST /waha/api/sessions/{session}/start", getSession)
	handle("GET /waha/api/{session}/auth/qr", func(_ *simulator.Account, w http.ResponseWriter, _ *http.Request) {
		simulator.WriteJSON(w, http.StatusOK, map[string]string{"value": "2@simulated,by,recado"})
	})
	mux.HandleFunc("/waha/", func(w http.ResponseWriter, r *http.Request) {
		say(w, http.StatusNotFound, "Cannot "+r.Method+" "+r.URL.Path)
	})
}

// account returns the account of a session, if the key fits; without a name that of the key.
func account(s *simulator.Simulator, name string, r *http.Request) *simulator.Account {
	key := r.Header.Get("X-Api-Key")
	return s.Account(domain.WhatsAppBusiness, func(a *simulator.Account) bool {
		return a.Accepts(key) && (name == "" || sessionOf(a).name == name)
	})
}

// enter finds the session that a call is about.
func enter(
	s *simulator.Simulator, serve func(*simulator.Account, http.ResponseWriter, *http.Request), w http.ResponseWriter, r *http.Request,
) {
	name := r.PathValue("session")
	if name == "" {
		name = r.URL.Query().Get("session")
	}
	switch a := account(s, name, r); {
	case a != nil:
		serve(a, w, r)
	case account(s, "", r) != nil:
		say(w, http.StatusNotFound, "Session not found")
	default:
		say(w, http.StatusUnauthorized, "Unauthorized")
	}
}

// A posted is the body of a call that sends: a text, a place, contacts, or a file with a caption.
type posted struct {
	Session string
	Chat    string `json:"chatId"`
	Text    string
	Caption string
	ID      string
	ReplyTo string `json:"reply_to"`
	Convert *bool

	Latitude, Longitude *float64 // of a place
	Title               *string
	Contacts            []struct{ VCard string }

	File *struct {
		MIME string `json:"mimetype"`
		Name string `json:"filename"`
		Data []byte // base64
	}
}

// maxPosted bounds the body of a call: a file of 16 MB in base64.
const maxPosted = 24 << 20

// send takes a message; how says what is the method's own. The same id is taken once.
func send(s *simulator.Simulator, how method, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPosted))
	var p posted
	if err == nil {
		err = json.Unmarshal(body, &p)
	}
	a := account(s, p.Session, r)
	user, server, _ := strings.Cut(p.Chat, "@")
	peer := user
	if server == "g.us" || server == "lid" {
		peer = p.Chat
	}
	if phone := phoneOf(p.Chat); phone != "" {
		peer = phone
	}
	switch {
	case err != nil:
		say(w, http.StatusBadRequest, "the body is no JSON")
	case a == nil && account(s, "", r) == nil:
		say(w, http.StatusUnauthorized, "Unauthorized")
	case a == nil:
		say(w, http.StatusNotFound, "Session not found")
	case how.wrong(&p) != "":
		say(w, http.StatusBadRequest, how.wrong(&p))
	case server == "" || server == "c.us" && !isDigits(user):
		say(w, http.StatusBadRequest, "chatId must be 123@c.us, 123@lid or 123@g.us")
	case sessionOf(a).status() != "WORKING":
		notWorking(w, sessionOf(a).name, sessionOf(a).status())
	default:
		take(s, a, simulator.Message{Peer: peer, Text: how.text(&p), Own: content{p.ID, p.ReplyTo, how.mediaOf(&p)}}, w)
	}
}

func take(s *simulator.Simulator, a *simulator.Account, m simulator.Message, w http.ResponseWriter) {
	if known, again := sessionOf(a).message(m.Own.(content).id); again {
		simulator.WriteJSON(w, http.StatusCreated, known)
		return
	}
	v := s.Take(a, m)
	switch {
	case v.Cut:
		panic(http.ErrAbortHandler) // closes the connection
	case v.Refusal != nil && v.Refusal.Status == http.StatusUnprocessableEntity:
		notWorking(w, sessionOf(a).name, v.Refusal.Text)
	case v.Refusal != nil:
		if *v.Refusal == strangers {
			sessionOf(a).lock(time.Now())
		}
		except(w, v.Refusal)
	default:
		simulator.WriteJSON(w, http.StatusCreated, v.Answer)
	}
}

func checkExists(_ *simulator.Account, w http.ResponseWriter, r *http.Request) {
	phone := strings.TrimPrefix(r.URL.Query().Get("phone"), "+")
	if !isDigits(phone) || unregistered(phone) {
		simulator.WriteJSON(w, http.StatusOK, map[string]any{"numberExists": false})
		return
	}
	simulator.WriteJSON(w, http.StatusOK, map[string]any{"numberExists": true, "chatId": chatOf(phone)})
}

func getMessage(a *simulator.Account, w http.ResponseWriter, r *http.Request) {
	s := sessionOf(a)
	m, ok := s.message(bareOf(r.PathValue("id")))
	if !ok {
		say(w, http.StatusNotFound, "Message not found")
		return
	}
	if r.URL.Query().Get("downloadMedia") != "false" {
		s.download(m)
	}
	simulator.WriteJSON(w, http.StatusOK, m)
}

// bareOf returns the bare id in the name of a message.
func bareOf(name string) string {
	if parts := strings.SplitN(name, "_", 4); len(parts) > 2 {
		return parts[2]
	}
	return name
}

func getMessages(a *simulator.Account, w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	from, _ := strconv.ParseFloat(query.Get("filter.timestamp.gte"), 64) // none: from the beginning
	offset, _ := strconv.Atoi(query.Get("offset"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	simulator.WriteJSON(w, http.StatusOK, sessionOf(a).since(r.PathValue("chat"), from, offset, limit))
}

// say writes an error in WAHA's form.
func say(w http.ResponseWriter, status int, words string) {
	simulator.WriteJSON(w, status, map[string]any{"statusCode": status, "message": words, "error": http.StatusText(status)})
}

// notWorking is the answer of a session that cannot send.
func notWorking(w http.ResponseWriter, name, status string) {
	simulator.WriteJSON(w, http.StatusUnprocessableEntity, map[string]any{
		"error":   "Session status is not as expected. Try again later or restart the session",
		"session": name, "status": status, "expected": []string{"WORKING"},
	})
}

// except writes an exception of the engine.
func except(w http.ResponseWriter, r *simulator.Refusal) {
	r.SetRetryAfter(w)
	simulator.WriteJSON(w, r.Status, map[string]any{
		"statusCode": r.Status, "exception": map[string]any{"message": r.Text, "name": "Error"},
		"version": map[string]string{"version": "2026.7.1"},
	})
}
