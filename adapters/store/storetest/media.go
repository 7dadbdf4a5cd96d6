package storetest

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"recado/domain"
)

var mediaRows = []row{
	{"an upload is there once its file was put", func(t lab) {
		t.must(t.store.BeginUpload(t.Context(), acme, "med_1"))
		t.noMedia(acme, "med_1")
		t.upload("med_1")
		got, err := t.store.Media(t.Context(), acme, "med_1")
		t.must(err)
		if got.CreatedAt.IsZero() {
			t.Error("it has no time")
		}
		got.CreatedAt = time.Time{}
		t.same("upload", got, anUpload("med_1"))
	}},
	{"an upload that did not begin is stored as well", func(t lab) {
		t.upload("med_1")
		t.media("med_1", domain.MediaKept)
	}},
	{"a file is found by its company only", func(t lab) {
		t.upload("med_1")
		t.noMedia(globex, "med_1")
		t.noMedia(acme, "med_2")
		theirs, err := t.store.MediaList(t.Context(), globex, []domain.MediaID{"med_1"})
		t.must(err)
		ours, err := t.store.MediaList(t.Context(), acme, []domain.MediaID{"med_2", "med_1"})
		t.must(err)
		if len(theirs) != 0 || len(ours) != 1 || ours["med_1"].Name != "plano.pdf" {
			t.Errorf("globex finds %v, acme finds %v", theirs, ours)
		}
	}},
	{"an upload that began and never ended is erased after an hour", func(t lab) {
		t.must(t.store.BeginUpload(t.Context(), acme, "med_1"))
		t.erasable()
		t.pass(61 * time.Minute)
		t.erasable("med_1")
		t.must(t.store.ForgetMedia(t.Context(), []domain.MediaID{"med_1"}))
		t.erasable()
	}},
	{"an upload that ended in time is never erased as unfinished", func(t lab) {
		t.must(t.store.BeginUpload(t.Context(), acme, "med_1"))
		t.upload("med_1")
		t.pass(2 * time.Hour)
		t.erasable()
		t.must(t.store.ForgetMedia(t.Context(), []domain.MediaID{"med_1"}))
		t.media("med_1", domain.MediaKept)
	}},
	{"an upload that no message names is erased after a day", func(t lab) {
		t.upload("med_1")
		t.pass(23 * time.Hour)
		t.trim()
		t.media("med_1", domain.MediaKept)
		t.pass(2 * time.Hour)
		t.trim()
		t.noMedia(acme, "med_1")
		t.erasable("med_1")
	}},
	{"an upload that a message names stays as long as other files", func(t lab) {
		t.upload("med_1")
		t.gives(domain.Applied, overBot(asks(file(1))))
		t.pass(2 * day)
		t.trim()
		if m := t.media("med_1", domain.MediaKept); m.Message != msg(1) {
			t.Errorf("it is the file of %q", m.Message)
		}
	}},
	{"the files of a company that ends are erased, not those of others", func(t lab) {
		t.upload("med_1")
		t.must(t.store.AddUpload(t.Context(), domain.StoredMedia{ID: "med_2", Company: globex}))
		t.declare(withoutAcme())
		t.trimAll()
		t.erasable("med_1")
		if _, err := t.store.Media(t.Context(), globex, "med_2"); err != nil {
			t.Errorf("the file of globex: %v", err)
		}
	}},
	{"a file that came with a message waits to be fetched", func(t lab) {
		m := t.photo("in.1", "photo-1")
		due := t.dueMedia(m.MediaID())
		got := due[0].StoredMedia
		if got.NextAt.IsZero() || !got.GiveUpAt.Equal(got.CreatedAt.Add(domain.FetchGiveUpAfter)) {
			t.Errorf("its times are %+v", got)
		}
		got.NextAt, got.GiveUpAt, got.CreatedAt = time.Time{}, time.Time{}, time.Time{}
		t.same("file", got, domain.StoredMedia{
			ID: domain.MediaIDOf(m.ID, "photo-1"), Company: acme, Connection: phone, Message: m.ID, State: domain.MediaWaiting,
			Source: "photo-1", ToldMIME: "image/png", Name: "a.png", Size: 3, Seconds: 2,
		})
		t.dueLanes(domain.CallbackLane(crm), domain.MediaLane(phone))
		t.gives(domain.Repeated, toPhone(1, photo("in.1", "photo-1")))
		t.dueMedia(m.MediaID())
	}},
	{"a file that is being fetched is not listed again", func(t lab) {
		one, two := t.photo("in.1", "photo-1").MediaID(), t.photo("in.2", "photo-2").MediaID()
		t.dueMediaBut([]domain.MediaID{one}, two)
		t.dueMediaBut([]domain.MediaID{one, two})
	}},
	{"nothing is fetched for a blocked peer", func(t lab) {
		m := t.photo("in.1", "photo-1")
		t.applyEach(asks(domain.BlockRequested{Chat: m.Chat, By: "ana", Block: true}))
		if due := t.dueMedia(m.MediaID()); !due[0].Blocked {
			t.Error("a file of before the block is fetched")
		}
		t.gives(domain.Dropped, toPhone(2, photo("in.2", "photo-2")))
		t.dueMedia(m.MediaID())
	}},
	{"an edit that brings another file brings another row", func(t lab) {
		m := t.photo("in.1", "photo-1")
		edit := domain.MessageEdited{ProviderID: "in.1", ByPeer: true, Text: "this one", Media: &domain.Media{ID: "photo-2"}}
		t.gives(domain.Applied, toPhone(2, edit))
		t.gives(domain.Applied, toPhone(3, domain.MessageEdited{ProviderID: "in.1", ByPeer: true, Text: "this one!", Media: edit.Media}))
		t.dueMedia(m.MediaID(), domain.MediaIDOf(m.ID, "photo-2"))
	}},
	{"a file of the past is fetched, and nobody is told", func(t lab) {
		r := everything()
		r.Connections[0].Settings[domain.History] = "true"
		t.declare(r)
		past := photo("in.1", "photo-1")
		past.Origin = domain.OriginHistory
		m := t.gives(domain.Applied, toPhone(1, past)).Message
		t.gives(domain.Applied, fetched(&m, fetchOK()))
		t.media(m.MediaID(), domain.MediaKept)
		t.same("events", t.heard(crm), []hearing(nil))
	}},
	{"a file that is kept is told once", func(t lab) {
		m := t.photo("in.1", "photo-1")
		t.gives(domain.Applied, fetched(m, fetchOK()))
		t.gives(domain.Repeated, fetched(m, fetchOK()))
		t.gives(domain.Repeated, fetched(m, lost(domain.MediaGone)))
		got := t.media(m.MediaID(), domain.MediaKept)
		if got.MIME != "image/jpeg" || got.Size != 4 || got.SHA != "ab" || got.Tries != 1 || !got.NextAt.IsZero() {
			t.Errorf("kept as %+v", got)
		}
		t.dueMedia()
		t.checkMediaEvents(`{"message_id":"` + string(m.ID) + `","provider_id":"in.1","media":{"id":"` + string(m.MediaID()) +
			`","provider_id":"photo-1","mime":"image/jpeg","name":"a.png","size":4,"seconds":2},"status":"kept"}`)
	}},
	{"a file that is lost is told with its cause", func(t lab) {
		m := t.photo("in.1", "photo-1")
		t.gives(domain.Applied, fetched(m, lost(domain.MediaTooBig)))
		if got := t.media(m.MediaID(), domain.MediaLost); got.Cause != domain.MediaTooBig {
			t.Errorf("lost as %+v", got)
		}
		t.checkMediaEvents(`{"message_id":"` + string(m.ID) + `","provider_id":"in.1","media":null,"status":"lost","cause":"too_big"}`)
	}},
	{"a fetch that failed is tried again later, for seven days", func(t lab) {
		m := t.photo("in.1", "photo-1")
		again := domain.FetchResult{State: domain.MediaWaiting, Cause: domain.MediaUnavailable}
		t.gives(domain.Applied, fetched(m, again))
		t.dueMedia()
		t.pass(3 * time.Second)
		if due := t.dueMedia(m.MediaID()); due[0].Tries != 1 || due[0].Cause != domain.MediaUnavailable {
			t.Errorf("due as %+v", due[0])
		}
		t.pass(7 * day)
		t.gives(domain.Applied, fetched(m, again))
		t.media(m.MediaID(), domain.MediaLost)
		t.checkMediaEvents(`{"message_id":"` + string(m.ID) + `","provider_id":"in.1","media":null,"status":"lost","cause":"unavailable"}`)
	}},
	{"the first to give up is the first to be fetched, of those that are due", func(t lab) {
		early := t.photo("in.1", "photo-1")
		t.gives(domain.Applied, fetched(early, domain.FetchResult{State: domain.MediaWaiting}))
		t.pass(time.Second)
		late := t.photo("in.2", "photo-2")
		t.dueMedia(late.MediaID())
		t.pass(2 * time.Second)
		due := t.dueMedia(early.MediaID(), late.MediaID())
		if due[0].ID != early.MediaID() {
			t.Errorf("the first is %s of %s", due[0].ID, due[0].Message)
		}
	}},
	{"a file outlives its message's edit, and goes after ninety days", func(t lab) {
		m := t.photo("in.1", "photo-1")
		t.gives(domain.Applied, fetched(m, fetchOK()))
		t.pass(89 * day)
		t.trim()
		t.media(m.MediaID(), domain.MediaKept)
		t.pass(2 * day)
		t.trim()
		t.noMedia(acme, m.MediaID())
		t.erasable(m.MediaID())
	}},
	{"a file that may be on its way is erased when it must have arrived", func(t lab) {
		m := t.photo("in.1", "photo-1")
		t.pass(91 * day)
		t.trim()
		t.erasable()
		t.dueMedia()
		t.gives(domain.Repeated, fetched(m, fetchOK()))
		t.pass(domain.FetchTime)
		t.erasable(m.MediaID())
	}},
	{"the file of an echo that proves to be of our message is erased", func(t lab) {
		echo := photo("out.1", "photo-1")
		echo.Direction = domain.Outbound
		t.applyEach(asks(send(1, peer, "ours")), ends(domain.SendBegun{Message: msg(1)}))
		m := t.gives(domain.Applied, toPhone(1, echo)).Message
		t.gives(domain.Applied, ends(accepted(1, "out.1")))
		t.noMedia(acme, m.MediaID())
		t.dueMedia()
	}},
	{"what a messenger calls an upload is known while it has it", func(t lab) {
		t.upload("med_1")
		t.applyEach(overBot(asks(file(1))), overBot(ends(domain.SendBegun{Message: msg(1)})))
		ended := accepted(1, "out.1")
		ended.Result.Uploaded, ended.Result.UploadedUntil = "file-7", time.Now().Add(time.Hour)
		t.gives(domain.Applied, overBot(ends(ended)))
		t.uploadedAs("file-7")
		t.gives(domain.Repeated, overBot(ends(ended)))
		t.pass(2 * time.Hour)
		t.uploadedAs("")
		t.trim()
	}},
}

