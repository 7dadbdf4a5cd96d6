package storetest

import (
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
	if m, err := t.store.Media(t.Context(), c, id); err != domain.ErrNotFound {
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
