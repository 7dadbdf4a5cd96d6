package waba

import (
	"bytes"
	"encoding/json"
)

// openStandby takes the lists of what an agent of Meta holds to where those of
// other changes are: Meta writes them one level deeper. Older webhooks have a list of
// messages there, which stays.
func (r *rawLists) openStandby() {
	if !bytes.HasPrefix(bytes.TrimSpace(r.Standby), []byte("{")) {
		return
	}
	var inner struct {
		Contacts json.RawMessage
		Messages json.RawMessage
		Echoes   json.RawMessage `json:"message_echoes"`
		Statuses json.RawMessage
	}
	if json.Unmarshal(r.Standby, &inner) != nil {
		return
	}
	r.Standby = nil
	for outer, list := range map[*json.RawMessage]json.RawMessage{
		&r.Contacts: inner.Contacts, &r.Messages: inner.Messages, &r.Echoes: flattened(inner.Echoes), &r.Statuses: inner.Statuses,
	} {
		if !nothing(list) {
			*outer = list
		}
	}
}

// flattened puts the content of each echo beside its id: Meta writes it into a field
// message. What is no list stays as it is.
func flattened(raw json.RawMessage) json.RawMessage {
	var echoes []map[string]json.RawMessage
	if len(raw) == 0 || json.Unmarshal(raw, &echoes) != nil {
		return raw
	}
	for _, echo := range echoes {
		var inner map[string]json.RawMessage
		if json.Unmarshal(echo["message"], &inner) != nil {
			continue
		}
		delete(echo, "message")
		for name, field := range inner {
			if nothing(echo[name]) {
				echo[name] = field
			}
		}
	}
	list, _ := json.Marshal(echoes) // of what was JSON
	return list
}

// nothing reports whether a field is absent, or has the empty value that relays give
// to one that was.
func nothing(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", "false", "0", `""`, "[]":
		return true
	}
	return false
}
