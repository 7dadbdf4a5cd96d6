package mtproto

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/gotd/td/telegram/updates"

	"recado/cmd/recado-telegram/store"
)

// errFenced is what the manager of updates is told after an update was not stored.
var errFenced = errors.New("an update was not stored: the position stays where it is")

// Positions say how far Telegram's log of an account was read. They are stored some time
// after the updates that they count: then an update comes again, rather than never.
//
// gotd advances them even if its handler failed. The fence stops that: after one update
// that was not stored, they do not move any more in this run.
type positions struct {
	store      *store.Store
	connection string

	began int // Unix seconds: the date of the position at which the run began

	mu       sync.Mutex // guards the fields below
	fenced   bool
	state    store.State
	known    bool
	channels map[int64]int
	dirty    map[int64]bool // channels to be stored
	moved    bool           // the state is to be stored
}

var _ updates.StateStorage = (*positions)(nil)

// flushEvery is how late positions are stored.
const flushEvery = 200 * time.Millisecond

func loadPositions(ctx context.Context, s *store.Store, connection string) (*positions, error) {
	p := &positions{store: s, connection: connection, dirty: map[int64]bool{}}
	err := s.Update(ctx, connection, func(t *store.Tx) (err error) {
		if p.state, p.known, err = t.State(); err != nil {
			return err
		}
		if p.began = p.state.Date; !p.known {
			p.began = int(time.Now().Unix())
		}
		p.channels, err = t.Channels()
		return err
	})
	return p, err
}

// run stores the positions now and then, and once more when the context ends.
func (p *positions) run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return p.flush(context.WithoutCancel(ctx))
		case <-tick.C:
			if err := p.flush(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// flush stores what moved. A fence does not hinder it: what is here was stored before.
func (p *positions) flush(ctx context.Context) error {
	p.mu.Lock()
	state, moved, dirty := p.state, p.moved, maps.Clone(p.dirty)
	channels := maps.Clone(p.channels)
	p.moved, p.dirty = false, map[int64]bool{}
	p.mu.Unlock()
	if !moved && len(dirty) == 0 {
		return nil
	}
	return p.store.Update(ctx, p.connection, func(t *store.Tx) error {
		if moved {
			if err := t.SetState(state); err != nil {
				return err
			}
		}
		for id := range dirty {
			if err := t.SetChannel(id, channels[id]); err != nil {
				return err
			}
		}
		return nil
	})
}

// fence keeps the positions where they are.
func (p *positions) fence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fenced = true
}

func (p *positions) set(change func(*store.State)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fenced {
		return errFenced
	}
	change(&p.state)
	p.known, p.moved = true, true
	return nil
}

func (p *positions) GetState(context.Context, int64) (updates.State, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return updates.State(p.state), p.known, nil
}

// SetState stores the first position at once: a run that found none would begin behind
// what came before it.
func (p *positions) SetState(ctx context.Context, _ int64, s updates.State) error {
	p.mu.Lock()
	first := !p.known
	p.mu.Unlock()
	if err := p.set(func(st *store.State) { *st = store.State(s) }); err != nil || !first {
		return err
	}
	return p.flush(context.WithoutCancel(ctx))
}

func (p *positions) SetPts(_ context.Context, _ int64, pts int) error {
	return p.set(func(st *store.State) { st.Pts = pts })
}

func (p *positions) SetQts(_ context.Context, _ int64, qts int) error {
	return p.set(func(st *store.State) { st.Qts = qts })
}

func (p *positions) SetDate(_ context.Context, _ int64, date int) error {
	return p.set(func(st *store.State) { st.Date = date })
}

func (p *positions) SetSeq(_ context.Context, _ int64, seq int) error {
	return p.set(func(st *store.State) { st.Seq = seq })
}

func (p *positions) SetDateSeq(_ context.Context, _ int64, date, seq int) error {
	return p.set(func(st *store.State) { st.Date, st.Seq = date, seq })
}

func (p *positions) GetChannelPts(_ context.Context, _, channel int64) (int, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pts, known := p.channels[channel]
	return pts, known, nil
}

// tracked reports whether a channel has a position of its own.
func (p *positions) tracked(channel int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, known := p.channels[channel]
	return known
}

func (p *positions) SetChannelPts(_ context.Context, _, channel int64, pts int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fenced {
		return errFenced
	}
	p.channels[channel], p.dirty[channel] = pts, true
	return nil
}

func (p *positions) ForEachChannels(ctx context.Context, _ int64, do func(context.Context, int64, int) error) error {
	p.mu.Lock()
	all := maps.Clone(p.channels)
	p.mu.Unlock()
	for id, pts := range all {
		if err := do(ctx, id, pts); err != nil {
			return err
		}
	}
	return nil
}

// Keys are Telegram's keys to people and channels, as they were stored with the updates.
type keys struct {
	store      *store.Store
	connection string
}

func (k keys) get(ctx context.Context, chat int64) (hash int64, known bool, err error) {
	err = k.store.Update(ctx, k.connection, func(t *store.Tx) error {
		p, found, err := t.Peer(chat)
		hash, known = p.Hash, found && p.Hash != 0
		return err
	})
	return hash, known, err
}

// SetChannelAccessHash stores the key of a channel that is met by a pushed update: gotd wants
// it before the update is stored, and drops the update without one.
func (k keys) SetChannelAccessHash(ctx context.Context, _, channel, hash int64) error {
	return k.store.Update(ctx, k.connection, func(t *store.Tx) error {
		return t.AddPeer(store.Peer{Chat: channelChat(channel), Hash: hash})
	})
}

func (keys) SetUserAccessHash(context.Context, int64, int64, int64) error { return nil }

func (k keys) GetChannelAccessHash(ctx context.Context, _, channel int64) (int64, bool, error) {
	return k.get(ctx, channelChat(channel))
}

func (k keys) GetUserAccessHash(ctx context.Context, _, user int64) (int64, bool, error) {
	return k.get(ctx, user)
}
