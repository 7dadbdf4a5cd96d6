package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"recado/domain"
)

// A person writes to the company.
type person struct{ name, peer string }

// A cast is who takes part in the story over a kind of connection, and how the messenger
// tells what they do with a message beside writing it.
type cast struct {
	connection string
	account    string    // its name at the messenger
	people     [3]person // the first one writes in the group, too
	group      string
	nobody     string // a peer without an account
	furthest   string // what a message reaches

	reacts  func(w *phoneWorld, by person, message, emoji string)
	edits   func(w *phoneWorld, by person, message, text string)
	deletes func(w *phoneWorld, by person, message string) // nil: it tells nobody
	echoes  func(w *phoneWorld, to person, text string)    // of what the company wrote on its phone; nil: it has none
}

var casts = map[domain.Kind]cast{
	domain.WABA: {
		connection: "waba-1", account: "106540352242922", furthest: "read", nobody: "34611110000",
		people: [3]person{{"Lucía Fernández", "34611204518"}, {"Mateo Quispe", "51987340265"}, {"Sheena Nelson", "16505551234"}},
		group:  "Y2FwaV9ncm91cDoxOTUwNTU1MDA3OToxMjAzNjMzOTQzMjAdOTY0MTUZD",
		reacts: func(w *phoneWorld, by person, message, emoji string) {
			w.metaTells(by, "reaction", fmt.Sprintf(`{"message_id":%q,"emoji":%q}`, message, emoji))
		},
		edits: func(w *phoneWorld, by person, message, text string) {
			w.metaTells(by, "edit", fmt.Sprintf(`{"original_message_id":%q,"message":{"type":"text","text":{"body":%q}}}`, message, text))
		},
		deletes: func(w *phoneWorld, by person, message string) {
			w.metaTells(by, "revoke", fmt.Sprintf(`{"original_message_id":%q}`, message))
		},
		echoes: func(w *phoneWorld, to person, text string) {
			w.metaPosts("smb_message_echoes", fmt.Sprintf(
				`"message_echoes":[{"from":"15550783881","to":%q,"id":"wamid.echo","timestamp":"%d","type":"text","text":{"body":%q}}]`, to.peer, time.Now().Unix(), text))
		},
	},
	domain.TelegramBot: {
		connection: "bot-1", account: "bot-1", furthest: "sent", nobody: "487120000",
		people: [3]person{{"Marta Gil", "487120391"}, {"Tomás Vega", "512340864"}, {"Nia", "93340517"}},
		group:  "-1001987654321",
		reacts: reactsOnTelegram, edits: editsOnTelegram,
	},
	domain.TelegramPersonal: {
		connection: "tg-1", account: "tg-1", furthest: "read", nobody: "+34633000000",
		people: [3]person{{"Lucía Campos", "8655120391"}, {"Andrés Roca", "8655340864"}, {"Kim Doyle", "8655340517"}},
		group:  "-1002087654321",
		reacts: reactsOnTelegram, edits: editsOnTelegram,
		deletes: func(w *phoneWorld, by person, message string) {
			w.updates("deleted_messages", `{"chat":%s,"message_ids":[%s],"date":%d}`, telegramChat(by), numberIn(message), time.Now().Unix())
		},
		echoes: func(w *phoneWorld, to person, text string) {
			w.updates("message", `{"message_id":2000000001,"outgoing":true,"from":{"id":7,"is_bot":false,"first_name":"ACME"},"chat":%s,"date":%d,"text":%q}`,
				telegramChat(to), time.Now().Unix(), text)
		},
	},
	domain.WhatsAppBusiness: {
		connection: "wa-1", account: "wa-1", furthest: "read", nobody: "34633000000",
		people: [3]person{{"Carmen Vidal", "34622310457"}, {"Iker Zabala", "34688102934"}, {"Beatriz Nunes", "5511987654321"}},
		group:  "120363041234567890@g.us",
		reacts: func(w *phoneWorld, by person, message, emoji string) {
			w.tells("message.reaction", fmt.Sprintf(`{"id":"false_%[1]s@c.us_3AFE01","from":"%[1]s@c.us","fromMe":false,"reaction":{"text":%[2]q,"messageId":"true_%[1]s@c.us_%[3]s"}}`, by.peer, emoji, message))
		},
		edits: func(w *phoneWorld, by person, message, text string) {
			w.tells("message.edited", fmt.Sprintf(`{"id":"false_%[1]s@c.us_3AFE02","from":"%[1]s@c.us","fromMe":false,"body":%[2]q,"editedMessageId":%[3]q}`, by.peer, text, message))
		},
		deletes: func(w *phoneWorld, by person, message string) {
			w.tells("message.revoked", fmt.Sprintf(`{"revokedMessageId":%[2]q,"after":{"id":"false_%[1]s@c.us_3AFE03","from":"%[1]s@c.us","fromMe":false},"before":null}`, by.peer, message))
		},
		echoes: func(w *phoneWorld, to person, text string) {
			w.tells("message.any", fmt.Sprintf(`{"id":"true_%[1]s@c.us_3AFE04","from":"34910000001@c.us","to":"%[1]s@c.us","fromMe":true,"source":"app","body":%[2]q}`, to.peer, text))
		},
	},
}

// metaTells posts what a person does with a message, as Meta does: as a message of its own.
func (w *phoneWorld) metaTells(by person, typ, what string) {
	w.t.Helper()
	w.metaPosts("messages", fmt.Sprintf(`"contacts":[{"profile":{"name":%q},"wa_id":%q}],"messages":[{"from":%q,"id":"wamid.%s","timestamp":"%d","type":%q,%q:%s}]`,
		by.name, by.peer, by.peer, typ, time.Now().Unix(), typ, typ, what))
}

func (w *phoneWorld) metaPosts(field, value string) {
	w.t.Helper()
	body := metaBody("106540352242922", field, value)
	if status := w.post(body); status != http.StatusOK {
		w.t.Fatalf("%s was answered with %d", body, status)
	}
}

// Telegram names a message by its chat and its number there.
func numberIn(message string) string {
	_, number, _ := strings.Cut(message, "/")
	return number
}

func telegramChat(p person) string {
	return fmt.Sprintf(`{"id":%s,"first_name":%q,"type":"private"}`, p.peer, p.name)
}

func reactsOnTelegram(w *phoneWorld, by person, message, emoji string) {
	w.updates("message_reaction", `{"chat":%s,"message_id":%s,"date":%d,"user":{"id":%s,"is_bot":false,"first_name":%q},"old_reaction":[],"new_reaction":[{"type":"emoji","emoji":%q}]}`,
		telegramChat(by), numberIn(message), time.Now().Unix(), by.peer, by.name, emoji)
}

func editsOnTelegram(w *phoneWorld, by person, message, text string) {
	w.updates("edited_message", `{"message_id":%s,"from":{"id":%s,"is_bot":false,"first_name":%q},"chat":%s,"date":%[5]d,"edit_date":%[5]d,"text":%[6]q}`,
		numberIn(message), by.peer, by.name, telegramChat(by), time.Now().Unix(), text)
}
