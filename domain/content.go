package domain

import (
	"cmp"
	"encoding/json"
)

// An Author is who wrote a message of a group, where the chat does not say it.
// What the messenger does not tell is empty.
type Author struct {
	ID       PeerID     `json:"id,omitempty"`
	Name     string     `json:"name,omitempty"`
	Phone    string     `json:"phone,omitempty"`
	Username string     `json:"username,omitempty"`
	Role     AuthorRole `json:"role,omitempty"`
}

// An AuthorRole tells who the author is to the company; empty: a client.
type AuthorRole string

// The roles. What neither a bot nor the company writes is a client's message.
const (
	RoleBot     AuthorRole = "bot"     // another bot, or an agent of the messenger
	RoleCompany AuthorRole = "company" // an admin who writes as the group, or the channel linked to it
)

// Content is what a message carries beside its text and its file. A part that
// the message lacks is nil or empty.
type Content struct {
	Kind          string          `json:"kind,omitempty"` // the messenger's word, of what is TypeUnsupported
	Button        *Button         `json:"button,omitempty"`
	Form          json.RawMessage `json:"form,omitempty"` // the answers, or a JSON string where they are no JSON
	Location      *Location       `json:"location,omitempty"`
	Contacts      []Card          `json:"contacts,omitempty"`
	Order         *Order          `json:"order,omitempty"`
	Referral      *Referral       `json:"referral,omitempty"`
	Quote         *Quote          `json:"quote,omitempty"`
	Topic         *Topic          `json:"topic,omitempty"`
	Album         string          `json:"album,omitempty"` // the same in each message of an album
	Forwarded     bool            `json:"forwarded,omitempty"`
	ForwardedFrom *Author         `json:"forwarded_from,omitempty"`
	Poll          *Poll           `json:"poll,omitempty"`
	Checklist     *Checklist      `json:"checklist,omitempty"`
	Call          *Call           `json:"call,omitempty"`
	Interactive   *Interactive    `json:"interactive,omitempty"`
	RetryOf       MessageID       `json:"retry_of,omitempty"` // the failed message that a person tries again with this one
}

// A Button is what the peer pressed: a button, or a row of a list.
type Button struct {
	ID          string `json:"id,omitempty"` // as the company named it: an id, a payload, callback data
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
}

// A Location is a place. Its numbers are as the messenger writes them.
type Location struct {
	Latitude  json.Number `json:"latitude"`
	Longitude json.Number `json:"longitude"`
	Name      string      `json:"name,omitempty"`
	Address   string      `json:"address,omitempty"`
	URL       string      `json:"url,omitempty"`
	Live      bool        `json:"live,omitempty"` // it moves for a while
}

// A Card is a person, or a company, as an address book describes it.
type Card struct {
	Name         string   `json:"name,omitempty"`
	Phones       []string `json:"phones,omitempty"`
	Emails       []string `json:"emails,omitempty"`
	Organization string   `json:"organization,omitempty"`
	Title        string   `json:"title,omitempty"` // within the organization
	Addresses    []string `json:"addresses,omitempty"`
	URLs         []string `json:"urls,omitempty"`
	Birthday     string   `json:"birthday,omitempty"`
	UserID       string   `json:"user_id,omitempty"` // the messenger's name of the person
	Username     string   `json:"username,omitempty"`
}

// An Order is a basket that the peer sent, or a payment. Amounts are in the
// currency's usual unit, as the messenger writes them.
type Order struct {
	Catalog  string      `json:"catalog_id,omitempty"`
	Payload  string      `json:"payload,omitempty"` // as the company named the invoice
	Items    []OrderItem `json:"items,omitempty"`
	Total    string      `json:"total,omitempty"`
	Currency string      `json:"currency,omitempty"`
	Charge   string      `json:"charge_id,omitempty"` // of a payment
	Customer *Card       `json:"customer,omitempty"`  // to whom it is delivered
}

// An OrderItem is a product of an order.
type OrderItem struct {
	Product  string `json:"product_id"`
	Quantity string `json:"quantity,omitempty"`
	Price    string `json:"price,omitempty"` // of one
	Currency string `json:"currency,omitempty"`
}

