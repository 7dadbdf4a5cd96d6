package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A sending is the body that asks for a message. It names either a chat, or a
// connection and a peer, whose chat is made if there is none.
type sending struct {
	_               struct{}            `additionalProperties:"false"`
	Chat            domain.ChatID       `json:"chat_id,omitempty" maxLength:"64" pattern:"^[!-~]+$" doc:"Either this, or connection_id and peer_id."`
	Connection      domain.ConnectionID `json:"connection_id,omitempty" maxLength:"128" pattern:"^[!-~]+$"`
	Peer            string              `json:"peer_id,omitempty" minLength:"1" maxLength:"256" doc:"A phone number as people write it, or the messenger's id."`
	Type            outboundType        `json:"type" doc:"Text, and over WABA templates, can be sent yet."`
	Text            string              `json:"text,omitempty" minLength:"1" maxLength:"4096" pattern:"^[^\\x00]*$" doc:"Needed with type text, without NUL characters; with type template how it reads, for people: it is not sent."`
	Template        *template           `json:"template,omitempty" doc:"Needed with type template."`
	ReplyTo         domain.MessageID    `json:"reply_to,omitempty" maxLength:"64" pattern:"^[!-~]+$" doc:"A message of the same chat."`
	ClientRef       string              `json:"client_ref,omitempty" minLength:"1" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" doc:"Your own name of the message, unique in the company: the same again sends nothing and answers 200."`
	ClearUnanswered *bool               `json:"clear_unanswered,omitempty" default:"true" doc:"False: the message answers nothing, as of a bot."`
}

// A template names a message that the messenger approved before, and fills it.
type template struct {
	_          struct{} `additionalProperties:"false"`
	Name       string   `json:"name" minLength:"1" maxLength:"512" pattern:"^[a-z0-9_]+$"`
	Language   string   `json:"language" pattern:"^[a-z]{2,3}(_[A-Z]{2})?$" doc:"For example es or pt_BR."`
	Components []any    `json:"components,omitempty" maxItems:"20" doc:"Header, body and buttons with their parameters, as Meta documents them; they are given on as they are."`
}

type (
	sendInput  struct{ Body sending }
	sendOutput struct {
		Status int
		Body   message
	}
)

func (a *API) registerSend(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "send-message", Method: http.MethodPost, Path: "/v1/messages",
		Summary: "Send a message", DefaultStatus: http.StatusAccepted,
		Errors: append([]int{http.StatusNotFound, http.StatusConflict}, withBody...),
	}, a.send)
	responses := h.OpenAPI().Paths["/v1/messages"].Post.Responses
	responses["200"] = &huma.Response{
		Description: "The message that this client_ref named before", Content: responses["202"].Content,
	}
}

func (a *API) send(ctx context.Context, e domain.Employee, in *sendInput) (*sendOutput, error) {
	if err := in.Body.check(); err != nil {
		return nil, err
	}
	peer, err := a.peer(ctx, e, in.Body)
	if err != nil {
		return nil, err
	}
	template, err := in.Body.Template.read()
	if err != nil {
		return nil, err
	}
	r, err := a.apply(ctx, e, domain.Update{Connection: in.Body.Connection, Fact: domain.SendRequested{
		ID: domain.MessageID("msg_" + a.NewID()), Chat: in.Body.Chat, Peer: peer, By: e.ID, Origin: e.Origin(),
		Type: domain.MessageType(in.Body.Type), Text: in.Body.Text, Template: template, ReplyTo: in.Body.ReplyTo, ClientRef: in.Body.ClientRef,
		KeepUnanswered: !*in.Body.ClearUnanswered,
	}})
	if err != nil {
		return nil, err
	}
	if r.Outcome == domain.Repeated {
		return &sendOutput{http.StatusOK, showMessage(r.Message)}, nil
	}
	if r.Message.Status == domain.Failed {
		a.countGateFailure(r)
		return &sendOutput{http.StatusAccepted, showMessage(r.Message)}, nil
	}
	a.Hint(domain.SendLane(r.Message.Connection))
	return &sendOutput{http.StatusAccepted, showMessage(r.Message)}, nil
}

// countGateFailure counts a message that failed at a gate, before any attempt
// to send it, as the workers count those that fail later.
func (a *API) countGateFailure(r domain.Result) {
	f := r.Message.Failure
	a.Metrics.Failure(r.Kind, f.Code(), f.Reason)
	if f.Reason == domain.ReasonDialogLimit || f.Reason == domain.ReasonNoPaidDialogs {
		a.Metrics.DialogRefused(r.Kind, r.Tariff, f.Code())
	}
}

// check finds what the schema cannot say.
func (s sending) check() error {
	typ := domain.MessageType(s.Type)
	if !slices.Contains([]domain.MessageType{domain.TypeText, domain.TypeTemplate, domain.TypeVoice}, typ) { // voice has a gate, which answers first
		p := invalid(fmt.Sprintf("Messages of type %s cannot be sent yet.", typ), fieldError{"body.type", "expected text or template"})
		p.Code = domain.ErrUnsupportedType.Error()
		return p
	}
	checks := []struct {
		bad   bool
		field string
		mend  string
	}{
		{typ == domain.TypeText && s.Text == "", "body.text", "expected the text of the message"},
		{typ == domain.TypeTemplate && s.Template == nil, "body.template", "expected the template with type template"},
		{typ != domain.TypeTemplate && s.Template != nil, "body.template", "expected with type template only"},
		{s.Chat != "" && (s.Connection != "" || s.Peer != ""), "body.chat_id", "expected either chat_id, or connection_id and peer_id; not both"},
		{s.Chat == "" && s.Connection == "" && s.Peer == "", "body.chat_id", "expected chat_id, or connection_id and peer_id"},
		{s.Chat == "" && s.Connection == "" && s.Peer != "", "body.connection_id", "expected beside peer_id"},
		{s.Chat == "" && s.Connection != "" && s.Peer == "", "body.peer_id", "expected beside connection_id"},
	}
	var wrong []fieldError
	for _, c := range checks {
		if c.bad {
			wrong = append(wrong, fieldError{c.field, c.mend})
		}
	}
	if wrong != nil {
		return invalid("validation failed", wrong...)
	}
	return nil
}

// longestTemplate bounds the components of a template, in bytes.
const longestTemplate = 16 << 10

// read is the template as it is sent; nil: there is none.
func (t *template) read() (*domain.Template, error) {
	if t == nil {
		return nil, nil
	}
	read := &domain.Template{Name: t.Name, Language: t.Language}
	if len(t.Components) == 0 {
		return read, nil
	}
	text, err := json.Marshal(t.Components)
	if err != nil {
		return nil, err
	}
	if len(text) > longestTemplate || bytes.Contains(text, []byte(`\u0000`)) {
		return nil, invalid("validation failed", fieldError{"body.template.components", "expected 16 KiB or less, without NUL characters"})
	}
	read.Components = text
	return read, nil
}

// peer normalises the peer as the kind of the connection wants it; empty: the
// sending names a chat.
func (a *API) peer(ctx context.Context, e domain.Employee, s sending) (domain.PeerID, error) {
	if s.Connection == "" {
		return "", nil
	}
	c, err := a.Store.Connection(ctx, s.Connection)
	if err != nil {
		return "", err
	}
	if c.Company != e.Company {
		return "", domain.ErrNotFound
	}
	peer, err := c.Kind.Peer(s.Peer)
	if err != nil {
		return "", invalid("validation failed", fieldError{"body.peer_id", "expected a phone number or the messenger's id of a peer"})
	}
	return peer, nil
}
