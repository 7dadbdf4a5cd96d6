package jobs

import (
	"context"
	"fmt"
	"time"

	"recado/domain"
	"recado/metrics"
)

const sendsAtOnce = domain.SendsAtOnce // sends of one connection in flight

// send sends the messages of a connection: chats in parallel, the messages of one
// chat in order.
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
	pacer := t.pacers.of(id, conn.Settings.Paced(connector.Pace()))
	return pump[call, attempt]{
		claim: func(ctx context.Context, n int, _ bool) ([]call, error) {
			return t.claimCalls(ctx, connector, pacer, id, n)
		},
		do: func(ctx context.Context, c call, report func(attempt)) {
			if c.press.Press != "" {
				t.contain("acknowledging a press", func() { t.acknowledge(ctx, connector, conn, c.press) })
				return
			}
			began := time.Now()
			answer := t.call(ctx, connector, conn, c.begun)
			report(attempt{c.begun, pacer.heard(waiting(c.begun), began, answer)})
		},
		record: func(ctx context.Context, ended []attempt) error { return t.endSends(ctx, id, ended) },
		width: func() int {
			if t.over(ctx) {
				return 0
			}
			return sendsAtOnce
		},
		wake:  t.wake,
		again: pacer.again,
	}.run(ctx)
}

// waiting is a message as its pacer knows it.
func waiting(r domain.Result) domain.Waiting {
	return domain.Waiting{Message: r.Message.ID, Chat: r.Chat.ID, Group: r.Chat.IsGroup, Class: r.Message.Class}
}

// An attempt to send a message, with the messenger's answer.
type attempt struct {
	begun  domain.Result // of the SendBegun
	answer domain.SendResult
}

// call calls the messenger. Nobody knows what a call that panicked did.
func (t *turn) call(ctx context.Context, connector domain.Connector, conn domain.Connection, begun domain.Result) (answer domain.SendResult) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout(begun.Message))
	defer cancel()
	m, err := t.outgoing(ctx, conn.Kind, begun)
	if err != nil {
		return notLooked(err)
	}
	answer.Fate = domain.FateUnknown
	defer t.cfg.Metrics.Busy(metrics.SendSlots)()
	began := time.Now()
	t.contain("a send", func() { answer = connector.Send(ctx, conn, m) })
	t.cfg.Metrics.Sent(begun.Message, began, answer)
	return answer
}

// judgeAbandoned ends the open attempts of a process that died. Nobody knows
// whether those messages were sent, so they are not sent again.
func (t *turn) judgeAbandoned(ctx context.Context, id domain.ConnectionID) error {
	abandoned, err := t.cfg.Store.Abandoned(ctx, id)
	if err != nil || len(abandoned) == 0 {
		return err
	}
	ended := make([]attempt, len(abandoned))
	for i, m := range abandoned {
		ended[i].begun.Message.ID = m
		ended[i].answer.Fate = domain.FateUnknown
	}
	t.cfg.Log.Warn("a worker died while it was sending", "connection", id, "messages", len(abandoned))
	return t.endSends(ctx, id, ended)
}

// claimSends begins up to n of the sends that are due, as the pacer allows, and
// defers those whose chats must wait.
func (t *turn) claimSends(ctx context.Context, connector domain.Connector, p *pacer, id domain.ConnectionID, n int) ([]domain.Result, error) {
	if n = p.free(n); n <= 0 {
		return nil, nil
	}
	due, err := t.cfg.Store.Due(ctx, id, n)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	chosen, late := p.choose(due, n)
	if len(late) > 0 {
		if err := t.cfg.Store.Defer(ctx, late); err != nil {
			return nil, err
		}
		p.waitFor(late)
	}
	return t.beginSends(ctx, connector, id, chosen)
}

