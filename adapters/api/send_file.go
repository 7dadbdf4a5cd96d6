package api

import (
	"context"
	"errors"

	"recado/domain"
)

// addFile gives the message its file, and checks that both fit their messenger. It
// returns the context for the rest of the call: a fetch takes longer than callTimeout.
func (a *API) addFile(ctx context.Context, e domain.Employee, in *sendInput, f *domain.SendRequested) (context.Context, error) {
	media := in.Body.Media
	switch {
	case media == nil:
		return ctx, a.checkLimits(ctx, e, in.Body, *f, nil)
	case media.URL == "":
		m, err := a.uploaded(ctx, e, media.ID)
		if err != nil {
			return ctx, err
		}
		return ctx, a.addMedia(ctx, e, in.Body, f, m)
	}
	f.MediaURL = media.URL
	used, err := a.maySend(ctx, e, in.Body)
	if used || err != nil {
		return ctx, err // a repeat is answered with its message, and needs no file
	}
	m, err := a.Files.Fetch(in.request.Context(), in.writer, media.URL, e.Company, f.Type == domain.TypeVoice)
	if err != nil {
		return ctx, err
	}
	ctx, cancel := context.WithTimeout(in.request.Context(), callTimeout)
	context.AfterFunc(in.request.Context(), cancel)
	return ctx, a.addMedia(ctx, e, in.Body, f, m)
}

// addMedia gives the message a stored file.
func (a *API) addMedia(ctx context.Context, e domain.Employee, s sending, f *domain.SendRequested, m domain.StoredMedia) error {
	f.Media = m.Media()
	return a.checkLimits(ctx, e, s, *f, &m)
}

// uploaded returns a file that may be sent.
func (a *API) uploaded(ctx context.Context, e domain.Employee, id domain.MediaID) (domain.StoredMedia, error) {
	m, err := a.Store.Media(ctx, e.Company, id)
	if errors.Is(err, domain.ErrNotFound) || err == nil && (m.Connection != "" || m.State != domain.MediaKept) {
		err = invalid("validation failed", fieldError{"body.media.id", "expected the id of a file that was uploaded by POST /v1/media in the last day"})
	}
	return m, err
}

// maySend reports before a file is fetched whether the client_ref was used before. Who
// may not write, or writes to nobody, gets no file fetched.
func (a *API) maySend(ctx context.Context, e domain.Employee, s sending) (used bool, err error) {
	if !e.Granted().May(domain.WriteChats) {
		return false, domain.ErrForbidden
	}
	if s.Chat != "" {
		if _, err := a.Store.Chat(ctx, e.Company, s.Chat); err != nil {
			return false, err
		}
	}
	if s.ClientRef == "" {
		return false, nil
	}
	used, err = a.Store.RefUsed(ctx, e.Company, s.ClientRef)
	return used, err
}
