package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A message in an answer.
type message struct {
	ID        domain.MessageID `json:"id"`
	Chat      domain.ChatID    `json:"chat_id"`
	Direction direction        `json:"direction"`
	Origin    origin           `json:"origin"`
	Author    *domain.Author   `json:"author,omitempty" doc:"Who of a group wrote it; absent where the chat says it."`
	Type      messageType      `json:"type"`
	Text      string           `json:"text"`
	Media     *media           `json:"media"`
	Template  *filled          `json:"template" doc:"Set for type template; null otherwise."`
	domain.Content
	ProviderID  *domain.ProviderID `json:"provider_id" doc:"The messenger's id of the message; null until it is known."`
	ClientRef   *string            `json:"client_ref"`
	Status      *deliveryStatus    `json:"status" doc:"The delivery status of an outgoing message; null for an incoming one."`
	Failure     *failure           `json:"failure" doc:"Set for status failed; null otherwise."`
	Price       *price             `json:"price" doc:"What the messenger billed the message as; null until it says."`
	CreatedAt   instant            `json:"created_at" doc:"For incoming messages, the messenger's time; for outgoing ones, when Recado accepted it."`
	SentAt      moment             `json:"sent_at"`
	DeliveredAt moment             `json:"delivered_at"`
	ReadAt      moment             `json:"read_at"`
	EditedAt    moment             `json:"edited_at"`
	ETA         *instant           `json:"eta,omitempty" doc:"Only in the answer to send-message, for a message of a campaign: when it is likely to be sent."`
	DeletedAt   moment             `json:"deleted_at" doc:"When the message was deleted in the messenger; its stored content stays."`
	Target      *domain.MessageID  `json:"target_id" doc:"The message on which it acts, for types reaction, edit and delete; null otherwise."`
	ReplyTo     *domain.ProviderID `json:"reply_to" doc:"The provider_id of the message it replies to."`
	Reactions   []reaction         `json:"reactions" nullable:"false"`
}

type media struct {
	nullable
	ID      domain.MediaID     `json:"id"`
	Source  *string            `json:"provider_id" doc:"The messenger's own name of the file; null if it was uploaded."`
	MIME    *string            `json:"mime"`
	Name    *string            `json:"name"`
	Size    *int64             `json:"size" doc:"In bytes; null if unknown."`
	Seconds *int64             `json:"seconds" doc:"How long it plays; null if unknown."`
	State   *mediaState        `json:"state" doc:"Whether the file can be downloaded: waiting to be fetched, kept, or lost; null if it is erased, and in the answer to a send."`
	Cause   *domain.MediaCause `json:"cause" doc:"Why the file is lost; null otherwise."`
}

func showMedia(m *domain.PublicMedia) *media {
	if m == nil {
		return nil
	}
	return &media{ID: m.ID, Source: orNull(m.Source), MIME: orNull(m.MIME), Name: orNull(m.Name), Size: orNull(m.Size), Seconds: orNull(m.Seconds)}
}

