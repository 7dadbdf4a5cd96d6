package shared

import (
	"slices"
	"strings"

	"recado/domain"
)

// MessageKey names a message.
var MessageKey = []Column[domain.Message]{
	{Name: "id", Text: func(m *domain.Message) string { return string(m.ID) }},
}

// MessageBirth is what a message has from its creation and keeps.
var MessageBirth = []Column[domain.Message]{
	MessageKey[0],
	{Name: "chat_id", Text: func(m *domain.Message) string { return string(m.Chat) }},
	{Name: "connection_id", Text: func(m *domain.Message) string { return string(m.Connection) }},
	{Name: "company_id", Text: func(m *domain.Message) string { return string(m.Company) }},
	{Name: "seq", Num: func(m *domain.Message) int64 { return m.Seq }},
	{Name: "direction", Text: func(m *domain.Message) string { return string(m.Direction) }},
	{Name: "origin", Text: func(m *domain.Message) string { return string(m.Origin) }},
	{Name: "employee_id", Text: func(m *domain.Message) string { return string(m.By) }},
	{Name: "type", Text: func(m *domain.Message) string { return string(m.Type) }},
	{Name: "author", Text: func(m *domain.Message) string { return jsonOf(m.Author, m.Author == nil) }},
	{Name: "template", Text: func(m *domain.Message) string { return jsonOf(m.Template, m.Template == nil) }},
	{Name: "reply_to", Text: func(m *domain.Message) string { return string(m.ReplyTo) }},
	{Name: "client_ref", Text: func(m *domain.Message) string { return m.ClientRef }},
	{Name: "at", Num: func(m *domain.Message) int64 { return Millis(m.At) }},
	{Name: "inbound_seq", Num: func(m *domain.Message) int64 { return m.InboundSeq }},
	{Name: "answers_seq", Num: func(m *domain.Message) int64 { return m.AnswersSeq }},
}

// MessageState is what changes in a message.
var MessageState = []Column[domain.Message]{
	{Name: "text", Text: func(m *domain.Message) string { return m.Text }},
	{Name: "media", Text: func(m *domain.Message) string { return jsonOf(m.Media, m.Media == nil) }},
	{Name: "content", Text: func(m *domain.Message) string { return jsonOf(m.Content, m.Content == nil) }},
	{Name: "provider_id", Text: func(m *domain.Message) string { return string(m.ProviderID) }},
	{Name: "price", Text: func(m *domain.Message) string { return jsonOf(m.Price, m.Price == nil) }},
	{Name: "status", Text: func(m *domain.Message) string { return string(m.Status) }},
	{Name: "failure", Text: func(m *domain.Message) string { return jsonOf(m.Failure, m.Failure == nil) }},
	{Name: "sent_at", Num: func(m *domain.Message) int64 { return Millis(m.SentAt) }},
	{Name: "delivered_at", Num: func(m *domain.Message) int64 { return Millis(m.DeliveredAt) }},
	{Name: "read_at", Num: func(m *domain.Message) int64 { return Millis(m.ReadAt) }},
	{Name: "failed_at", Num: func(m *domain.Message) int64 { return Millis(m.FailedAt) }},
	{Name: "edited_at", Num: func(m *domain.Message) int64 { return Millis(m.EditedAt) }},
	{Name: "deleted_at", Num: func(m *domain.Message) int64 { return Millis(m.DeletedAt) }},
	{Name: "reactions", Text: func(m *domain.Message) string { return jsonOf(m.Reactions, len(m.Reactions) == 0) }},
}

// MessageWay is a row of the outbox: a message while it is queued.
var MessageWay = []Column[domain.Message]{
	{Name: "message_id", Text: func(m *domain.Message) string { return string(m.ID) }},
	{Name: "connection_id", Text: func(m *domain.Message) string { return string(m.Connection) }},
	{Name: "chat_id", Text: func(m *domain.Message) string { return string(m.Chat) }},
	{Name: "seq", Num: func(m *domain.Message) int64 { return m.Seq }},
	{Name: "accepted_at", Num: func(m *domain.Message) int64 { return Millis(m.At) }},
	{Name: "attempts", Num: func(m *domain.Message) int64 { return int64(m.Attempts) }},
	{Name: "attempt_at", Num: func(m *domain.Message) int64 { return Millis(m.AttemptAt) }},
	{Name: "next_at", Num: func(m *domain.Message) int64 { return Millis(m.NextAt) }},
	{Name: "unknown_at", Num: func(m *domain.Message) int64 { return Millis(m.UnknownAt) }},
}

// SelectMessage reads messages m, with their way out where they are queued.
var SelectMessage = "SELECT m." + strings.ReplaceAll(Names(MessageBirth)+", "+Names(MessageState), ", ", ", m.") +
	", coalesce(o.attempts, 0), coalesce(o.attempt_at, 0), coalesce(o.next_at, 0), coalesce(o.unknown_at, 0)" +
	" FROM messages m LEFT JOIN outbox o ON o.message_id BETWEEN m.id AND m.id -- plan 1\n"

// ScanMessage scans a row of SelectMessage.
func ScanMessage(row Row) (domain.Message, error) {
	var m domain.Message
	var author, template, media, content, price, failure, reactions string
	err := row.Scan(&m.ID, &m.Chat, &m.Connection, &m.Company, &m.Seq, &m.Direction, &m.Origin, &m.By, &m.Type,
		&author, &template, &m.ReplyTo, &m.ClientRef, Moment(&m.At), &m.InboundSeq, &m.AnswersSeq,
		&m.Text, &media, &content, &m.ProviderID, &price, &m.Status, &failure, Moment(&m.SentAt), Moment(&m.DeliveredAt), Moment(&m.ReadAt),
		Moment(&m.FailedAt), Moment(&m.EditedAt), Moment(&m.DeletedAt), &reactions,
		&m.Attempts, Moment(&m.AttemptAt), Moment(&m.NextAt), Moment(&m.UnknownAt))
	if err != nil {
		return m, err
	}
	for _, column := range []struct {
		json string
		into any
	}{
		{author, &m.Author},
		{template, &m.Template},
		{media, &m.Media},
		{content, &m.Content},
		{price, &m.Price},
		{failure, &m.Failure},
		{reactions, &m.Reactions},
	} {
		if err := fromJSON(column.json, column.into); err != nil {
			return m, err
		}
	}
	return m, nil
}

// Outbox tells which of the messages that are written get a row of the outbox,
// and which lose theirs: there is one for each queued message, and no other.
func Outbox(w domain.Writes) (queued []domain.Message, left []domain.MessageID) {
	for _, m := range slices.Concat(w.Created, w.Changed) {
		switch {
		case m.Status == domain.Queued:
			queued = append(queued, m)
		case m.Direction == domain.Outbound && m.Origin != domain.OriginPhone:
			left = append(left, m.ID)
		}
	}
	return queued, left
}
