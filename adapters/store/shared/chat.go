package shared

import (
	"time"

	"recado/domain"
)

// ChatKey names a chat.
var ChatKey = []Column[domain.Chat]{
	textColumn("id", func(c *domain.Chat) *domain.ChatID { return &c.ID }),
}

// ChatBirth is what a chat has from its creation and keeps.
var ChatBirth = []Column[domain.Chat]{
	ChatKey[0],
	textColumn("company_id", func(c *domain.Chat) *domain.CompanyID { return &c.Company }),
	textColumn("connection_id", func(c *domain.Chat) *domain.ConnectionID { return &c.Connection }),
	textColumn("kind", func(c *domain.Chat) *domain.Kind { return &c.Kind }),
	textColumn("peer_id", func(c *domain.Chat) *domain.PeerID { return &c.Peer }),
	momentColumn("created_at", func(c *domain.Chat) *time.Time { return &c.CreatedAt }),
}

// ChatState is what changes in a chat.
var ChatState = []Column[domain.Chat]{
	textColumn("moved_to", func(c *domain.Chat) *domain.PeerID { return &c.MovedTo }),
	textColumn("merged_into", func(c *domain.Chat) *domain.ChatID { return &c.MergedInto }),
	flagColumn("is_group", func(c *domain.Chat) *bool { return &c.IsGroup }),
	textColumn("title", func(c *domain.Chat) *string { return &c.Title }),
	textColumn("phone", func(c *domain.Chat) *string { return &c.Phone }),
	textColumn("username", func(c *domain.Chat) *string { return &c.Username }),
	momentColumn("contact_at", func(c *domain.Chat) *time.Time { return &c.ContactAt }),
	numberColumn("seq", func(c *domain.Chat) *int64 { return &c.Seq }),
	momentColumn("last_inbound_at", func(c *domain.Chat) *time.Time { return &c.LastInboundAt }),
	textColumn("topic", func(c *domain.Chat) *string { return &c.Topic }),
	numberColumn("inbound_seq", func(c *domain.Chat) *int64 { return &c.InboundSeq }),
	numberColumn("answered_seq", func(c *domain.Chat) *int64 { return &c.AnsweredSeq }),
	momentColumn("answered_at", func(c *domain.Chat) *time.Time { return &c.AnsweredAt }),
	numberColumn("unanswered", func(c *domain.Chat) *int64 { return &c.Unanswered }),
	momentColumn("waiting_since", func(c *domain.Chat) *time.Time { return &c.WaitingSince }),
	jsonColumn("dialogs", func(c *domain.Chat) *[]domain.Dialog { return &c.Dialogs }, isEmpty),
	jsonColumn("paid", func(c *domain.Chat) *domain.PaidDialog { return &c.PaidDialog }, func(d domain.PaidDialog) bool { return d.OpenedAt.IsZero() }),
	{Name: "price_due_at", Num: func(c *domain.Chat) int64 { return Millis(c.PaidDialog.PriceDue()) }},
	jsonColumn("members", func(c *domain.Chat) *[]domain.PeerID { return &c.Members }, isEmpty),
	jsonColumn("reach", func(c *domain.Chat) *domain.Reach { return &c.Reach }, func(r domain.Reach) bool { return r == domain.Reach{} }),
	flagColumn("peer_refuses", func(c *domain.Chat) *bool { return &c.PeerRefuses }),
	momentColumn("refuses_at", func(c *domain.Chat) *time.Time { return &c.RefusesAt }),
	textColumn("blocked_by", func(c *domain.Chat) *domain.EmployeeID { return &c.BlockedBy }),
	momentColumn("blocked_at", func(c *domain.Chat) *time.Time { return &c.BlockedAt }),
}

// ChatWords is by what a chat is found; it is written where the names change.
var ChatWords = []Column[domain.Chat]{{Name: "words", Text: chatWords}}

// SelectChat reads chats; see ScanChat.
var SelectChat = "SELECT " + chatColumns + " FROM chats "

// ScanChat scans a row of SelectChat.
func ScanChat(row Row) (domain.Chat, error) { return scan(row, ChatBirth, ChatState) }
