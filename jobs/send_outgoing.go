package jobs

import (
	"context"
	"io"
	"time"

	"recado/domain"
)

// outgoing is what the connector needs to know of a message to send it.
func (w *Worker) outgoing(ctx context.Context, k domain.Kind, r domain.Result) (o domain.Outgoing, err error) {
	m := r.Message
	o = domain.Outgoing{
		ID: m.ID, Peer: r.Chat.Address(), IsGroup: r.Chat.IsGroup, Type: m.Type, Text: m.Text, Template: m.Template, Content: m.Content,
		ReplyTo: m.ReplyTo, Topic: m.Content.TopicID(), Attempt: m.Attempts,
		Stranger: r.Chat.InboundSeq == 0 && !r.Chat.IsGroup, Found: r.Chat.Found(m.AttemptAt), Maybe: !m.MaybeAt.IsZero(),
	}
	if t := r.Target; t != nil {
		o.Target, o.TargetType, o.Content, o.TargetBy = t.ProviderID, t.Type, t.Content, writer(*t, r.Chat)
	}
	if m.ReplyTo != "" && k.Traits().QuotesWriter {
		if err := w.quote(ctx, r, &o); err != nil {
			return o, err
		}
	}
	if m.Media != nil {
		o.Media, err = w.upload(ctx, m)
	}
	return o, err
}

// quote finds who wrote the message that is replied to. If it is gone, there is nothing to
// reply to.
func (w *Worker) quote(ctx context.Context, r domain.Result, o *domain.Outgoing) error {
	known, err := w.cfg.Store.MessagesKnownAs(ctx, r.Message.Company, r.Message.Connection, []domain.ProviderID{o.ReplyTo})
	quoted, found := known[o.ReplyTo]
	switch {
	case err != nil:
		return err
	case !found:
		o.ReplyTo = ""
	default:
		o.ReplyBy = writer(quoted, r.Chat)
	}
	return nil
}

// writer is who of the peers wrote the message; empty: the company.
func writer(m domain.Message, c domain.Chat) domain.PeerID {
	switch {
	case m.Direction == domain.Outbound:
		return ""
	case m.Author != nil:
		return m.Author.ID
	}
	return c.Address()
}

// upload describes the file of a message, which the connector opens if it has to give
// it to the messenger.
func (w *Worker) upload(ctx context.Context, m domain.Message) (*domain.MediaUpload, error) {
	id := domain.MediaID(m.Media.ID)
	known, err := w.cfg.Store.UploadedAs(ctx, id, m.Connection)
	if err != nil {
		return nil, err
	}
	file := domain.StoredMedia{ID: id, Company: m.Company}
	return &domain.MediaUpload{
		ID: id, MIME: m.Media.MIME, Name: m.Media.Name, Size: m.Media.Size, Seconds: m.Media.Seconds, Known: known,
		Open: func(ctx context.Context) (io.ReadSeekCloser, error) { return w.cfg.Files.Open(ctx, file.Key()) },
	}, nil
}

// sendTimeout is how long a message may take to be sent.
func sendTimeout(m domain.Message) time.Duration {
	if m.Media == nil {
		return domain.SendTimeout
	}
	return domain.SendTimeout + domain.StreamTime(m.Media.Size)
}

// notLooked is the result of a message whose file, or the message that it replies to,
// could not be looked up.
func notLooked(err error) domain.SendResult {
	return domain.SendResult{Fate: domain.FateNeverLeft, Failure: &domain.Failure{
		Reason: domain.ReasonUnavailable,
		Cause:  domain.Cause{Source: "recado", Code: "store", Title: "what belongs to the message could not be looked up", Details: err.Error()},
	}}
}
