package waba

import (
	"cmp"
	"context"
	"regexp"
	"time"

	"recado/domain"
)

// defaultVersion is the version of the Graph API that is spoken unless a
// connection says another.
const defaultVersion = "v26.0"

// versionEnds lists when Meta ends versions of the Graph API: two years after the
// next one came. Meta has announced no end of those that are not listed.
// https://developers.facebook.com/docs/graph-api/changelog
var versionEnds = map[string]time.Time{
	"v17.0": day(2025, 9, 12),
	"v18.0": day(2026, 1, 26),
	"v19.0": day(2026, 5, 21),
	"v20.0": day(2026, 9, 24),
	"v21.0": day(2027, 1, 21),
	"v22.0": day(2027, 5, 29),
	"v23.0": day(2027, 10, 8),
	"v24.0": day(2028, 2, 18),
	"v25.0": day(2028, 7, 29),
}

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// warnBefore is how long before its end a version is a problem.
const warnBefore = 90 * 24 * time.Hour

var versionInURL = regexp.MustCompile(`/(v\d+\.\d+)(/|$)`)

var _ domain.Watcher = (*Connector)(nil)

// Watch finds a version of the Graph API that is about to end. It calls nobody.
func (*Connector) Watch(_ context.Context, conn domain.Connection, _ string) (domain.Watched, error) {
	return watchVersion(conn, time.Now()), nil
}

func watchVersion(conn domain.Connection, now time.Time) (seen domain.Watched) {
	version := versionInURL.FindStringSubmatch(cmp.Or(string(conn.Settings[baseURL]), defaultBaseURL))
	if version == nil {
		return seen // a gateway
	}
	end, known := versionEnds[version[1]]
	if !known || now.Before(end.Add(-warnBefore)) {
		return seen
	}
	level := domain.LevelWarning
	if !now.Before(end) {
		level = domain.LevelCritical
	}
	seen.Problems = []domain.Signal{{
		Kind: domain.SignalAccount, Level: level, Title: "Graph API " + version[1] + " ends on " + end.Format(time.DateOnly),
		Details: "change base_url to " + defaultBaseURL,
	}}
	return seen
}
