package console

import (
	"context"
	"time"

	"recado/domain"
)

// messagesAtOnce is how many messages a part of a chat holds.
const messagesAtOnce = 40

// A pane is a chat beside the list.
type pane struct {
	Chat     chatHead
	Limits   string   // see Console.limits
	Zone     string   // in which days begin
	Messages []bubble // the oldest first
	More     string   // the place before which there are more; empty: there are none
}

// A chatHead is what stands above and below the messages: who it is, and what the
// employee may do now.
type chatHead struct {
	chatRow
	Peer       domain.PeerID
	Phone      string
	InboundSeq int64 // see domain.NoReplyNeeded
	BlockedBy  string
	MergedInto domain.ChatID

	MaySend, MaySendTemplate, MayVoice, MayBlock bool
	MayDismiss                                   bool // say that no reply is needed

	Actions []domain.MessageType // on messages, that would not be refused now

	SendsTemplates bool
	SendsVoice     bool
	SendsFiles     bool
	WhyNot         string // why nothing may be written; empty: something may
	WhyNoText      string // why only a template may be sent; empty: a text may
	WhyNoVoice     string
	WindowUntil    int64 // when the free window closes, in Unix milliseconds; zero: there is none
	WindowText     string
}

// head shows what the employee may do in a chat.
func (d *desk) head(c *domain.Chat) chatHead {
	text, template, voice := d.intent(c, domain.TypeText), d.intent(c, domain.TypeTemplate), d.intent(c, domain.TypeVoice)
	h := chatHead{
		chatRow: d.row(c, domain.Message{}), Peer: c.Peer, Phone: c.Phone, InboundSeq: c.InboundSeq, MergedInto: c.MergedInto,
		MaySend: text.MaySend(), MaySendTemplate: template.MaySend(), MayVoice: voice.MaySend(), MayBlock: text.MayBlock(),
		MayDismiss:     d.by.Granted().May(domain.WriteChats),
		SendsTemplates: c.Kind.Traits().CanSend(domain.TypeTemplate), SendsVoice: c.Kind.Traits().CanSend(domain.TypeVoice),
		SendsFiles: c.Kind.Traits().CanSend(domain.TypeFile), WhyNoVoice: d.whyNot(voice),
	}
	for _, t := range domain.ActionTypes {
		if d.intent(c, t).MaySend() {
			h.Actions = append(h.Actions, t)
		}
	}
	if c.Blocked() {
		h.BlockedBy = d.name(c.BlockedBy)
	}
	switch {
	case h.MaySend:
	case h.MaySendTemplate:
		h.WhyNoText = d.whyNot(text)
	default:
		h.WhyNot = d.whyNot(text)
	}
	if until := c.WindowUntil(); !until.IsZero() {
		h.WindowUntil, h.WindowText = until.UnixMilli(), d.window(until)
	}
	return h
}

// whyNot says why a message would not be sent; empty: it would.
func (d *desk) whyNot(a domain.Intent) string {
	refusal, failure := a.WhyNot()
	switch {
	case refusal != "":
		return d.text("error." + string(refusal))
	case failure != nil:
		return d.text("why." + string(failure.Reason))
	}
	return ""
}

// window says how long the free window stays open, or that it is closed.
func (d *desk) window(until time.Time) string {
	left := until.Sub(d.now)
	if left <= 0 {
		return d.text("window.closed")
	}
	return d.text("window.open", "Hours", int(left.Hours()), "Minutes", int(left.Minutes())%60)
}

// name returns the name of a colleague.
func (d *desk) name(id domain.EmployeeID) string {
	if name := d.staff[id]; name != "" {
		return name
	}
	return string(id)
}

// readPane reads a chat with its newest messages.
func (c *Console) readPane(ctx context.Context, d *desk, id domain.ChatID) (*pane, error) {
	chat, err := c.Store.Chat(ctx, d.by.Company, id)
	if err != nil {
		return nil, err
	}
	p := &pane{Chat: d.head(&chat), Zone: d.zone.String()}
	if p.Limits, err = c.limits(chat.Kind); err != nil {
		return nil, err
	}
	p.Messages, p.More, err = c.readMessages(ctx, d, &chat, domain.MessageCursor{})
	return p, err
}

