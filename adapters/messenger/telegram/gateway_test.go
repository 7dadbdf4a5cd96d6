package telegram_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/telegram"
	"recado/adapters/messenger/telegram/telegramtest"
	"recado/domain"
)

// The updates that we read are those of the contract, but for those that are meant not to be.
func TestPersonalPayloadsConform(t *testing.T) {
	update := telegramtest.ReadSchema(t, ".", "update")
	for name, body := range connectortest.PayloadsIn(t, "testdata/personal") {
		meant := strings.HasPrefix(name, "bad_") || strings.HasPrefix(name, "unknown_")
		if err := update.Validate(body); meant != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The answers of the tests are those of the contract, too.
func TestPersonalAnswersConform(t *testing.T) {
	answer := telegramtest.ReadSchema(t, ".", "answer")
	for _, a := range accountAnswers {
		if err := answer.Validate([]byte(a.Reply.Body)); err != nil {
			t.Errorf("%s: %v", a.Name, err)
		}
	}
}

// Each message that goes out calls a method of the contract with its parameters.
func TestEachTypeIsSentByTheContract(t *testing.T) {
	connectortest.EachSample(t, telegram.NewPersonal(http.DefaultClient), account, func(typ domain.MessageType) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
			body, err := asJSON(r)
			if err == nil {
				err = telegramtest.ReadSchema(t, ".", method).Validate(body)
			}
			if err != nil {
				t.Errorf("%s: %v: %s", method, err, body)
			}
			answer := taken
			if slices.Contains(domain.FileTypes, typ) {
				answer = made(typ).Body
			}
			_, _ = io.WriteString(w, answer) // who went away needs no answer
		}
	})
}

// asJSON reads the parameters of a call, with a name in the place of a file.
func asJSON(r *http.Request) ([]byte, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "multipart/form-data" {
		return io.ReadAll(r.Body)
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	for name, values := range r.MultipartForm.Value {
		fields[name] = json.RawMessage(values[0])
		if !json.Valid(fields[name]) {
			fields[name] = fmt.Appendf(nil, "%q", values[0])
		}
	}
	for name := range r.MultipartForm.File {
		fields[name] = json.RawMessage(`"a file"`)
	}
	return json.Marshal(fields)
}

// The page names each type that the table of failures knows.
func TestTheContractNamesEachFailure(t *testing.T) {
	page, err := os.ReadFile("GATEWAY.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []string{"logged_out", "code_sent", "password_needed", "connecting", "working", "frozen", "banned", "revoked"} {
		if !bytes.Contains(page, []byte("`"+status+"`")) {
			t.Errorf("the page does not name the status %s", status)
		}
	}
	for _, a := range accountAnswers {
		var said struct{ Description string }
		_ = json.Unmarshal([]byte(a.Reply.Body), &said) // as TestPersonalAnswersConform saw
		_, kind, found := strings.Cut(said.Description, ": ")
		kind = strings.TrimRight(kind, "_0123456789")
		known := kind == "CONNECTING" || kind == "CLIENT_ID_USED" || strings.HasPrefix(kind, "SOMETHING_")
		if found && !known && !named(page, kind) {
			t.Errorf("the page does not name %s", kind)
		}
	}
}

// named reports whether the page names a type, or the beginning of several.
func named(page []byte, kind string) bool {
	for n := len(kind); n > 4; n-- {
		if bytes.Contains(page, []byte(kind[:n]+"…")) {
			return true
		}
	}
	return bytes.Contains(page, []byte(kind)) || strings.HasPrefix(kind, "USER_DEACTIVATED") && bytes.Contains(page, []byte("USER_DEACTIVATED(_BAN)"))
}
