package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"recado/domain"
)

// An event is the part of a callback that the CRM reads.
type event struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Connection struct {
		ID string `json:"id"`
	} `json:"connection"`
	Chat struct {
		ID         string `json:"id"`
		Peer       string `json:"peer_id"`
		Seq        int64  `json:"seq"`
		Unanswered int64  `json:"unanswered"`
	} `json:"chat"`
	Data struct {
		Message struct {
			Direction string `json:"direction"`
			Text      string `json:"text"`
		} `json:"message"`
		Contact struct {
			Name string `json:"name"`
		} `json:"contact"`
		Status  string               `json:"status"`
		Failure domain.PublicFailure `json:"failure"`
		Used    int64                `json:"used"`
		Limit   int64                `json:"limit"`
		Level   any                  `json:"level"` // of limit.dialogs a number, of waba.balance a word
		Left    int64                `json:"available"`
		Cause   json.RawMessage      `json:"cause"` // of message.media a word, of others an object
		Title   string               `json:"title"`
		Details string               `json:"details"`
		Old     string               `json:"old_peer_id"`
		New     string               `json:"new_peer_id"`
		Refuses bool                 `json:"refuses"`
		Media   domain.PublicMedia   `json:"media"`
	} `json:"data"`
}

// inbound reports whether a client wrote.
func (e event) inbound() bool {
	return e.Type == "message.created" && e.Data.Message.Direction == "inbound"
}

// notable reports whether an event has a line of its own. The others follow from
// what other lines show.
func (e event) notable() bool {
	switch e.Type {
	case "message.created":
		return e.inbound()
	case "message.status":
		return e.Data.Status == "read"
	case "chat.unanswered":
		return false
	}
	return true
}

// number is the event's number within its chat, if it has a chat.
func (e event) number() string {
	if e.Chat.Seq == 0 {
		return ""
	}
	return fmt.Sprint("#", e.Chat.Seq)
}

// summary says in a few words what the event's data says.
func (e event) summary() string {
	switch e.Type {
	case "message.created":
		return fmt.Sprintf("(%s, %d unanswered)", e.Data.Message.Direction, e.Chat.Unanswered)
	case "message.status":
		return e.Data.Status
	case "message.media":
		return words(e.Data.Status, fileWords(e.Data.Media), e.cause())
	case "message.failed":
		f := e.Data.Failure
		return strings.TrimSpace(fmt.Sprintf("«%s» — %s %s: %s. %s", f.Text, f.Cause.Source, f.Cause.Code, f.Cause.Title, f.Hint))
	case "chat.unanswered":
		return fmt.Sprintf("now %d", e.Chat.Unanswered)
	case "limit.dialogs":
		return fmt.Sprintf("%d of %d outgoing dialogs (%v %%)", e.Data.Used, e.Data.Limit, e.Data.Level)
	case "waba.balance":
		return fmt.Sprintf("%v: %d paid WABA dialogs left", e.Data.Level, e.Data.Left)
	case "connection.status":
		return words(e.Connection.ID, "is", e.Data.Status, e.cause())
	case "connection.signal":
		return words(fmt.Sprint(e.Data.Level, ":"), e.Data.Title, e.Data.Details)
	case "chat.peer_changed":
		return fmt.Sprintf("%s is %s now", e.Data.Old, e.Data.New)
	case "chat.peer_refuses":
		if e.Data.Refuses {
			return "takes no messages"
		}
		return "takes messages again"
	}
	return ""
}

// cause says in words what the event's cause says; empty: it has none.
func (e event) cause() string {
	var word string
	if json.Unmarshal(e.Data.Cause, &word) == nil {
		return word
	}
	var cause domain.Cause
	_ = json.Unmarshal(e.Data.Cause, &cause) // there may be none
	return cause.Title
}

// words joins texts, without the empty ones.
func words(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), " ")
}