// readMessages reads messages of a chat before a place, and shows the oldest first.
func (c *Console) readMessages(ctx context.Context, d *desk, chat *domain.Chat, before domain.MessageCursor) (list []bubble, more string, err error) {
	messages, err := c.Store.Messages(ctx, d.by.Company, domain.MessageQuery{Chat: chat.ID, Limit: messagesAtOnce + 1, After: before, Actions: true})
	if err != nil {
		return nil, "", err
	}
	if len(messages) > messagesAtOnce {
		messages = messages[:messagesAtOnce]
		more = messagePlace(&messages[messagesAtOnce-1])
	}
	if err := c.readFiles(ctx, d, messages); err != nil {
		return nil, "", err
	}
	answered, err := c.readAnswered(ctx, d, messages)
	if err != nil {
		return nil, "", err
	}
	actions := map[domain.MessageID]*domain.Message{}
	for i := len(messages) - 1; i >= 0; i-- {
		if m := &messages[i]; m.Target != "" {
			actions[m.Target] = m // of several the newest
		}
	}
	for i := len(messages) - 1; i >= 0; i-- {
		if m := &messages[i]; m.Target == "" {
			list = append(list, d.bubble(chat, m, answered[m.ReplyTo], actions[m.ID]))
		}
	}
	return list, more, nil
}

// readAnswered reads what messages of one chat answer, by the messenger's ids.
func (c *Console) readAnswered(ctx context.Context, d *desk, messages []domain.Message) (map[domain.ProviderID]*domain.Message, error) {
	answered := map[domain.ProviderID]*domain.Message{}
	for i := range messages {
		answered[messages[i].ProviderID] = &messages[i]
	}
	delete(answered, "")
	var others []domain.ProviderID
	for i := range messages {
		if id := messages[i].ReplyTo; id != "" && answered[id] == nil {
			others = append(others, id)
		}
	}
	if len(others) == 0 {
		return answered, nil
	}
	found, err := c.Store.MessagesKnownAs(ctx, d.by.Company, messages[0].Connection, others)
	for id, m := range found {
		answered[id] = &m
	}
	return answered, err
}

// readBubble shows one message of a chat, with its file and what it answers.
func (c *Console) readBubble(ctx context.Context, d *desk, chat *domain.Chat, m domain.Message, action *domain.Message) (bubble, error) {
	one := []domain.Message{m}
	if err := c.readFiles(ctx, d, one); err != nil {
		return bubble{}, err
	}
	answered, err := c.readAnswered(ctx, d, one)
	return d.bubble(chat, &one[0], answered[m.ReplyTo], action), err
}

// openChat handles GET /chat/c/{chat}/pane.
func (c *Console) openChat(ctx context.Context, v *visit) error {
	d, err := c.desk(ctx, v)
	if err != nil {
		return err
	}
	p, err := c.readPane(ctx, d, domain.ChatID(v.r.PathValue("chat")))
	if err != nil {
		return err
	}
	return v.render("pane", map[string]any{"Pane": p})
}

// olderMessages handles GET /chat/c/{chat}/messages.
func (c *Console) olderMessages(ctx context.Context, v *visit) error {
	before, err := parseMessagePlace(v.r.FormValue("before"))
	if err != nil {
		return err
	}
	d, err := c.desk(ctx, v)
	if err != nil {
		return err
	}
	chat, err := c.Store.Chat(ctx, v.by.Company, domain.ChatID(v.r.PathValue("chat")))
	if err != nil {
		return err
	}
	list, more, err := c.readMessages(ctx, d, &chat, before)
	if err != nil {
		return err
	}
	return v.render("messages", map[string]any{"Messages": list, "More": more})
}
