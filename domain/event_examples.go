package domain

import "time"

// EventExample is an event of one type in the form that CRMs get, for
// documentation. Its Go types describe every event of that type.
type EventExample struct {
	Envelope any // the whole event
	Data     any // its field data
}

// ExampleOf returns the example of a type of event; false: there is no such type.
func ExampleOf(typ EventType) (EventExample, bool) {
	data, ok := exampleData[typ]
	if !ok {
		return EventExample{}, false
	}
	e := envelope{
		ID: "evt_01JGKQ3T9Z8M4V6W2X5Y7A1B3C", Type: typ, Version: 1, OccurredAt: exampleTime, Company: "acme", Data: data,
	}
	if !companyEvents[typ] || typ == EventConnectionStatus || typ == EventConnectionSignal {
		e.Connection = &envelopeConnection{"waba-1", WABA}
	}
	if !companyEvents[typ] {
		e.Chat = &envelopeChat{ID: "chat_01JGKQ0", Peer: "79990000000", Seq: 42, Unanswered: 3}
	}
	return EventExample{Envelope: e, Data: data}, true
}

// companyEvents are the types of events that concern no chat.
var companyEvents = map[EventType]bool{
	EventEndpointStatus: true, EventEndpointTest: true, EventLimitDialogs: true, EventWABABalance: true, EventConnectionStatus: true,
	EventConnectionSignal: true,
}

var (
	exampleTime  = Time(time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC))
	exampleMedia = MediaID("med_0DQ2M7RZK3V5X9T1B8C4F6G0HJ")
	exampleName  = messageName{ID: "msg_01JGKQ2", ProviderID: "wamid.HBgL", ClientRef: "order-17"}
)

// exampleData holds the data of an event of each type.
var exampleData = map[EventType]any{
	EventMessageCreated: messageCreated{
		Message: createdMessage{
			ID: exampleName.ID, Chat: "chat_01JGKQ0", ProviderID: exampleName.ProviderID, Direction: Inbound, Origin: OriginClient,
			Type: TypeImage, Text: "¿Tienen este modelo?", CreatedAt: exampleTime, SentAt: exampleTime,
			Media: &PublicMedia{ID: exampleMedia, MIME: "image/jpeg", Size: 48213},
			Content: &Content{Forwarded: true, Referral: &Referral{
				Source: "ad", SourceID: "120208", Headline: "Oferta de invierno", ClickID: "ARAkLkA8rmlF", Product: &Product{ID: "SKU-77"},
			}},
		},
		Contact: Contact{Name: "María", Phone: "79990000000"},
	},
	EventMessageStatus: messageStatus{exampleName, Delivered, exampleTime},
	EventMessageFailed: messageFailed{
		messageName: exampleName, At: exampleTime,
		Failure: (&Failure{Reason: ReasonNoAccount, Cause: Cause{
			Source: "waba", HTTPStatus: 400, Code: "131026", Title: "Message undeliverable", TraceID: "AbCdEf",
		}}).Public(),
	},
	EventMessageEdited: messageEdited{messageName: exampleName, Text: "A las siete", At: exampleTime},
	EventMessageMedia: messageMedia{
		messageName: exampleName, Status: MediaKept, Media: &PublicMedia{ID: exampleMedia, MIME: "image/jpeg", Size: 48213},
	},
	EventMessageDeleted:  messageDeleted{messageName: exampleName, At: exampleTime},
	EventMessageReaction: messageReaction{messageName: exampleName, Emoji: "👍", By: "79990000000", At: exampleTime},
	EventChatBlocked:     chatBlocked{By: "ana", At: exampleTime},
	EventChatUnblocked:   chatBlocked{By: "ana", At: exampleTime},
	EventChatUnanswered:  chatUnanswered{Unanswered: 0, Reason: "reply", At: exampleTime},
	EventChatPeerChanged: chatPeerChanged{Old: "79990000000", New: "79990000001"},
	EventChatMerged:      chatMerged{Into: "chat_01JGKQ1"},
	EventEndpointStatus:  EndpointStatusData{Endpoint: "crm", Status: EndpointPaused, Waiting: 12},
	EventEndpointTest:    EndpointTestData{Endpoint: "crm"},
	EventLimitDialogs:    limitDialogs{Subscription: "acme-waba", Used: 40, Limit: 50, Level: 80, Period: "2026-01"},
	EventWABABalance:     wabaBalance{Subscription: "acme-waba", Available: 4, Level: "low"},
	EventConnectionSignal: Signal{
		Kind: SignalQuality, Level: LevelWarning, Title: "FLAGGED", Details: "15550783881, current_limit TIER_1K",
	},
	EventChatPeerRefuses:  chatPeerRefuses{Refuses: true, At: exampleTime},
	EventConnectionStatus: connectionStatus{Status: ConnectionSuspended, Cause: &Cause{Source: "waba", HTTPStatus: 401, Code: "190", Title: "The access token expired"}},
}