// A Referral tells from where the peer came: an advertisement, or a product
// that the message is about.
type Referral struct {
	Source     string   `json:"source,omitempty"` // ad, post, …
	SourceID   string   `json:"source_id,omitempty"`
	SourceURL  string   `json:"source_url,omitempty"`
	Headline   string   `json:"headline,omitempty"`
	Body       string   `json:"body,omitempty"`
	MediaType  string   `json:"media_type,omitempty"`
	ImageURL   string   `json:"image_url,omitempty"`
	VideoURL   string   `json:"video_url,omitempty"`
	PreviewURL string   `json:"thumbnail_url,omitempty"`
	ClickID    string   `json:"ctwa_clid,omitempty"`
	Greeting   string   `json:"welcome_message,omitempty"` // what the advertisement said first
	Product    *Product `json:"product,omitempty"`
}

// A Product is one of a company's catalogue.
type Product struct {
	Catalog string `json:"catalog_id,omitempty"`
	ID      string `json:"product_id"`
}

// A Quote is what a message answers to: words of the message that reply_to
// names, or a message of another chat, or a story.
type Quote struct {
	Text   string  `json:"text,omitempty"`
	Author *Author `json:"author,omitempty"` // of what was said in another chat
	Story  string  `json:"story,omitempty"`  // the messenger's name of a story
}

// A Topic is a thread of a chat.
type Topic struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// A Poll is a question with its answers.
type Poll struct {
	ID       string   `json:"id,omitempty"`
	Question string   `json:"question"`
	Options  []string `json:"options,omitempty"`
}

// A Checklist is a list of tasks.
type Checklist struct {
	Title string `json:"title,omitempty"`
	Tasks []Task `json:"tasks,omitempty"`
}

// A Task of a checklist.
type Task struct {
	Text string `json:"text"`
	Done bool   `json:"done,omitempty"`
}

// A Call is what became of one.
type Call struct {
	Missed  bool  `json:"missed,omitempty"`
	Seconds int64 `json:"seconds,omitempty"` // that it took; zero: not answered, or not over yet
}

// OrNil returns c, or nil if it carries nothing.
func (c Content) OrNil() *Content {
	plain := c.Kind == "" && c.Button == nil && c.Form == nil && c.Location == nil && c.Contacts == nil && c.Order == nil &&
		c.Referral == nil && c.Quote == nil && c.Topic == nil && c.Album == "" && !c.Forwarded && c.Poll == nil && c.Checklist == nil && c.Call == nil &&
		c.Interactive == nil && c.RetryOf == ""
	if plain {
		return nil
	}
	return &c
}

// within returns c in place of the content before: where a message came from and
// where it stands is often not told again with an edit, and stays.
func (c *Content) within(before *Content) *Content {
	if before == nil {
		return c
	}
	whole := *c
	whole.Referral = cmp.Or(c.Referral, before.Referral)
	whole.Quote = cmp.Or(c.Quote, before.Quote)
	whole.Topic = cmp.Or(c.Topic, before.Topic)
	whole.Album = cmp.Or(c.Album, before.Album)
	whole.RetryOf = cmp.Or(c.RetryOf, before.RetryOf)
	if before.Forwarded {
		whole.Forwarded, whole.ForwardedFrom = true, cmp.Or(c.ForwardedFrom, before.ForwardedFrom)
	}
	return &whole
}

// TopicID returns the id of the topic; empty: none.
func (c *Content) TopicID() string {
	if c == nil || c.Topic == nil {
		return ""
	}
	return c.Topic.ID
}

// inTopic returns the content with a topic.
func (c *Content) inTopic(id string) *Content {
	in := c.copied()
	in.Topic = &Topic{ID: id}
	return in
}

// Sent returns what of the content of a message of ours was given to be sent; nil: nothing.
func (c *Content) Sent() *Content {
	if c == nil {
		return nil
	}
	return (&Content{Location: c.Location, Contacts: c.Contacts, Interactive: c.Interactive}).OrNil()
}

// retrying returns the content of a message that tries another one again.
func (c *Content) retrying(id MessageID) *Content {
	again := c.copied()
	again.RetryOf = id
	return again
}

// copied returns a copy of the content that may be changed; of nil, an empty one.
func (c *Content) copied() *Content {
	var own Content
	if c != nil {
		own = *c
	}
	return &own
}

// text returns the JSON, to order contents.
func (c *Content) text() string {
	text, _ := json.Marshal(c) // what is no JSON is the same as nothing here
	return string(text)
}

func (m *Media) id() string {
	if m == nil {
		return ""
	}
	return m.ID
}
