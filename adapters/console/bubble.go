package console

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"recado/domain"
)

// A bubble is a message as a chat shows it.
type bubble struct {
	ID       domain.MessageID
	Place    string // see messagePlace
	Ref      string // client_ref, by which the page knows its own
	Provider domain.ProviderID
	Mine     bool
	System   bool   // a line between the bubbles
	Fate     string // see fateOf
	Day      string
	DayText  string // its date; the page knows which is today
	Time     string
	Moment   string // RFC 3339

	Author  string // who of a group, or which colleague; empty: the chat says it
	Type    domain.MessageType
	Label   string // what it is, unless it is a text
	Text    string
	Plain   bool // there is nothing beside the text
	Deleted bool
	Edited  bool

	Status    domain.DeliveryStatus
	Failure   *shownFailure
	Price     string
	Reactions []reaction
	Reply     *quoted
	MayReply  bool
	MayRetry  bool
	Actions   []domain.MessageType // that may be done to it, see desk.actions
	Reacted   string               // the company's own reaction
	Action    *shownAction

	*domain.Content
	Media    *shownMedia
	Template *shownTemplate
	MapURL   string // of a location
	Form     string // the answers of a form, indented
}

// A shownFailure says why a message was not sent: the documented text for the
// employee, what to do, and the cause for support.
type shownFailure struct {
	domain.PublicFailure
	Do    string
	Means string
}

// showFailure explains a failure; nil: there is none.
func showFailure(f *domain.Failure) *shownFailure {
	if f == nil {
		return nil
	}
	policy := domain.Policies[f.Reason]
	return &shownFailure{f.Public(), policy.Do, policy.Means}
}

type reaction struct {
	Emoji string
	Count int
}

// A quoted is what a message answers.
type quoted struct {
	Provider domain.ProviderID // by which the page finds it
	Author   string
	Text     string // empty: it is not at hand
}

type shownTemplate struct {
	Name   string
	Values []string
}

// bubble shows a message of a chat. Answered is the message that it answers; nil: it
// is not at hand. Action is the last action on the message; nil: there is none.
func (d *desk) bubble(c *domain.Chat, m, answered, action *domain.Message) bubble {
	local := m.At.In(d.zone)
	b := bubble{
		ID: m.ID, Place: messagePlace(m), Ref: m.ClientRef, Provider: m.ProviderID, Mine: m.Direction == domain.Outbound,
		System: m.Type == domain.TypeSystem, Day: local.Format(time.DateOnly), DayText: d.longDate(local), Time: d.clock(m.At),
		Moment: m.At.UTC().Format(time.RFC3339), Author: d.author(m), Type: m.Type, Text: m.Text,
		Deleted: !m.DeletedAt.IsZero(), Edited: !m.EditedAt.IsZero(), Status: m.Status, Content: m.Content,
		Reactions: countReactions(m.Reactions), MayReply: m.ProviderID != "" && m.Type != domain.TypeSystem && m.DeletedAt.IsZero(),
		MayRetry: m.Status == domain.Failed && m.Target == "", Failure: showFailure(m.Failure), Actions: d.actions(c, m),
		Reacted: m.Reactions[domain.ReactedByCompany].Emoji, Action: d.action(action), Fate: fateOf(m),
	}
	if b.Content == nil {
		b.Content = &domain.Content{}
	}
	b.Plain = m.Type == domain.TypeText && m.Text != "" && !b.Deleted && b.Referral == nil && b.Poll == nil && b.Checklist == nil && b.Content.Form == nil
	if m.Type != domain.TypeText {
		b.Label = d.text("type." + string(m.Type))
	}
	if m.Price != nil {
		b.Price = d.price(*m.Price)
	}
	if !b.Deleted {
		b.Reply, b.Media, b.Template = d.quoted(c, m, answered), d.media(m), templateOf(m.Template)
	}
	if at := b.Content.Location; at != nil {
		b.MapURL = "https://www.openstreetmap.org/?mlat=" + at.Latitude.String() + "&mlon=" + at.Longitude.String()
	}
	if b.Content.Form != nil {
		b.Form = formText(b.Content.Form)
	}
	return b
}

// fateOf says what became of a message, for the name of its bubble: a text "message.…".
func fateOf(m *domain.Message) string {
	switch {
	case m.Direction == domain.Inbound:
		return "received"
	case m.Status == domain.Failed || m.Status == domain.Queued:
		return string(m.Status)
	}
	return "sent"
}

// author names who wrote a message where the chat does not: a member of a group, or
// of the company.
func (d *desk) author(m *domain.Message) string {
	switch {
	case m.Author != nil:
		return cmp.Or(plain(m.Author.Name), plain(m.Author.Username), m.Author.Phone, string(m.Author.ID))
	case m.Direction == domain.Inbound:
		return ""
	case m.Origin == domain.OriginPhone:
		return d.text("author.phone")
	case m.By != "" && m.By != d.by.ID:
		return d.name(m.By)
	}
	return ""
}

// quoted shows what a message answers; nil: it answers none.
func (d *desk) quoted(c *domain.Chat, m, answered *domain.Message) *quoted {
	q := &quoted{Provider: m.ReplyTo}
	if m.Content != nil && m.Content.Quote != nil {
		q.Text = cut(m.Content.Quote.Text, 200)
		if a := m.Content.Quote.Author; a != nil {
			q.Author = plain(a.Name)
		}
	}
	switch {
	case answered != nil && !answered.DeletedAt.IsZero():
		q.Author, q.Text = cmp.Or(d.author(answered), d.side(c, answered)), d.text("message.deleted")
	case answered != nil:
		q.Author = cmp.Or(d.author(answered), d.side(c, answered))
		q.Text = cmp.Or(q.Text, cut(answered.Text, 200), d.labelOf(answered))
	case m.ReplyTo == "" && q.Text == "":
		return nil
	}
	return q
}

// labelOf says what a message without a text is.
func (d *desk) labelOf(m *domain.Message) string {
	label := d.text("type." + string(m.Type))
	if m.Template != nil {
		label += " · " + m.Template.Name
	}
	return label
}

// side names who wrote a message, by its direction.
func (d *desk) side(c *domain.Chat, m *domain.Message) string {
	if m.Direction == domain.Outbound {
		return d.text("author.you")
	}
	return d.titleOf(c)
}

// countReactions counts the emojis, the most frequent first.
func countReactions(by map[string]domain.Reaction) (list []reaction) {
	count := map[string]int{}
	for _, r := range by {
		if r.Emoji != "" {
			count[r.Emoji]++
		}
	}
	for emoji, n := range count {
		list = append(list, reaction{emoji, n})
	}
	slices.SortFunc(list, func(x, y reaction) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), strings.Compare(x.Emoji, y.Emoji))
	})
	return list
}

// templateOf shows a template with the texts that fill its body; nil: it is none.
func templateOf(t *domain.Template) *shownTemplate {
	if t == nil {
		return nil
	}
	shown := &shownTemplate{Name: t.Name}
	var components []component
	_ = json.Unmarshal(t.Components, &components) // it was valid when it was stored; empty if there are none
	for _, c := range components {
		for _, p := range c.Parameters {
			shown.Values = append(shown.Values, p.Text)
		}
	}
	return shown
}

// formText writes the answers of a form for people.
func formText(form json.RawMessage) string {
	var value any
	if err := json.Unmarshal(form, &value); err != nil {
		return string(form)
	}
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return string(form)
	}
	return string(text)
}
