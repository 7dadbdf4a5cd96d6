package jobs

import (
	"slices"

	"recado/domain"
)

const maxRun = 32 // deliveries of one chat that are claimed together

// chatRuns holds the deliveries of an endpoint that are claimed and not recorded
// yet: one run for each chat. It does not lock; only the pump's goroutine uses it.
type chatRuns struct {
	open      map[domain.ChatID]*chatRun
	maybeMore bool // deliveries may be due that nothing will wake us for: claim again
}

// A chatRun is the claimed deliveries of one chat, which are called in order.
type chatRun struct {
	unrecorded int
	passedOver bool // a claim left out later deliveries of this chat
}

// busy lists the chats that have a run. The claim it is meant for passes them
// over, so that each of them may have more once its run is recorded.
func (r *chatRuns) busy() []domain.ChatID {
	chats := make([]domain.ChatID, 0, len(r.open))
	for chat, run := range r.open {
		chats = append(chats, chat)
		run.passedOver = true
	}
	return chats
}

// start groups deliveries into up to limit runs. Whatever does not fit stays due.
func (r *chatRuns) start(deliveries []domain.Delivery, limit int) [][]domain.Delivery {
	var runs [][]domain.Delivery
	place := map[domain.ChatID]int{}
	for _, d := range deliveries {
		i, found := place[d.Chat]
		if !found && len(runs) == limit || found && len(runs[i]) == maxRun {
			r.maybeMore = true
			continue
		}
		if !found {
			i = len(runs)
			place[d.Chat] = i
			runs = append(runs, nil)
		}
		runs[i] = append(runs[i], d)
	}
	for chat, i := range place {
		more := slices.ContainsFunc(runs[i], func(d domain.Delivery) bool { return d.MoreInChat })
		r.open[chat] = &chatRun{unrecorded: len(runs[i]), passedOver: more}
	}
	return runs
}

// recorded takes a recorded try off its run. The last one frees the chat.
func (r *chatRuns) recorded(try domain.Try) {
	run := r.open[try.Delivery.Chat]
	if run.unrecorded--; run.unrecorded == 0 {
		delete(r.open, try.Delivery.Chat)
		r.maybeMore = r.maybeMore || run.passedOver
	}
	r.maybeMore = r.maybeMore || !try.OK
}
