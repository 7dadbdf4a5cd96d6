package api

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// replaying is an archive with a replay that runs, of too many events to count.
func replaying() *fakeStore {
	f := archive()
	f.replays = []domain.Replay{{
		ID: "rep_1", Endpoint: "hooks", State: domain.ReplayRunning, Count: -1, Delivered: 7, Failed: 1, LastError: "HTTP 400", Created: now,
		ReplayQuery: domain.ReplayQuery{Types: []domain.EventType{domain.EventChatBlocked}, Chat: hello.ID},
	}}
	return f
}

func (f *fakeStore) StartReplay(ctx context.Context, c domain.CompanyID, e domain.EndpointID, q domain.ReplayQuery) (domain.Replay, bool, error) {
	if _, err := f.EndpointState(ctx, c, e); err != nil {
		return domain.Replay{}, false, err
	}
	if len(f.replays) > 0 {
		return f.replays[0], false, nil
	}
	return domain.Replay{ID: "rep_2", Endpoint: e, ReplayQuery: q, State: domain.ReplayRunning, Count: 12, Created: now}, true, nil
}

func (f *fakeStore) Replays(ctx context.Context, c domain.CompanyID, e domain.EndpointID) ([]domain.Replay, error) {
	_, err := f.EndpointState(ctx, c, e)
	return f.replays, err
}

func (f *fakeStore) Replay(ctx context.Context, c domain.CompanyID, e domain.EndpointID, id domain.ReplayID) (domain.Replay, error) {
	list, err := f.Replays(ctx, c, e)
	if i := slices.IndexFunc(list, func(r domain.Replay) bool { return r.ID == id }); err == nil && i >= 0 {
		return list[i], nil
	}
	return domain.Replay{}, orNotFound(err)
}

func (f *fakeStore) StopReplay(ctx context.Context, c domain.CompanyID, e domain.EndpointID, id domain.ReplayID) (domain.Replay, error) {
	r, err := f.Replay(ctx, c, e, id)
	r.State, r.Ended = domain.ReplayStopped, now
	return r, err
}

func TestAReplayHintsItsLane(t *testing.T) {
	s := newServer(t, archive())
	s.as(t, "ana-key", "POST", "/v1/endpoints/hooks/replay", `{}`)
	if diff := cmp.Diff([]domain.Lane{domain.ReplayLane("hooks")}, s.hints); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
}

func TestReplaysAreRefused(t *testing.T) {
	for body, status := range map[string]int{
		`{"since":"2026-01-02T00:00:00Z","until":"2026-01-01T00:00:00Z"}`: 422,
		`{"types":["chat.closed"]}`:                                       422,
		`{"chat":"chat_1"}`:                                               422,
		`{"since":"yesterday"}`:                                           422,
	} {
		s := newServer(t, archive())
		if answer := s.as(t, "ana-key", "POST", "/v1/endpoints/hooks/replay", body); answer.Code != status || len(s.hints) > 0 {
			t.Errorf("%s = %d %s, want %d", body, answer.Code, answer.Body, status)
		}
	}
	s := newServer(t, &fakeStore{err: errors.Join(domain.ErrReplayRuns)})
	s.ends = archive().ends
	if answer := s.as(t, "ana-key", "POST", "/v1/endpoints/hooks/replay", `{}`); answer.Code != 409 || said(t, answer).Code != "replay_runs" {
		t.Errorf("another one = %d %s", answer.Code, answer.Body)
	}
}
