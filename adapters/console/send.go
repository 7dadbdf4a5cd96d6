package console

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"recado/domain"
)

// maxText is the longest text that can be written, in characters.
const maxText = 4096

// A component is a part of a template with its parameters, in Meta's format.
type component struct {
	Type       string      `json:"type"`
	Parameters []parameter `json:"parameters"`
}

type parameter struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// send handles POST /chat/c/{chat}/send. It answers with the bubble of the message,
// also of one that failed at a gate. A repeat with the same ref sends nothing.
func (c *Console) send(ctx context.Context, v *visit) error {
	f, media, err := c.written(ctx, v)
	if err != nil {
		return err
	}
	file, err := c.upload(ctx, v, media)
	if err != nil {
		return err
	}
	if file != nil {
		f.Media = file.Media()
	}
	valid := f.Text != "" || f.Type == domain.TypeTemplate || f.Content != nil || file != nil && slices.Contains(domain.FileTypes, f.Type)
	if !valid || utf8.RuneCountInString(f.Text) > maxText || !isText(f.Text) || f.ClientRef == "" || len(f.ClientRef) > 128 || !isText(f.ClientRef) {
		return errInvalid
	}
	chat, err := c.Store.Chat(ctx, v.by.Company, f.Chat)
	if err != nil {
		return err
	}
	if err := c.checkLimit(v, chat.Kind, f, file); err != nil {
		return err
	}
	r, err := c.commands.Apply(ctx, v.by, domain.Update{Fact: f})
	if err != nil {
		return c.explainType(v, err, f.Type)
	}
	c.commands.FollowUp(r)
	d, err := c.desk(ctx, v)
	if err != nil {
		return err
	}
	b, err := c.readBubble(ctx, d, &chat, r.Message, nil)
	if err != nil {
		return err
	}
	return v.render("bubble", map[string]any{"M": b})
}

// written is the message that the form holds, or that failed and is sent again, and its
// file.
func (c *Console) written(ctx context.Context, v *visit) (f domain.SendRequested, media domain.MediaID, err error) {
	f = domain.SendRequested{
		ID: domain.NewMessageID(c.NewID()), Chat: domain.ChatID(v.r.PathValue("chat")), By: v.by.ID, Origin: v.by.Origin(),
		Type: domain.TypeText, Text: v.r.PostFormValue("text"), ReplyTo: domain.MessageID(v.r.PostFormValue("reply_to")),
		ClientRef: v.r.PostFormValue("ref"),
	}
	if id := domain.MessageID(v.r.PostFormValue("retry_of")); id != "" {
		old, err := c.Store.Message(ctx, v.by.Company, id)
		f.RetryOf, f.Type, f.Text, f.Template, f.Content = id, old.Type, old.Text, old.Template, old.Content.Sent()
		return f, old.MediaID(), err
	}
	if name := v.r.PostFormValue("template"); name != "" {
		f.Type = domain.TypeTemplate
		f.Template, err = filledTemplate(name, v.r.PostFormValue("language"), v.r.PostForm["parameter"])
	}
	if media = domain.MediaID(v.r.PostFormValue("media")); media != "" {
		f.Type = domain.MessageType(v.r.PostFormValue("type"))
	}
	return f, media, err
}

// filledTemplate makes a template of what the form holds.
func filledTemplate(name, language string, values []string) (*domain.Template, error) {
	t := &domain.Template{Name: name, Language: language}
	if len(name) > 512 || len(language) > 10 || language == "" || len(values) > 20 || !isText(name+language+strings.Join(values, "")) {
		return nil, errInvalid
	}
	if len(values) == 0 {
		return t, nil
	}
	body := component{Type: "body"}
	for _, value := range values {
		body.Parameters = append(body.Parameters, parameter{"text", value})
	}
	var err error
	t.Components, err = json.Marshal([]component{body})
	return t, err
}

// block handles POST /chat/c/{chat}/block and /unblock.
func (c *Console) block(block bool) handler {
	return func(ctx context.Context, v *visit) error {
		return c.changeChat(ctx, v, domain.BlockRequested{Chat: domain.ChatID(v.r.PathValue("chat")), By: v.by.ID, Block: block})
	}
}

// noReplyNeeded handles POST /chat/c/{chat}/no-reply-needed, through the last message
// that the screen showed.
func (c *Console) noReplyNeeded(ctx context.Context, v *visit) error {
	seq, err := strconv.ParseInt(v.r.PostFormValue("through_seq"), 10, 64)
	if err != nil || seq < 0 {
		return errInvalid
	}
	return c.changeChat(ctx, v, domain.NoReplyNeeded{Chat: domain.ChatID(v.r.PathValue("chat")), ThroughSeq: seq})
}

// changeChat applies a command to a chat, and answers with its head and row.
func (c *Console) changeChat(ctx context.Context, v *visit, f domain.Fact) error {
	r, err := c.commands.Apply(ctx, v.by, domain.Update{Fact: f})
	if err != nil {
		return err
	}
	d, err := c.desk(ctx, v)
	if err != nil {
		return err
	}
	news, err := c.chatNews(ctx, d, []domain.Chat{r.Chat}, r.Chat.ID)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.w).Encode(news)
}

// isText reports whether a store takes a text.
func isText(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }
