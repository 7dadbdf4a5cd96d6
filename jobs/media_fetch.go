package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"recado/domain"
)

const (
	tryTimeout   = domain.FetchTime - time.Minute // of all of it, so that nothing is put later
	fetchTimeout = 10 * time.Minute               // from the call to the last byte
	paceWindow   = 10 * time.Second               // in which a body gives at least paceBytes
	paceBytes    = 160 << 10
)

// Why reading a body ends before its end.
var (
	errSlow  = errors.New("the messenger gives less than 16 KiB/s")
	errLarge = errors.New("the file is larger than allowed")
)

// A fetch brings a file from the messenger into Files.
type fetch struct {
	fetcher   domain.Fetcher
	files     domain.Files
	tempFiles *tempFiles
	max       int64         // bytes of a file
	window    time.Duration // in which a body gives at least paceBytes
	log       *slog.Logger
}

// run makes one try. It goes on when the program stops, for stopTimeout.
func (f fetch) run(ctx context.Context, conn domain.Connection, m domain.StoredMedia) domain.FetchResult {
	ctx, stop := outlive(ctx, stopTimeout/2)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	loading, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	fetched, answer := f.fetcher.Fetch(loading, conn, m)
	if answer.Fate != domain.FateAccepted {
		f.log.Warn("the messenger does not provide the file", "media", m.ID, "connection", m.Connection, "fate", answer.Fate, "failure", answer.Failure)
		return domain.FetchAnswer(fetched, answer)
	}
	defer fetched.Body.Close()
	if fetched.Size > f.max {
		return lost(domain.MediaTooBig)
	}
	file, free, err := f.tempFiles.create(loading, fetched.Size)
	if err != nil {
		return f.again(m, domain.MediaUnstored, err)
	}
	defer free()
	result, err := f.load(loading, fetched, m, file)
	switch {
	case errors.Is(err, errLarge):
		return lost(domain.MediaTooBig)
	case err != nil:
		return f.again(m, domain.MediaUnavailable, err)
	case result.State != domain.MediaKept:
		return result
	}
	_, err = file.Seek(0, io.SeekStart)
	if err == nil {
		err = f.files.Put(ctx, m.Key(), file, result.Size)
	}
	if err != nil {
		return f.again(m, domain.MediaUnstored, err)
	}
	return result
}

// again is the result of a try that failed and may succeed later.
func (f fetch) again(m domain.StoredMedia, why domain.MediaCause, err error) domain.FetchResult {
	f.log.Warn("fetching a file failed", "media", m.ID, "connection", m.Connection, "cause", why, "err", err)
	return domain.FetchResult{State: domain.MediaWaiting, Cause: why}
}

// load reads a file that the messenger gives into a temporary file and says what it is.
func (f fetch) load(ctx context.Context, fetched domain.Fetched, m domain.StoredMedia, file io.ReadWriteSeeker) (result domain.FetchResult, err error) {
	sum := sha256.New()
	n, err := f.copy(ctx, io.MultiWriter(file, sum), fetched.Body)
	switch {
	case err != nil:
		return result, err
	case fetched.Size >= 0 && n != fetched.Size:
		return result, io.ErrUnexpectedEOF
	case n == 0:
		return domain.FetchResult{State: domain.MediaWaiting, Cause: domain.MediaEmpty}, nil
	}
	if _, err = file.Seek(0, io.SeekStart); err != nil {
		return result, err
	}
	sniffed, err := mimetype.DetectReader(file)
	told := m.ToldMIME
	if told == "" {
		told = fetched.MIME
	}
	return domain.FetchResult{
		State: domain.MediaKept, MIME: domain.MediaType(told, sniffed.String()), Size: n, SHA: hex.EncodeToString(sum.Sum(nil)),
	}, err
}

// copy copies a body of up to f.max bytes that comes fast enough.
func (f fetch) copy(ctx context.Context, to io.Writer, body io.ReadCloser) (int64, error) {
	var read atomic.Int64
	var slow atomic.Bool
	done := make(chan struct{})
	defer close(done)
	go func() {
		tick := time.NewTicker(f.window)
		defer tick.Stop()
		for before := int64(0); ; {
			select {
			case <-done:
				return
			case <-ctx.Done():
			case <-tick.C:
				now := read.Load()
				if now-before >= paceBytes {
					before = now
					continue
				}
				slow.Store(true)
			}
			_ = body.Close() // ends the Read that waits
			return
		}
	}()
	n, err := io.Copy(to, io.LimitReader(counting{body, &read}, f.max+1))
	switch {
	case slow.Load():
		return n, errSlow
	case ctx.Err() != nil:
		return n, ctx.Err()
	case n > f.max:
		return n, errLarge
	}
	return n, err
}

// A counting reader counts what was read.
type counting struct {
	io.Reader
	read *atomic.Int64
}

// Read implements io.Reader.
func (c counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read.Add(int64(n))
	return n, err
}
