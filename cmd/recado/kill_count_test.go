package main

import (
	"maps"
	"slices"
	"time"
)

// A tally sums up the events of acme that the CRM received.
type tally struct {
	events   int
	created  map[string]int // incoming message, by its text → how often
	statuses map[string]string
	files    map[string][]string // the messenger's name of a client's file → ours, as often as the CRM heard of it
	next     map[string]int64    // chat → the seq to come
	gaps     []string
}

func newTally() *tally {
	return &tally{created: map[string]int{}, statuses: map[string]string{}, files: map[string][]string{}, next: map[string]int64{}}
}

// listen adds the events since the last call.
func (s *tally) listen(c *fakeCRM) {
	for _, e := range c.heard("acme", s.events) {
		s.events++
		if s.next[e.Chat.ID]++; e.Chat.Seq != s.next[e.Chat.ID] {
			s.gaps = append(s.gaps, e.ID)
			s.next[e.Chat.ID] = e.Chat.Seq
		}
		switch {
		case e.Type == "message.created" && e.Data.Message.Direction == "inbound":
			s.created[e.Data.Message.Text]++
		case e.Type == "message.status":
			s.statuses[e.Data.MessageID] = e.Data.Status
		case e.Type == "message.media" && e.Data.Status == "kept":
			s.files[e.Data.Media.ProviderID] = append(s.files[e.Data.Media.ProviderID], e.Data.Media.ID)
		}
	}
}

// settled waits until all that was promised has arrived.
func (k *killing) settled(restarted time.Time) *tally {
	k.t.Helper()
	s := newTally()
	for {
		s.listen(k.crm)
		missing := k.missing(s)
		took := time.Since(restarted)
		if len(missing) == 0 {
			k.t.Logf("everything had arrived %v after the last restart", took.Round(time.Millisecond))
			if took > 3*time.Second {
				k.t.Errorf("that is more than 3 s")
			}
			return s
		}
		if took > 20*time.Second {
			k.t.Fatalf("%d things have not arrived %v after the last restart, such as %v", len(missing), took, missing[:min(5, len(missing))])
		}
		<-time.After(20 * time.Millisecond)
	}
}

// missing lists what was promised and has not arrived.
func (k *killing) missing(s *tally) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.unheard, func(what string, _ bool) bool {
		return s.statuses[what] == "read" || s.created[what] > 0 && (!isDocument(what) || len(s.files[what]) > 0)
	})
	return slices.Collect(maps.Keys(k.unheard))
}

func (k *killing) isMissing(what string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.unheard[what]
}

// count checks the promises and prints the figures.
func (k *killing) count(s *tally) {
	k.stop.Store(true)
	stored := k.stored()
	k.mu.Lock()
	defer k.mu.Unlock()
	unknown := 0
	for text := range k.acked {
		if stored[text] != 1 || s.created[text] != 1 {
			k.t.Errorf("message %s is in its chat %d times and was told %d times", text, stored[text], s.created[text])
		}
	}
	for text, n := range stored {
		if n > 1 {
			k.t.Errorf("message %s is in its chat %d times", text, n)
		}
	}
	for ref, id := range k.accepted {
		switch k.sent[id] {
		case 0:
			unknown++ // its attempt was open when the program died: nobody may know that it did not leave
		case 1:
		default:
			k.t.Errorf("message %s (%s) was sent %d times", id, ref, k.sent[id])
		}
	}
	if len(s.gaps) > 0 {
		k.t.Errorf("events out of the order of their chat: %v", s.gaps)
	}
	if k.crm.forged > 0 {
		k.t.Errorf("%d callbacks were not signed right", k.crm.forged)
	}
	if k.redis != nil && k.redis.failed.Load() != 1 {
		k.t.Errorf("%d completions of asynq failed, want 1", k.redis.failed.Load())
	}
	k.t.Logf("%d faults: %d messages acknowledged, each in its chat once; %d sends accepted, %d at the messenger, none twice, %d of unknown outcome; "+
		"%d statuses; %d events in %d chats in order, %d of %d that the CRM took were repeats",
		k.kills, len(k.acked), len(k.accepted), len(k.sent), unknown, k.statuses.Load(),
		s.events, len(s.next), k.crm.count-len(k.crm.seen), k.crm.count)
}

// stored counts the inbound messages of all chats by text, as the API returns them.
func (k *killing) stored() map[string]int {
	count := map[string]int{}
	for _, chat := range pages[struct{ ID string }](k.world, anaKey, "/v1/chats?limit=200") {
		for _, m := range pages[struct{ Direction, Text string }](k.world, anaKey, "/v1/chats/"+chat.ID+"/messages?limit=200") {
			if m.Direction == "inbound" {
				count[m.Text]++
			}
		}
	}
	return count
}
