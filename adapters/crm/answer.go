package crm

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"recado/domain"
)

// tryOf returns the try that the response means. Body is the beginning of its body.
func tryOf(resp *http.Response, body []byte, now time.Time) domain.Try {
	status := resp.StatusCode
	if success(resp) {
		return domain.Try{OK: true, Status: status}
	}
	wait, asked := retryAfter(resp.Header.Get("Retry-After"), now)
	t := domain.Try{
		Throttled:  status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && asked,
		Gone:       status == http.StatusGone,
		TooLarge:   status == http.StatusRequestEntityTooLarge,
		RetryAfter: wait,
		Status:     status,
		Answer:     excerpt(body),
		Error:      fmt.Sprintf("HTTP %d", status),
	}
	if hint := hints[status]; hint != "" {
		t.Error += ": " + hint
	}
	return t
}

// failedOf returns the events that the answer to a batch names as failed. An answer
// that is no JSON, or too long, names none.
func failedOf(body []byte) []domain.EventID {
	var answer struct {
		Failed []domain.EventID `json:"failed"`
	}
	if len(body) > maxBatchAnswer || json.Unmarshal(body, &answer) != nil {
		return nil
	}
	return answer.Failed
}

func success(resp *http.Response) bool { return resp.StatusCode >= 200 && resp.StatusCode < 300 }

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

// maxExcerpt is how much of an answer the log of deliveries shows, in bytes.
const maxExcerpt = 1 << 10

// excerpt returns the beginning of a body as text that can be stored and printed:
// what is not UTF-8 is replaced, and control characters are escaped.
func excerpt(body []byte) string {
	text := string(body)
	if len(text) > maxExcerpt {
		cut := maxExcerpt
		for cut > maxExcerpt-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
			cut-- // not within a character
		}
		text = text[:cut]
	}
	var shown strings.Builder
	for _, r := range text { // an invalid byte is U+FFFD
		if strconv.IsPrint(r) {
			shown.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		shown.WriteString(quoted[1 : len(quoted)-1])
	}
	return shown.String()
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