// beginSends opens attempts for messages. Only the messages that it returns may be
// sent: those whose attempt was opened by this very call.
func (t *turn) beginSends(
	ctx context.Context, connector domain.Connector, id domain.ConnectionID, messages []domain.MessageID,
) ([]domain.Result, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	namer, names := connector.(domain.Namer)
	updates := make([]domain.Update, len(messages))
	for i, m := range messages {
		begun := domain.SendBegun{Message: m}
		if names {
			begun.Name = namer.NameOf(id, m)
		}
		updates[i] = domain.Update{Connection: id, Fact: begun, Received: time.Now()}
	}
	results, err := t.store(ctx, updates)
	var begun []domain.Result
	for _, r := range results {
		switch {
		case r.Outcome != domain.Applied:
		case r.Message.Status == domain.Failed:
			t.contain("counting a send", func() { t.countSend(r, metrics.SendFailed) })
		default:
			begun = append(begun, r)
		}
	}
	return begun, err
}

// endSends records the messenger's answers.
func (t *turn) endSends(ctx context.Context, id domain.ConnectionID, ended []attempt) error {
	updates := make([]domain.Update, len(ended))
	for i, a := range ended {
		updates[i] = domain.Update{
			Connection: id, Fact: domain.SendEnded{Message: a.begun.Message.ID, Result: a.answer}, Received: time.Now(),
		}
	}
	results, err := t.store(ctx, updates)
	for i, r := range results {
		t.contain("counting a send", func() { t.observe(r); t.countAnswer(r, ended[i].answer) })
	}
	return err
}

// store applies updates that come from no webhook, and returns their results. An
// update that can never be stored is skipped with an empty result, so that it
// does not hold up the others. With an error come the results before it.
func (w *Worker) store(ctx context.Context, updates []domain.Update) (results []domain.Result, err error) {
	s := splitter{limit: &w.limit}
	s.store = func(list []portion) error {
		receipt, err := w.cfg.Store.Apply(ctx, joined(0, list))
		w.hintEndpoints(receipt)
		if err == nil {
			results = append(results, receipt.Results...)
		}
		return err
	}
	s.reject = func(p portion, why *domain.DataError) error {
		u := p.updates[0]
		w.cfg.Log.Error("update not stored", "connection", u.Connection, "fact", fmt.Sprintf("%T", u.Fact), "err", why)
		results = append(results, domain.Result{})
		return nil
	}
	err = s.apply([]portion{{updates: updates}})
	return results, err
}

// countAnswer counts a recorded answer and logs it.
func (t *turn) countAnswer(r domain.Result, a domain.SendResult) {
	if r.Outcome != domain.Applied {
		return
	}
	log := t.cfg.Log.With("connection", r.Message.Connection, "chat", r.Chat.ID, "message", r.Message.ID,
		"attempt", r.Message.Attempts, "fate", a.Fate)
	switch {
	case r.Message.Status == domain.Failed:
		t.countSend(r, metrics.SendFailed)
		log.Info("send failed", "reason", r.Message.Failure.Reason, "code", r.Message.Failure.Code())
	case r.Message.Taken():
		t.countSend(r, metrics.SendSent)
		log.Info("message accepted, the messenger will report when it is sent")
	case r.Message.Status == domain.Queued && a.Fate == domain.FateAccepted:
		log.Warn("messenger answered a send with the id of another message, evidence will tell them apart")
	case r.Message.Status == domain.Queued && !r.Message.NextAt.IsZero():
		t.countSend(r, metrics.SendRetried)
		log.Info("send failed, it will be retried", "reason", a.Reason(), "next_at", r.Message.NextAt)
	case r.Message.Status == domain.Queued:
		log.Warn("messenger did not answer a send")
	default:
		t.countSend(r, metrics.SendSent)
		log.Info("message sent")
	}
}

// countSend counts an attempt to send, and the reason if it failed.
func (w *Worker) countSend(r domain.Result, outcome metrics.SendOutcome) {
	w.cfg.Metrics.Send(r.Kind, outcome)
	if f := r.Message.Failure; outcome == metrics.SendFailed && f != nil {
		w.cfg.Metrics.Failure(r.Kind, f.Code(), f.Reason)
	}
}
