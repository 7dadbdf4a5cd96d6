package crm

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	"recado/domain"
)

// tryOf returns the try that the response means.
func tryOf(resp *http.Response, now time.Time) domain.Try {
	status := resp.StatusCode
	if status >= 200 && status < 300 {
		return domain.Try{OK: true}
	}
	wait, asked := retryAfter(resp.Header.Get("Retry-After"), now)
	t := domain.Try{
		Throttled:  status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && asked,
		Gone:       status == http.StatusGone,
		TooLarge:   status == http.StatusRequestEntityTooLarge,
		RetryAfter: wait,
		Error:      fmt.Sprintf("HTTP %d", status),
	}
	if hint := hints[status]; hint != "" {
		t.Error += ": " + hint
	}
	return t
}

// failedOf returns the events that the answer to a batch names as failed, and
// closes the body. An answer that is no JSON, or too long, names none. Of one that
// breaks off nobody knows what it names.
func failedOf(resp *http.Response) ([]domain.EventID, error) {
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBatchAnswer+1))
	if err != nil {
		return nil, err
	}
	var answer struct {
		Failed []domain.EventID `json:"failed"`
	}
	if len(text) > maxBatchAnswer || json.Unmarshal(text, &answer) != nil {
		return nil, nil
	}
	return answer.Failed, nil
}

// hints says how to fix answers whose status alone does not tell.
var hints = map[int]string{
	http.StatusSwitchingProtocols:    "the endpoint speaks another protocol",
	http.StatusMovedPermanently:      "redirects are not followed, give the final URL",
	http.StatusFound:                 "redirects are not followed, give the final URL",
	http.StatusSeeOther:              "redirects are not followed, give the final URL",
	http.StatusTemporaryRedirect:     "redirects are not followed, give the final URL",
	http.StatusPermanentRedirect:     "redirects are not followed, give the final URL",
	http.StatusGone:                  "the endpoint wants no more events",
	http.StatusRequestEntityTooLarge: "the endpoint, or a proxy before it, must accept larger bodies",
}

// retryAfter parses the header Retry-After: seconds or an HTTP date. Asked is
// false if the header is absent or malformed. A date that has passed asks for no
// wait.
func retryAfter(header string, now time.Time) (wait time.Duration, asked bool) {
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), math.MaxInt64/int64(time.Second))) * time.Second, true
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0, false
	}
	return max(at.Sub(now), 0), true
}
