// Package transfer takes files from employees, and gives them files, over HTTP. Who the
// caller is, and what they may do, was settled before.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"recado/adapters/slots"
	"recado/adapters/voice"
	"recado/domain"
	"recado/metrics"
)

// How many uploads a process takes at once: each may fill the disk of temporary files
// by Config.Max. A company whose uploads are slow leaves the others their half.
const (
	maxUploads          = 32
	maxUploadsOfCompany = maxUploads / 2
)

// Config holds what a Service depends on.
type Config struct {
	Catalog domain.MediaCatalog
	Files   domain.Files
	Max     int64           // bytes of the largest upload
	Guard   Guard           // of addresses from which files are fetched
	Voice   voice.Converter // of uploads that are to be voice messages
	NewID   func() string   // returns 26 characters that were never used before; see domain.ID
	Metrics *metrics.Metrics
	Log     *slog.Logger
}

// A Service serves files.
type Service struct {
	Config
	uploads *slots.Slots[domain.CompanyID]
	voices  chan struct{} // holds one while a recording, which is in memory, is converted
	grace   time.Duration // see defaultGrace
	outside *http.Client
}

// New returns a Service.
func New(c Config) *Service {
	return &Service{c, slots.New[domain.CompanyID](maxUploads, maxUploadsOfCompany), make(chan struct{}, 1), defaultGrace, newClient(c.Guard)}
}

// An Error is why a file is not taken, or not given, as the caller should read it.
type Error struct {
	Status     int    // of HTTP
	Code       string // stable, for programs
	Detail     string // says what to do
	RetryAfter time.Duration
}

func (e *Error) Error() string { return e.Detail }

// The codes of errors.
const (
	codeInvalid     = "invalid_request"
	codeTooLarge    = "too_large"
	codeTimeout     = "timeout"
	codeNoVoice     = "voice_not_readable"
	codeTooMany     = "too_many_uploads"
	codeNotFetched  = "media_not_fetched"
	codeWaiting     = "media_waiting"
	codeLost        = "media_lost"
	secondsToReturn = 2 * time.Second
)

func invalid(detail string, args ...any) *Error {
	return &Error{Status: http.StatusUnprocessableEntity, Code: codeInvalid, Detail: fmt.Sprintf(detail, args...)}
}

// unavailable logs what happened to a file, which the caller need not know, and returns
// ErrUnavailable.
func (s *Service) unavailable(what string, m domain.StoredMedia, err error) error {
	if !errors.Is(err, context.Canceled) { // the caller left
		s.Log.Error("files failed", "call", what, "media", m.ID, "err", err)
	}
	return domain.ErrUnavailable
}
