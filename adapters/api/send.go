package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A sending is the body of send-message. It names either a chat, or a
// connection and a peer, whose chat is created if there is none.
type sending struct {
	_               struct{}            `additionalProperties:"false"`
	Chat            domain.ChatID       `json:"chat_id,omitempty" maxLength:"64" pattern:"^[!-~]+$" doc:"Give either this or connection_id and peer_id."`
	Connection      domain.ConnectionID `json:"connection_id,omitempty" maxLength:"128" pattern:"^[!-~]+$"`
	Peer            string              `json:"peer_id,omitempty" minLength:"1" maxLength:"256" pattern:"^[^\\x00]*$" doc:"A phone number in any notation, or the messenger's id."`
	Type            outboundType        `json:"type" doc:"What a connection cannot send is refused with unsupported_type."`
	Text            string              `json:"text,omitempty" minLength:"1" maxLength:"4096" pattern:"^[^\\x00]*$" doc:"Required for types text and interactive. With a file: its caption. For a template: a readable rendering, stored but not sent."`
	Template        *template           `json:"template,omitempty" doc:"Required for type template."`
	Media           *sentMedia          `json:"media,omitempty" doc:"Required for types voice, image, video, audio and file."`
	Location        *sentLocation       `json:"location,omitempty" doc:"Required for type location."`
	Contacts        []sentContact       `json:"contacts,omitempty" minItems:"1" maxItems:"100" doc:"Required for type contacts."`
	Interactive     *sentInteractive    `json:"interactive,omitempty" doc:"Required for type interactive."`
	Topic           string              `json:"topic,omitempty" maxLength:"20" pattern:"^[0-9]+$" doc:"The topic of the chat to write in. A reply goes to the topic of its message; without either, the topic of the last incoming message."`
	ReplyTo         domain.MessageID    `json:"reply_to,omitempty" maxLength:"64" pattern:"^[!-~]+$" doc:"The id of a message in the same chat."`
	RetryOf         domain.MessageID    `json:"retry_of,omitempty" maxLength:"64" pattern:"^[!-~]+$" doc:"The id of a failed message in the same chat that this one tries again. It replies to what that one replied to; leave reply_to out."`
	ClientRef       string              `json:"client_ref,omitempty" minLength:"1" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" doc:"Idempotency key within the company: a repeat returns the first message with status 200."`
	ClearUnanswered *bool               `json:"clear_unanswered,omitempty" default:"true" doc:"If false, sending does not clear the unanswered counter. Use it for bots."`
	Bulk            bool                `json:"bulk,omitempty" doc:"The message is one of a campaign: what people write, and answers within 24 hours of the peer's last message, go first, and it waits up to a day to be sent. What a service sends otherwise counts as such by itself."`
}

// A template names a message that the messenger has approved, and fills its parameters.
type template struct {
	_          struct{}          `additionalProperties:"false"`
	Name       string            `json:"name" minLength:"1" maxLength:"512" pattern:"^[a-z0-9_]+$"`
	Language   string            `json:"language" pattern:"^[a-z]{2,3}(_[A-Z]{2})?$" doc:"For example es or pt_BR."`
	Components []json.RawMessage `json:"components,omitempty" maxItems:"20" doc:"Parameters of header, body and buttons, in Meta's format; passed on unchanged."`
}

type (
	sendInput struct {
		Body sending
		exchange
	}
	sendOutput struct {
		Status int
		Body   message
	}
)

func (a *API) registerSend(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "send-message", Method: http.MethodPost, Path: "/v1/messages",
		Summary: "Send a message", DefaultStatus: http.StatusAccepted,
		Errors: append([]int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests}, bodyErrors...),
	}, a.send)
	responses := h.OpenAPI().Paths["/v1/messages"].Post.Responses
	responses["200"] = &huma.Response{
		Description: "The message that was accepted earlier with this client_ref", Content: responses["202"].Content,
	}
}

// send handles POST /v1/messages. It answers 202 with the queued message, 202
// with a failed one if a gate refused it, and 200 with the earlier message if
// the client_ref was used before with the same content.
func (a *API) send(ctx context.Context, e domain.Employee, in *sendInput) (*sendOutput, error) {
	if err := in.Body.check(); err != nil {
		return nil, err
	}
	peer, err := a.peer(ctx, e, in.Body)
	if err != nil {
		return nil, err
	}
	template, err := in.Body.Template.toDomain()
	if err != nil {
		return nil, err
	}
	f := domain.SendRequested{
		ID: domain.NewMessageID(a.NewID()), Chat: in.Body.Chat, Peer: peer, By: e.ID, Origin: e.Origin(),
		Type: domain.MessageType(in.Body.Type), Text: in.Body.Text, Template: template, ReplyTo: in.Body.ReplyTo, RetryOf: in.Body.RetryOf, Topic: in.Body.Topic, ClientRef: in.Body.ClientRef,
		KeepUnanswered: !*in.Body.ClearUnanswered, Bulk: in.Body.Bulk, Content: in.Body.content(),
	}
	if ctx, err = a.addFile(ctx, e, in, &f); err != nil {
		return nil, err
	}
	r, err := a.commands.Apply(ctx, e, domain.Update{Connection: in.Body.Connection, Fact: f})
	if err != nil {
		return nil, explainType(err, f.Type)
	}
	if r.Outcome == domain.Repeated {
		return &sendOutput{http.StatusOK, showMessage(r.Message)}, nil
	}
	a.commands.FollowUp(r)
	shown := showMessage(r.Message)
	if r.Message.Status != domain.Failed {
		shown.ETA = a.eta(ctx, r.Message)
	}
	return &sendOutput{http.StatusAccepted, shown}, nil
}

