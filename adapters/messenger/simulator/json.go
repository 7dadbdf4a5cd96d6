package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// MaxBody bounds what a Player reads of a call.
const MaxBody = 1 << 20

// WriteJSON answers a call.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(Encode(v)) // a caller that left needs no answer
}

// SetRetryAfter puts the messenger's own delay into a header.
func (r *Refusal) SetRetryAfter(w http.ResponseWriter) {
	if r.Wait > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(r.Wait.Seconds())))
	}
}

// Encode writes JSON, with < > & as they are.
func Encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // all that players encode is text and numbers
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
