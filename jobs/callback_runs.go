package jobs

import "recado/domain"

const maxRun = 32 // deliveries of one chat that are claimed together

// chatRuns holds the deliveries of an endpoint that are claimed and not recorded
// yet: those of a chat are in one run. It does not lock; only the pump's goroutine
// uses it.
type chatRuns struct {
	open      map[domain.ChatID]*chatRun
	maybeMore bool // deliveries may be due that nothing will wake us for: claim again
	mixed     bool // a run is of many chats, else of one
	size      int  // deliveries of a run at most
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
		if !found {
			i = r.place(runs)
		}
		if i == limit || i < len(runs) && len(runs[i]) == r.size {
			r.maybeMore = true
			continue
		}
		if i == len(runs) {
			runs = append(runs, nil)
		}
		runs[i] = append(runs[i], d)
		place[d.Chat] = i
		r.claimed(d)
	}
	return runs
}

// place is the run of a further chat: a new one, unless the last one is mixed and
// has room.
func (r *chatRuns) place(runs [][]domain.Delivery) int {
	last := len(runs) - 1
	if r.mixed && last >= 0 && len(runs[last]) < r.size {
		return last
	}
	return len(runs)
}

func (r *chatRuns) claimed(d domain.Delivery) {
	run := r.open[d.Chat]
	if run == nil {
		run = &chatRun{}
		r.open[d.Chat] = run
	}
	run.unrecorded++
	run.passedOver = run.passedOver || d.MoreInChat
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