// check finds the mistakes that the schema cannot describe.
func (s sending) check() error {
	typ := domain.MessageType(s.Type)
	isFile := slices.Contains(domain.FileTypes, typ)
	checks := []struct {
		bad   bool
		field string
		fix   string
	}{
		{(typ == domain.TypeText || typ == domain.TypeInteractive) && s.Text == "", "body.text", "expected the text of the message"},
		{typ == domain.TypeTemplate && s.Template == nil, "body.template", "expected the template with type template"},
		{typ != domain.TypeTemplate && s.Template != nil, "body.template", "expected only with type template"},
		{isFile && s.Media == nil && typ != domain.TypeVoice, "body.media", "expected the file of the message"},
		{s.Media != nil && (s.Media.ID == "") == (s.Media.URL == ""), "body.media", "expected either id or url"},
		{!isFile && s.Media != nil, "body.media", "expected only with types " + domain.Join(domain.FileTypes)},
		{typ == domain.TypeLocation && s.Location == nil, "body.location", "expected the place"},
		{typ != domain.TypeLocation && s.Location != nil, "body.location", "expected only with type location"},
		{typ == domain.TypeContacts && s.Contacts == nil, "body.contacts", "expected the contacts"},
		{typ != domain.TypeContacts && s.Contacts != nil, "body.contacts", "expected only with type contacts"},
		{typ == domain.TypeInteractive && (s.Interactive == nil || s.Interactive.forms() != 1), "body.interactive", "expected buttons, a list or a link, one of them"},
		{typ != domain.TypeInteractive && s.Interactive != nil, "body.interactive", "expected only with type interactive"},
		{s.RetryOf != "" && s.ReplyTo != "", "body.reply_to", "expected without retry_of: the message replies to what the failed one replied to"},
		{s.Chat != "" && (s.Connection != "" || s.Peer != ""), "body.chat_id", "expected either chat_id, or connection_id and peer_id; not both"},
		{s.Chat == "" && s.Connection == "" && s.Peer == "", "body.chat_id", "expected chat_id, or connection_id and peer_id"},
		{s.Chat == "" && s.Connection == "" && s.Peer != "", "body.connection_id", "expected beside peer_id"},
		{s.Chat == "" && s.Connection != "" && s.Peer == "", "body.peer_id", "expected beside connection_id"},
	}
	var wrong []fieldError
	for _, c := range checks {
		if c.bad {
			wrong = append(wrong, fieldError{c.field, c.fix})
		}
	}
	if wrong != nil {
		return invalid("validation failed", wrong...)
	}
	return nil
}

// maxComponents is the largest size of a template's components, in bytes.
const maxComponents = 16 << 10

// toDomain converts the template; the result is nil if there is none.
func (t *template) toDomain() (*domain.Template, error) {
	if t == nil {
		return nil, nil
	}
	converted := &domain.Template{Name: t.Name, Language: t.Language}
	if len(t.Components) == 0 {
		return converted, nil
	}
	text, err := json.Marshal(t.Components)
	if err != nil {
		return nil, err
	}
	if len(text) > maxComponents || bytes.Contains(text, []byte(`\u0000`)) {
		return nil, invalid("validation failed", fieldError{"body.template.components", "expected 16 KiB or less, without NUL characters"})
	}
	converted.Components = text
	return converted, nil
}

// peer returns the peer as the connection's kind writes it, or an empty id if
// the request names a chat.
func (a *API) peer(ctx context.Context, e domain.Employee, s sending) (domain.PeerID, error) {
	if s.Connection == "" {
		return "", nil
	}
	c, err := a.connections.get(ctx, s.Connection)
	if err != nil {
		return "", err
	}
	if c.Company != e.Company || c.Ended {
		return "", domain.ErrNotFound
	}
	peer, err := c.Kind.ParsePeer(s.Peer)
	if err != nil {
		return "", invalid("validation failed", fieldError{"body.peer_id", "expected a phone number or the messenger's id of a peer"})
	}
	return peer, nil
}