// file asks for a message with the upload med_1.
func file(n int) domain.SendRequested {
	f := send(n, peer, "the plan")
	f.Type, f.Media = domain.TypeFile, &domain.Media{ID: "med_1", MIME: "application/pdf"}
	return f
}

// overBot is an update over acme's bot.
func overBot(u domain.Update) domain.Update {
	u.Connection = bot
	return u
}

// photo is a message of a peer with a file.
func photo(id domain.ProviderID, source string) domain.MessageArrived {
	f := says(peer, id, "look")
	f.Type = domain.TypeImage
	f.Media = &domain.Media{ID: source, MIME: "image/png", Name: "a.png", Size: 3, Seconds: 2}
	return f
}

// photo is the message of a photo that arrives.
func (t lab) photo(id domain.ProviderID, source string) *domain.Message {
	t.Helper()
	r := t.gives(domain.Applied, toPhone(1, photo(id, source)))
	return &r.Message
}

// fetched is how a fetch of the file of a message ended.
func fetched(m *domain.Message, r domain.FetchResult) domain.Update {
	return ends(domain.MediaFetched{Message: m.ID, Media: m.MediaID(), Result: r})
}

func fetchOK() domain.FetchResult {
	return domain.FetchResult{State: domain.MediaKept, MIME: "image/jpeg", Size: 4, SHA: "ab"}
}