// showFiles adds to messages in an answer what became of their files.
func (a *API) showFiles(ctx context.Context, company domain.CompanyID, messages []message) error {
	var ids []domain.MediaID
	for _, m := range messages {
		if m.Media != nil {
			ids = append(ids, m.Media.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	files, err := a.Store.MediaList(ctx, company, ids)
	for _, m := range messages {
		if m.Media != nil {
			m.Media.add(files[m.Media.ID])
		}
	}
	return err
}

// add adds what is known of the file since it was fetched.
func (m *media) add(f domain.StoredMedia) {
	m.State = orNull(mediaState(f.State))
	switch f.State {
	case domain.MediaKept:
		m.MIME, m.Size = orNull(f.MIME), orNull(f.Size)
	case domain.MediaLost:
		m.Cause = orNull(f.Cause)
	}
}

// A filled template is the template of a message in an answer.
type filled struct {
	nullable
	Name       string            `json:"name"`
	Language   string            `json:"language"`
	Components []json.RawMessage `json:"components" nullable:"false" doc:"The components as given in the request."`
}

func showTemplate(t *domain.Template) *filled {
	if t == nil {
		return nil
	}
	shown := &filled{Name: t.Name, Language: t.Language, Components: []json.RawMessage{}}
	_ = json.Unmarshal(t.Components, &shown.Components) // it was valid when it was stored; empty if there are none
	return shown
}

type failure struct {
	nullable
	domain.PublicFailure
}

type price struct {
	nullable
	Category string `json:"category"`
	Type     string `json:"type"`
}

type reaction struct {
	By    string  `json:"by" doc:"The messenger's id of the person who reacted."`
	Emoji string  `json:"emoji"`
	At    instant `json:"at"`
}

func showMessage(m domain.Message) message {
	shown := message{
		ID: m.ID, Chat: m.Chat, Direction: direction(m.Direction), Origin: origin(m.Origin), Type: messageType(m.Type), Text: m.Text,
		ProviderID: orNull(m.ProviderID), ClientRef: orNull(m.ClientRef), Status: orNull(deliveryStatus(m.Status)), ReplyTo: orNull(m.ReplyTo), Target: orNull(m.Target),
		CreatedAt: instantOf(m.At), SentAt: momentOf(m.SentAt), DeliveredAt: momentOf(m.DeliveredAt), ReadAt: momentOf(m.ReadAt),
		EditedAt: momentOf(m.EditedAt), DeletedAt: momentOf(m.DeletedAt),
		Reactions: showReactions(m.Reactions),
	}
	shown.Author, shown.Media, shown.Template = m.Author, showMedia(m.PublicMedia()), showTemplate(m.Template)
	if m.Content != nil {
		shown.Content = *m.Content
	}
	if m.Price != nil {
		shown.Price = &price{Category: m.Price.Category, Type: m.Price.Type}
	}
	if m.Failure != nil {
		shown.Failure = &failure{PublicFailure: m.Failure.Public()}
	}
	return shown
}

// showReactions lists the reactions that were not removed, oldest first.
func showReactions(by map[string]domain.Reaction) []reaction {
	shown := []reaction{}
	for who, r := range by {
		if r.Emoji != "" {
			shown = append(shown, reaction{who, r.Emoji, instantOf(r.At)})
		}
	}
	slices.SortFunc(shown, func(x, y reaction) int {
		return cmp.Or(time.Time(x.At.Time).Compare(time.Time(y.At.Time)), cmp.Compare(x.By, y.By))
	})
	return shown
}

type (
	messagesInput struct {
		ID     domain.ChatID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
		Limit  int           `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor string        `query:"cursor" maxLength:"512" pattern:"^[^\\x00]*$" doc:"The next_cursor of the previous page."`
	}
	messagesOutput struct{ Body page[message] }

	messageInput struct {
		ID domain.MessageID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
	}
	messageOutput struct{ Body message }
)

func (a *API) registerMessages(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-messages", Method: http.MethodGet, Path: "/v1/chats/{id}/messages",
		Summary: "List messages of a chat, newest first", Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ReadChats, a.listMessages))
	register(a, h, huma.Operation{
		OperationID: "get-message", Method: http.MethodGet, Path: "/v1/messages/{id}",
		Summary: "Get a message", Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ReadChats, a.getMessage))
}

// listMessages handles GET /v1/chats/{id}/messages.
func (a *API) listMessages(ctx context.Context, e domain.Employee, in *messagesInput) (*messagesOutput, error) {
	after, err := parseMessageCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	messages, err := a.Store.Messages(ctx, e.Company, domain.MessageQuery{Chat: in.ID, Limit: in.Limit + 1, After: after})
	if err != nil {
		return nil, err
	}
	out := &messagesOutput{pageOf(messages, in.Limit, showMessage, messageCursor)}
	return out, a.showFiles(ctx, e.Company, out.Body.Data)
}

// getMessage handles GET /v1/messages/{id}.
func (a *API) getMessage(ctx context.Context, e domain.Employee, in *messageInput) (*messageOutput, error) {
	m, err := a.Store.Message(ctx, e.Company, in.ID)
	if err != nil {
		return nil, err
	}
	out := &messageOutput{showMessage(m)}
	return out, a.showFiles(ctx, e.Company, []message{out.Body})
}
