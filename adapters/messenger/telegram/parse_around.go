package telegram

import (
	"fmt"
	"strconv"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// around is what stands beside the body of a message.
type around struct {
	ReplyTo  *replied `json:"reply_to_message"`
	External *foreign `json:"external_reply"` // a message of another chat
	Quote    *struct{ Text string }
	Story    *story  `json:"reply_to_story"`
	Origin   *origin `json:"forward_origin"`
}

type replied struct {
	ID    wire.Integer           `json:"message_id"`
	Topic *struct{ Name string } `json:"forum_topic_created"`
}

type story struct {
	Chat chat
	ID   wire.Integer
}

func (s story) name() string { return fmt.Sprintf("%d/%d", s.Chat.ID, s.ID) }

// A foreign is a message of another chat, which has no text here.
type foreign struct {
	Origin *origin
	Poll   *poll
	Story  *story
}

// carried adds what stands beside the body; nil: nothing.
func (m *message) carried(c domain.Content) *domain.Content {
	c.Album = m.Album
	c.Forwarded, c.ForwardedFrom = m.Origin != nil, m.Origin.author()
	c.Quote = m.quote()
	c.Topic = m.topic()
	return c.OrNil()
}

func (a around) quote() *domain.Quote {
	var q domain.Quote
	if a.Quote != nil {
		q.Text = a.Quote.Text
	}
	switch {
	case a.Story != nil:
		q.Story = a.Story.name()
	case a.External != nil:
		q.Author = a.External.Origin.author()
		if a.External.Poll != nil && q.Text == "" {
			q.Text = a.External.Poll.Question
		}
		if a.External.Story != nil {
			q.Story = a.External.Story.name()
		}
	}
	if q == (domain.Quote{}) {
		return nil
	}
	return &q
}

// topic is the thread that the message belongs to. Without it a message in a
// group with a thread is one of the answers to a post.
func (m *message) topic() *domain.Topic {
	if !m.InTopic || m.Thread <= 0 {
		return nil
	}
	t := domain.Topic{ID: strconv.FormatInt(int64(m.Thread), 10)}
	if m.ReplyTo != nil && m.ReplyTo.Topic != nil {
		t.Name = m.ReplyTo.Topic.Name
	}
	return &t
}

// replyTo names the message replied to; empty: none. In a topic of a forum
// every message replies to the one that opened the topic.
func (m *message) replyTo() domain.ProviderID {
	if m.ReplyTo == nil || m.InTopic && m.ReplyTo.ID == m.Thread {
		return ""
	}
	other := message{ID: m.ReplyTo.ID, Chat: m.Chat, Business: m.Business}
	id, err := other.name()
	if err != nil {
		return ""
	}
	return id
}
