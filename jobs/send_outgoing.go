package jobs

import (
	"context"
	"io"
	"time"

	"recado/domain"
)

// outgoing is what the connector needs to know of a message to send it.
func outgoing(r domain.Result) domain.Outgoing {
	m := r.Message
	o := domain.Outgoing{
		ID: m.ID, Peer: r.Chat.Address(), IsGroup: r.Chat.IsGroup, Type: m.Type, Text: m.Text, Template: m.Template, Content: m.Content,
		ReplyTo: m.ReplyTo, Topic: m.Content.TopicID(), Attempt: m.Attempts,
		Stranger: r.Chat.InboundSeq == 0 && !r.Chat.IsGroup, Found: r.Chat.Found(m.AttemptAt), Maybe: !m.MaybeAt.IsZero(),
	}
	if t := r.Target; t != nil {
		o.Target, o.TargetType, o.Content, o.TargetBy = t.ProviderID, t.Type, t.Content, writer(*t, r.Chat)
	}
	return o
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

// notLooked is the result of a message whose file could not be looked up.
func notLooked(err error) domain.SendResult {
	return domain.SendResult{Fate: domain.FateNeverLeft, Failure: &domain.Failure{
		Reason: domain.ReasonUnavailable,
		Cause:  domain.Cause{Source: "recado", Code: "store", Title: "the file of the message could not be looked up", Details: err.Error()},
	}}
}
