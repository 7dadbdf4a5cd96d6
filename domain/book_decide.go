package domain

import "fmt"

// A Result is what became of one update.
type Result struct {
	Outcome Outcome
	Err     error            // a Refusal, or nil
	Kind    Kind             // of the connection; empty: none found
	Tariff  Tariff           // of its subscription, with a chat; empty: none
	Chat    Chat             // as the update left it; zero: the update concerns no chat
	Message Message          // as the update left it; zero: the update concerns no message
	Target  *Message         // the message on which Message acts, as the update left it; nil: none
	Signals []RecordedSignal // of connections, that the update reported
	Price   *Price           // what the message was billed as, the first time that it is known; else nil
	Pressed bool             // an acknowledgement is due over the connection of Chat
	Fetches bool             // a file is due to be fetched over the connection of Chat
}

// Decide runs the rules over the updates in their order. A panic in the rules
// is returned as a *DataError.
func (b *Book) Decide() (results []Result, err error) {
	b.enter("Decide")
	defer func() {
		if p := recover(); p != nil {
			err = &DataError{fmt.Errorf("panic in the rules: %v", p)}
		}
	}()
	results = make([]Result, len(b.entries))
	for i := range b.entries {
		if results[i], err = b.apply(&b.entries[i]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// apply runs the rules over one update, and over the orphans of its message.
func (b *Book) apply(e *bookEntry) (Result, error) {
	if e.concernsBusiness() {
		return b.applyToBusiness(e)
	}
	if !e.routed && e.Hook != "" {
		return Result{Outcome: Parked}, nil // no connection has the account
	}
	s := b.state(e)
	if s.Chat != nil && e.Company != "" && s.Chat.Company != e.Company {
		return Result{Err: ErrNotFound}, nil
	}
	united := false
	if s.Chat != nil && e.onePeer && len(e.peers) > 0 {
		var err error
		if united, err = b.unite(e, s.Chat); err != nil {
			return Result{}, err
		}
		if united {
			s = b.state(e)
		}
	}
	change := Decide(s, e.Update)
	if united && change.Outcome == Repeated {
		change.Outcome = Applied
	}
	if change.Refusal != nil {
		return Result{Err: change.Refusal}, nil
	}
	key, keyed := e.key()
	if change.Orphan {
		if !keyed {
			change.Outcome = Ignored // the update names no message at all
		} else if err := b.addOrphan(e.Update, key, &change); err != nil {
			return Result{}, err
		}
	}
	result, err := b.record(s, e, change)
	if err != nil || !keyed {
		return result, err
	}
	if _, arrived := e.Fact.(MessageArrived); arrived && change.Outcome == Dropped {
		b.removeOrphans(key) // the message will never be stored
	}
	if b.byName[key] != "" {
		err = b.applyOrphans(key, &result)
	}
	return result, err
}

// addOrphan stores an update until the message that it names appears.
func (b *Book) addOrphan(u Update, key ProviderKey, change *Change) error {
	orphan, err := newOrphan(u, key)
	if err != nil {
		return err
	}
	for _, o := range b.orphans[key] {
		if o.Digest == orphan.Digest {
			change.Outcome = Repeated
			return nil
		}
	}
	b.orphans[key] = append(b.orphans[key], orphan)
	b.writes.orphans[orphanKey{key, orphan.Digest}] = orphan
	return nil
}

// applyOrphans applies the orphans of a message that is known now.
func (b *Book) applyOrphans(key ProviderKey, result *Result) error {
	orphans := b.orphans[key]
	b.removeOrphans(key)
	for _, o := range orphans {
		u, err := o.update()
		if err != nil {
			return &DataError{err}
		}
		e := bookEntry{Update: u, names: namesOf(u)}
		e.route, e.routed = b.route(u)
		r, err := b.apply(&e)
		if err != nil {
			return err
		}
		result.Chat, result.Message, result.Signals = r.Chat, r.Message, append(result.Signals, r.Signals...)
		if r.Price != nil {
			result.Price = r.Price
		}
	}
	return nil
}

// removeOrphans deletes the orphans of a message.
func (b *Book) removeOrphans(key ProviderKey) {
	for _, o := range b.orphans[key] {
		delete(b.writes.orphans, orphanKey{key, o.Digest})
		b.writes.removedOrphans = append(b.writes.removedOrphans, o)
	}
	delete(b.orphans, key)
}
