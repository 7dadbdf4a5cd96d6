package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"recado/domain"
	"recado/metrics"
)

const (
	sendsAtOnce = 16 // of one connection
	sendTimeout = 20 * time.Second
)

// send sends the messages of a connection: chats side by side, the messages of
// one chat in order.
func (t *turn) send(ctx context.Context, id domain.ConnectionID) error {
	conn, err := t.cfg.Store.Connection(ctx, id)
	if err != nil {
		return err
	}
	connector, ok := t.cfg.Connectors[conn.Kind]
	if !ok {
		return fmt.Errorf("connection %s: no connector for %s", id, conn.Kind)
	}
	if err := t.judgeAbandoned(ctx, id); err != nil {
		return err
	}
	return pump[domain.Result, sent]{
		claim: func(ctx context.Context, n int, _ bool) ([]domain.Result, error) { return t.beginSends(ctx, id, n) },
		do: func(ctx context.Context, begun domain.Result, report func(sent)) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
			defer cancel()
			report(sent{begun, connector.Send(ctx, conn, outgoing(begun))})
		},
		record: func(ctx context.Context, done []sent) error { return t.endSends(ctx, id, done) },
		width: func() int {
			if t.over(ctx) {
				return 0
			}
			return sendsAtOnce
		},
		wake: t.wake,
	}.run(ctx)
}

// A sent message with the messenger's answer.
type sent struct {
	begun  domain.Result
	answer domain.SendResult
}

func outgoing(r domain.Result) domain.Outgoing {
	m := r.Message
	return domain.Outgoing{
		ID: m.ID, Peer: r.Chat.Address(), IsGroup: r.Chat.IsGroup, Type: m.Type, Text: m.Text, Template: m.Template, ReplyTo: m.ReplyTo, Attempt: m.Attempts,
	}
}

// judgeAbandoned ends the attempts of a process that died: nobody knows whether
// those messages left, so they are not sent again.
func (t *turn) judgeAbandoned(ctx context.Context, id domain.ConnectionID) error {
	abandoned, err := t.cfg.Store.Abandoned(ctx, id)
	if err != nil || len(abandoned) == 0 {
		return err
	}
	done := make([]sent, len(abandoned))
	for i, m := range abandoned {
		done[i].begun.Message.ID = m
		done[i].answer.Fate = domain.FateUnknown
	}
	t.cfg.Log.Warn("sends without an answer, a worker died", "connection", id, "messages", len(abandoned))
	return t.endSends(ctx, id, done)
}

// beginSends opens attempts for messages that are due. Only what it returns may
// be sent: those whose attempt this very call opened.
func (t *turn) beginSends(ctx context.Context, id domain.ConnectionID, n int) ([]domain.Result, error) {
	due, err := t.cfg.Store.Due(ctx, id, n)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	updates := make([]domain.Update, len(due))
	for i, m := range due {
		updates[i] = domain.Update{Connection: id, Fact: domain.SendBegun{Message: m}, Received: time.Now()}
	}
	results, err := t.store(ctx, updates)
	var begun []domain.Result
	for _, r := range results {
		switch {
		case r.Outcome != domain.Applied:
		case r.Message.Status == domain.Failed:
			t.countSend(r, metrics.SendFailed)
		default:
			begun = append(begun, r)
		}
	}
	return begun, err
}

// endSends records the messenger's answers.
func (t *turn) endSends(ctx context.Context, id domain.ConnectionID, done []sent) error {
	updates := make([]domain.Update, len(done))
	for i, d := range done {
		updates[i] = domain.Update{
			Connection: id, Fact: domain.SendEnded{Message: d.begun.Message.ID, Result: d.answer}, Received: time.Now(),
		}
	}
	results, err := t.store(ctx, updates)
	for i, r := range results {
		t.ended(r, done[i].answer)
	}
	return err
}

// store applies updates that no webhook told. One that can never be stored does
// not hold up the others: its result is empty. With an error come the results of
// those that were stored before.
func (w *Worker) store(ctx context.Context, updates []domain.Update) ([]domain.Result, error) {
	receipt, err := w.cfg.Store.Apply(ctx, domain.Batch{Updates: updates})
	w.hintEndpoints(receipt)
	var bad *domain.DataError
	if !errors.As(err, &bad) {
		return receipt.Results, err
	}
	if len(updates) == 1 {
		w.cfg.Log.Error("update not stored", "connection", updates[0].Connection, "fact", fmt.Sprintf("%T", updates[0].Fact), "err", err)
		return make([]domain.Result, 1), nil
	}
	half := len(updates) / 2
	first, err := w.store(ctx, updates[:half])
	if err != nil {
		return first, err
	}
	second, err := w.store(ctx, updates[half:])
	return append(first, second...), err
}

// ended counts an answer, and tells of it in the log.
func (t *turn) ended(r domain.Result, a domain.SendResult) {
	if r.Outcome != domain.Applied {
		return
	}
	log := t.cfg.Log.With("connection", r.Message.Connection, "chat", r.Chat.ID, "message", r.Message.ID,
		"attempt", r.Message.Attempts, "fate", a.Fate)
	switch {
	case r.Message.Status == domain.Failed:
		t.countSend(r, metrics.SendFailed)
		log.Info("send failed", "reason", r.Message.Failure.Reason, "code", r.Message.Failure.Code())
	case r.Message.Status == domain.Queued && a.Fate != domain.FateUnknown:
		t.countSend(r, metrics.SendRetried)
		log.Info("send retried", "reason", a.Failure.Reason, "next", r.Message.NextAt)
	case r.Message.Status == domain.Queued:
		log.Warn("send without an answer")
	default:
		t.countSend(r, metrics.SendSent)
		log.Info("sent")
	}
}

func (w *Worker) countSend(r domain.Result, outcome metrics.SendOutcome) {
	w.cfg.Metrics.Send(r.Kind, outcome)
	if f := r.Message.Failure; outcome == metrics.SendFailed && f != nil {
		w.cfg.Metrics.Failure(r.Kind, f.Code(), f.Reason)
	}
}
