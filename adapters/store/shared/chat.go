package shared

import "recado/domain"

// ChatKey names a chat.
var ChatKey = []Column[domain.Chat]{
	{Name: "id", Text: func(c *domain.Chat) string { return string(c.ID) }},
}

// ChatBirth is what a chat has from its creation and keeps.
var ChatBirth = []Column[domain.Chat]{
	ChatKey[0],
	{Name: "company_id", Text: func(c *domain.Chat) string { return string(c.Company) }},
	{Name: "connection_id", Text: func(c *domain.Chat) string { return string(c.Connection) }},
	{Name: "kind", Text: func(c *domain.Chat) string { return string(c.Kind) }},
	{Name: "peer_id", Text: func(c *domain.Chat) string { return string(c.Peer) }},
	{Name: "created_at", Num: func(c *domain.Chat) int64 { return Millis(c.CreatedAt) }},
}

// ChatState is what changes in a chat.
var ChatState = []Column[domain.Chat]{
	{Name: "moved_to", Text: func(c *domain.Chat) string { return string(c.MovedTo) }},
	{Name: "merged_into", Text: func(c *domain.Chat) string { return string(c.MergedInto) }},
	{Name: "is_group", Flag: func(c *domain.Chat) bool { return c.IsGroup }},
	{Name: "title", Text: func(c *domain.Chat) string { return c.Title }},
	{Name: "phone", Text: func(c *domain.Chat) string { return c.Phone }},
	{Name: "username", Text: func(c *domain.Chat) string { return c.Username }},
	{Name: "contact_at", Num: func(c *domain.Chat) int64 { return Millis(c.ContactAt) }},
	{Name: "seq", Num: func(c *domain.Chat) int64 { return c.Seq }},
	{Name: "last_inbound_at", Num: func(c *domain.Chat) int64 { return Millis(c.LastInboundAt) }},
	{Name: "topic", Text: func(c *domain.Chat) string { return c.Topic }},
	{Name: "inbound_seq", Num: func(c *domain.Chat) int64 { return c.InboundSeq }},
	{Name: "answered_seq", Num: func(c *domain.Chat) int64 { return c.AnsweredSeq }},
	{Name: "answered_at", Num: func(c *domain.Chat) int64 { return Millis(c.AnsweredAt) }},
	{Name: "unanswered", Num: func(c *domain.Chat) int64 { return c.Unanswered }},
	{Name: "waiting_since", Num: func(c *domain.Chat) int64 { return Millis(c.WaitingSince) }},
	{Name: "dialogs", Text: func(c *domain.Chat) string { return jsonOf(c.Dialogs, len(c.Dialogs) == 0) }},
	{Name: "paid", Text: func(c *domain.Chat) string { return jsonOf(c.PaidDialog, c.PaidDialog.OpenedAt.IsZero()) }},
	{Name: "price_due_at", Num: func(c *domain.Chat) int64 { return Millis(c.PaidDialog.PriceDue()) }},
	{Name: "peer_refuses", Flag: func(c *domain.Chat) bool { return c.PeerRefuses }},
	{Name: "refuses_at", Num: func(c *domain.Chat) int64 { return Millis(c.RefusesAt) }},
	{Name: "blocked_by", Text: func(c *domain.Chat) string { return string(c.BlockedBy) }},
	{Name: "blocked_at", Num: func(c *domain.Chat) int64 { return Millis(c.BlockedAt) }},
	{Name: "words", Text: chatWords},
}

// SelectChat reads chats; see Chat.
var SelectChat = "SELECT " + chatColumns + " FROM chats "

// ScanChat scans a row of SelectChat.
func ScanChat(row Row) (domain.Chat, error) {
	var c domain.Chat
	var dialogs, paid, words string // words and priceDue are for statements alone
	var priceDue int64
	err := row.Scan(&c.ID, &c.Company, &c.Connection, &c.Kind, &c.Peer, Moment(&c.CreatedAt),
		&c.MovedTo, &c.MergedInto, &c.IsGroup, &c.Title, &c.Phone, &c.Username, Moment(&c.ContactAt), &c.Seq, Moment(&c.LastInboundAt),
		&c.Topic, &c.InboundSeq, &c.AnsweredSeq, Moment(&c.AnsweredAt), &c.Unanswered, Moment(&c.WaitingSince),
		&dialogs, &paid, &priceDue, &c.PeerRefuses, Moment(&c.RefusesAt), &c.BlockedBy, Moment(&c.BlockedAt), &words)
	if err != nil {
		return c, err
	}
	if err := fromJSON(dialogs, &c.Dialogs); err != nil {
		return c, err
	}
	err = fromJSON(paid, &c.PaidDialog)
	return c, err
}
