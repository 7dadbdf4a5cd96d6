package jobs

import (
	"math"
	"time"

	"golang.org/x/time/rate"

	"recado/domain"
)

const (
	learnedMin   = 1.0 / 32 // of the stated rate: no limit is slower for what it learned
	learnedBack  = 0.1      // of the stated rate, in each minute
	minRetryWait = time.Second
)

// A bucket holds the tokens of one limit of a messenger; each message takes one. What
// it holds is a hint: if it is wrong, the messenger refuses a message as too fast.
// Then the rate is halved, and grows back to the stated one. Nil is no limit.
type bucket struct {
	stated   domain.Rate
	tokens   *rate.Limiter
	learned  float64   // part of the stated rate that the messenger bore, at halvedAt
	halvedAt time.Time // zero: never
	shut     time.Time // until when the messenger takes nothing
}

// newBucket makes a bucket that holds a part of its burst, but at least one token.
func newBucket(r domain.Rate, part float64, now time.Time) *bucket {
	if r.Unlimited() {
		return nil
	}
	b := &bucket{stated: r, tokens: rate.NewLimiter(rate.Every(r.Every), r.Burst), learned: 1}
	b.tokens.AllowN(now, r.Burst-max(1, int(part*float64(r.Burst))))
	return b
}

// free returns how many messages may leave now.
func (b *bucket) free(now time.Time) int {
	switch {
	case b == nil:
		return math.MaxInt
	case now.Before(b.shut):
		return 0
	}
	b.tokens.SetLimitAt(now, rate.Limit(b.part(now))*rate.Every(b.stated.Every))
	return max(0, int(b.tokens.TokensAt(now)))
}

// take takes a token, and reports whether there was one.
func (b *bucket) take(now time.Time) bool {
	return b == nil || b.free(now) > 0 && b.tokens.AllowN(now, 1)
}

// wait returns how long it takes until a message may leave.
func (b *bucket) wait(now time.Time) time.Duration {
	if b == nil || b.free(now) > 0 {
		return 0
	}
	missing := max(0, 1-b.tokens.TokensAt(now))
	return max(b.shut.Sub(now), time.Duration(math.Ceil(missing/float64(b.tokens.Limit())*float64(time.Second))))
}

// full reports whether the bucket is as a new one would be.
func (b *bucket) full(now time.Time) bool {
	return b == nil || b.free(now) >= b.stated.Burst && b.part(now) == 1
}

// part returns which part of the stated rate holds now.
func (b *bucket) part(now time.Time) float64 {
	return min(1, b.learned+learnedBack*now.Sub(b.halvedAt).Minutes())
}

// refused learns from a refusal of a call that began then: the messenger takes nothing
// for a while, and half as much after it. Calls that were in flight together teach that
// once.
func (b *bucket) refused(began, now time.Time, wait time.Duration) {
	if b == nil {
		return
	}
	if shut := now.Add(wait); shut.After(b.shut) {
		b.shut, b.tokens = shut, rate.NewLimiter(b.tokens.Limit(), b.stated.Burst)
		b.tokens.AllowN(shut, b.stated.Burst) // or all would come at once then
	}
	if began.After(b.halvedAt) {
		b.learned, b.halvedAt = max(learnedMin, b.part(now)/2), now
	}
}