func lost(why domain.MediaCause) domain.FetchResult {
	return domain.FetchResult{State: domain.MediaLost, Cause: why}
}

// dueMedia checks which files of acme's phone are to be fetched now.
func (t lab) dueMedia(want ...domain.MediaID) []domain.DueMedia {
	t.Helper()
	return t.dueMediaBut(nil, want...)
}

func (t lab) dueMediaBut(busy []domain.MediaID, want ...domain.MediaID) []domain.DueMedia {
	t.Helper()
	due, err := t.store.DueMedia(t.Context(), phone, busy, 10)
	t.must(err)
	var got []domain.MediaID
	for _, m := range due {
		got = append(got, m.ID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("due are %v, want %v", got, want)
	}
	return due
}

// checkMediaEvents checks the data of the events of files that the CRM gets.
func (t lab) checkMediaEvents(want ...string) {
	t.Helper()
	var got []string
	for _, h := range t.heard(crm) {
		if h.Type == domain.EventMessageMedia {
			data, err := json.Marshal(h.Data)
			t.must(err)
			got = append(got, string(data))
		}
	}
	for i, text := range want {
		var data map[string]any
		t.must(json.Unmarshal([]byte(text), &data))
		sorted, err := json.Marshal(data)
		t.must(err)
		want[i] = string(sorted)
	}
	t.same("events of files", got, want)
}

func (t lab) uploadedAs(want string) {
	t.Helper()
	name, err := t.store.UploadedAs(t.Context(), "med_1", bot)
	t.must(err)
	if name != want {
		t.Errorf("the messenger calls it %q, want %q", name, want)
	}
}

// anUpload is a file of acme that was uploaded.
func anUpload(id domain.MediaID) domain.StoredMedia {
	return domain.StoredMedia{
		ID: id, Company: acme, State: domain.MediaKept, ToldMIME: "application/pdf", MIME: "application/pdf", Name: "plano.pdf",
		Size: 1 << 33, Seconds: 7, SHA: "ab12", Voice: true,
	}
}

func (t lab) upload(id domain.MediaID) {
	t.Helper()
	t.must(t.store.AddUpload(t.Context(), anUpload(id)))
}

// media checks the state of a file of acme, and returns it.
func (t lab) media(id domain.MediaID, want domain.MediaState) domain.StoredMedia {
	t.Helper()
	m, err := t.store.Media(t.Context(), acme, id)
	t.must(err)
	if m.State != want {
		t.Errorf("%s is %s because of %q, want %s", id, m.State, m.Cause, want)
	}
	return m
}

func (t lab) noMedia(c domain.CompanyID, id domain.MediaID) {
	t.Helper()
	if m, err := t.store.Media(t.Context(), c, id); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("%s finds %+v, %v", c, m, err)
	}
}

// erasable checks which files may be erased now.
func (t lab) erasable(want ...domain.MediaID) {
	t.Helper()
	list, err := t.store.ErasableMedia(t.Context(), 100)
	t.must(err)
	var got []domain.MediaID
	for _, m := range list {
		got = append(got, m.ID)
	}
	t.same("erasable files", got, want)
}
