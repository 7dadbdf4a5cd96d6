package shared

import (
	"slices"
	"time"

	"recado/domain"
)

// MessageKey names a message.
var MessageKey = []Column[domain.Message]{
	textColumn("id", func(m *domain.Message) *domain.MessageID { return &m.ID }),
}

// MessageBirth is what a message has from its creation and keeps.
var MessageBirth = []Column[domain.Message]{
	MessageKey[0],
	textColumn("chat_id", func(m *domain.Message) *domain.ChatID { return &m.Chat }),
	textColumn("connection_id", func(m *domain.Message) *domain.ConnectionID { return &m.Connection }),
	textColumn("company_id", func(m *domain.Message) *domain.CompanyID { return &m.Company }),
	numberColumn("seq", func(m *domain.Message) *int64 { return &m.Seq }),
	textColumn("direction", func(m *domain.Message) *domain.Direction { return &m.Direction }),
	textColumn("origin", func(m *domain.Message) *domain.Origin { return &m.Origin }),
	textColumn("employee_id", func(m *domain.Message) *domain.EmployeeID { return &m.By }),
	textColumn("type", func(m *domain.Message) *domain.MessageType { return &m.Type }),
	jsonColumn("author", func(m *domain.Message) **domain.Author { return &m.Author }, isNil),
	jsonColumn("template", func(m *domain.Message) **domain.Template { return &m.Template }, isNil),
	textColumn("reply_to", func(m *domain.Message) *domain.ProviderID { return &m.ReplyTo }),
	textColumn("target", func(m *domain.Message) *domain.MessageID { return &m.Target }),
	textColumn("client_ref", func(m *domain.Message) *string { return &m.ClientRef }),
	momentColumn("at", func(m *domain.Message) *time.Time { return &m.At }),
	numberColumn("inbound_seq", func(m *domain.Message) *int64 { return &m.InboundSeq }),
	numberColumn("answers_seq", func(m *domain.Message) *int64 { return &m.AnswersSeq }),
}

// MessageState is what changes in a message.
var MessageState = []Column[domain.Message]{
	textColumn("text", func(m *domain.Message) *string { return &m.Text }),
	jsonColumn("media", func(m *domain.Message) **domain.Media { return &m.Media }, isNil),
	jsonColumn("content", func(m *domain.Message) **domain.Content { return &m.Content }, isNil),
	textColumn("provider_id", func(m *domain.Message) *domain.ProviderID { return &m.ProviderID }),
	jsonColumn("price", func(m *domain.Message) **domain.Price { return &m.Price }, isNil),
	textColumn("status", func(m *domain.Message) *domain.DeliveryStatus { return &m.Status }),
	jsonColumn("failure", func(m *domain.Message) **domain.Failure { return &m.Failure }, isNil),
	momentColumn("taken_at", func(m *domain.Message) *time.Time { return &m.TakenAt }),
	momentColumn("sent_at", func(m *domain.Message) *time.Time { return &m.SentAt }),
	momentColumn("delivered_at", func(m *domain.Message) *time.Time { return &m.DeliveredAt }),
	momentColumn("read_at", func(m *domain.Message) *time.Time { return &m.ReadAt }),
	momentColumn("failed_at", func(m *domain.Message) *time.Time { return &m.FailedAt }),
	momentColumn("edited_at", func(m *domain.Message) *time.Time { return &m.EditedAt }),
	momentColumn("deleted_at", func(m *domain.Message) *time.Time { return &m.DeletedAt }),
	jsonColumn("failed_for", func(m *domain.Message) *[]domain.PeerID { return &m.FailedFor }, isEmpty),
	jsonColumn("reactions", func(m *domain.Message) *map[string]domain.Reaction { return &m.Reactions }, noReactions),
}

func noReactions(list map[string]domain.Reaction) bool { return len(list) == 0 }

// classColumn is written as a class that queries know, also of a message without one.
var classColumn = Column[domain.Message]{
	Name: "class",
	Num:  func(m *domain.Message) int64 { return int64(max(m.Class, domain.ClassLive)) },
	Into: func(m *domain.Message) any { return &m.Class },
}

// MessageAttempt is what is read back of a row of the outbox.
var MessageAttempt = []Column[domain.Message]{
	classColumn,
	numberColumn("attempts", func(m *domain.Message) *int { return &m.Attempts }),
	momentColumn("attempt_at", func(m *domain.Message) *time.Time { return &m.AttemptAt }),
	momentColumn("next_at", func(m *domain.Message) *time.Time { return &m.NextAt }),
	momentColumn("unknown_at", func(m *domain.Message) *time.Time { return &m.UnknownAt }),
	momentColumn("maybe_at", func(m *domain.Message) *time.Time { return &m.MaybeAt }),
}

// MessageWay is a row of the outbox: a message while it is queued.
var MessageWay = slices.Concat([]Column[domain.Message]{
	textColumn("message_id", func(m *domain.Message) *domain.MessageID { return &m.ID }),
	textColumn("connection_id", func(m *domain.Message) *domain.ConnectionID { return &m.Connection }),
	textColumn("chat_id", func(m *domain.Message) *domain.ChatID { return &m.Chat }),
	numberColumn("seq", func(m *domain.Message) *int64 { return &m.Seq }),
	momentColumn("accepted_at", func(m *domain.Message) *time.Time { return &m.At }),
}, MessageAttempt)

// SelectMessage reads messages m, with their way out where they are queued.
var SelectMessage = "SELECT " + read("m.%s", MessageBirth) + ", " + read("m.%s", MessageState) + ", " + read("coalesce(o.%s, 0)", MessageAttempt) +
	" FROM messages m LEFT JOIN outbox o ON o.message_id BETWEEN m.id AND m.id -- plan 1\n"

// ScanMessage scans a row of SelectMessage.
func ScanMessage(row Row) (domain.Message, error) {
	return scan(row, MessageBirth, MessageState, MessageAttempt)
}

// Outbox tells which of the messages that are written get a row of the outbox,
// and which lose theirs: there is one for each message that waits with us.
func Outbox(w domain.Writes) (queued []domain.Message, left []domain.MessageID) {
	for _, m := range slices.Concat(w.Created, w.Changed) {
		switch {
		case m.Status == domain.Queued && !m.Taken():
			queued = append(queued, m)
		case m.Direction == domain.Outbound && m.Origin != domain.OriginPhone:
			left = append(left, m.ID)
		}
	}
	return queued, left
}
