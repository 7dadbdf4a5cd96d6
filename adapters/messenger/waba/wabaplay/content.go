package wabaplay

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// maxUpload is the largest file that Meta takes.
const maxUpload = 100 << 20

// parts are what a message of each type holds beside those that read knows.
type parts struct {
	Image, Video, Audio, Document *struct{ ID, Caption string }

	Location    json.RawMessage
	Contacts    []json.RawMessage
	Interactive *struct {
		Type   string
		Body   struct{ Text string }
		Action json.RawMessage
	}
	Reaction *struct {
		ID    string `json:"message_id"`
		Emoji string
	}
}

// text describes what the message of a type holds; false: it lacks what it needs.
func (p parts) text(typ string) (text string, ok bool) {
	file := map[string]*struct{ ID, Caption string }{"image": p.Image, "video": p.Video, "audio": p.Audio, "document": p.Document}[typ]
	switch {
	case file != nil:
		return strings.TrimSpace("(" + typ + ") " + file.Caption), file.ID != ""
	case typ == "location":
		return "(location)", p.Location != nil
	case typ == "contacts":
		return "(contacts)", len(p.Contacts) > 0
	case typ == "interactive" && p.Interactive != nil:
		return p.Interactive.Body.Text, p.Interactive.Type != "" && p.Interactive.Body.Text != "" && p.Interactive.Action != nil
	case typ == "reaction" && p.Reaction != nil:
		return "(reaction) " + p.Reaction.Emoji, p.Reaction.ID != ""
	}
	return "", false
}

// hasParts reports whether parts knows the type.
func hasParts(typ string) bool {
	return strings.Contains(" image video audio document location contacts interactive reaction ", " "+typ+" ")
}

// uploads numbers the files that were uploaded.
var uploads atomic.Int64

// upload takes a file as Meta's Cloud API does, and forgets it.
func upload(s *simulator.Simulator, w http.ResponseWriter, r *http.Request) {
	a := s.Account(domain.WABA, func(a *simulator.Account) bool { return a.Name == r.PathValue("number") })
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if a == nil || !a.Accepts(token) {
		refuse(w, &simulator.Refusal{Status: 401, Code: 190, Text: "Invalid OAuth access token - Cannot parse access token"})
		return
	}
	form, err := r.MultipartReader()
	if err != nil {
		refused := invalid("The parameter file is required.")
		refuse(w, &refused)
		return
	}
	product, size, err := readUpload(form)
	switch refused := invalid("The parameters messaging_product and file are required."); {
	case err != nil, product != "whatsapp", size <= 0, size > maxUpload:
		refuse(w, &refused)
	default:
		simulator.WriteJSON(w, http.StatusOK, map[string]any{"id": strconv.FormatInt(1_000_000_000_000+uploads.Add(1), 10)})
	}
}

// readUpload reads a form to its end: its product, and the size of its file.
func readUpload(form *multipart.Reader) (product string, size int64, err error) {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return product, size, nil
		}
		if err != nil {
			return "", 0, err
		}
		if part.FileName() != "" {
			size, err = io.Copy(io.Discard, io.LimitReader(part, maxUpload+1))
		} else if part.FormName() == "messaging_product" {
			var text []byte
			text, err = io.ReadAll(io.LimitReader(part, 64))
			product = string(text)
		}
		if err != nil {
			return "", 0, err
		}
	}
}
