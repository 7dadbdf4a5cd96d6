package domain

import "time"

// A Link is whether the account of a connection is linked to its messenger.
type Link struct {
	Down     *Failure  `json:"down,omitempty"`     // why it is not; nil: it is
	Lasting  bool      `json:"lasting,omitempty"`  // it does not come back by itself: a person repairs it
	At       time.Time `json:"at,omitzero"`        // when the messenger said so; zero: when we heard of it
	DownFrom time.Time `json:"down_from,omitzero"` // set by Decide: since when it is down
}

// LinkPatience is how long a link that does not come back by itself may be down before
// its connection is suspended.
const LinkPatience = 10 * time.Minute

// decideReported handles what the messenger says of the link. Reports come twice and
// in any order; the newest counts, and of two of the same moment, which may be a whole
// second, the one that says something new. While the link was down webhooks may have been
// lost, so that the connection is looked at as soon as it works.
func decideReported(s State, u Update, f ConnectionReported) Change {
	link := f.Link
	link.At = u.happenedAt()
	if known := s.Watched.Link; known != nil {
		switch {
		case link.At.Before(known.At):
			return Change{Outcome: Late}
		case link.At.Equal(known.At) && (link.Down == nil) == (known.Down == nil):
			return Change{Outcome: Repeated}
		}
	}
	seen := s.Watched
	change := Change{Outcome: Applied, watched: &seen}
	change.followLink(s, &link)
	if link.Down == nil {
		change.lookAt = s.Now
		seen.GivenBack = 0
		change.resume = change.resume || s.Suspended != nil && s.Suspended.Cause.Subcode == causeLinkDown
	}
	return change
}

// countGivenBack counts messages in a row that the messenger accepted and then failed
// because of the account. Why is nil when one was sent. A session may say that it works
// and send nothing: it is suspended until it reports anew that it works.
func (c *Change) countGivenBack(s State, why *Failure) {
	most := s.Chat.Kind.Traits().GivesBack
	switch {
	case most == 0 || c.Outcome != Applied:
		return
	case why == nil && s.Watched.GivenBack == 0, why != nil && why.Reason != ReasonRestricted:
		return
	}
	seen := c.editWatched(s)
	if why == nil {
		seen.GivenBack = 0
		return
	}
	if seen.GivenBack++; seen.GivenBack >= most {
		stops := *why
		stops.Cause.Subcode = causeLinkDown
		c.suspend = &stops
	}
}

// followLink notes the link in what was seen of the connection, and stops sending or
// lets it go on. A nil link is no report.
func (c *Change) followLink(s State, link *Link) {
	known := s.Watched.Link
	if link == nil || known != nil && link.At.Before(known.At) {
		c.watched.Link = known
		return
	}
	now := *link
	if now.Down != nil {
		now.DownFrom = s.Watched.downFrom()
		if now.DownFrom.IsZero() {
			now.DownFrom = now.At
		}
	}
	c.watched.Link = &now
	switch {
	case now.Down == nil:
		c.resume = s.Suspended != nil && (StatusBy(s.Suspended) == ConnectionDisconnected || s.Suspended.Cause.Code == causeLinkDown)
	case !Policies[now.Down.Reason].Offline:
		c.suspend = untilLinked(*now.Down)
	case now.Lasting && now.At.Sub(now.DownFrom) >= LinkPatience:
		down := *now.Down
		down.Reason = ReasonUnauthorized
		c.suspend = untilLinked(down)
	default:
		c.suspend = now.Down
	}
}

// untilLinked makes the failure one that ends when the account is linked again.
func untilLinked(why Failure) *Failure {
	why.Cause.Subcode, why.Cause.Code = why.Cause.Code, causeLinkDown
	return &why
}

// causeLinkDown, as the code or the subcode of the cause, marks a suspension that ends
// when the account is linked again.
const causeLinkDown = "link_down"

// worksSince reports whether the messenger said, after the moment, that the account works.
// Its reports are in whole seconds.
func (l *Link) worksSince(moment time.Time) bool {
	return l != nil && l.Down == nil && l.At.Add(time.Second).After(moment)
}

// downFrom is since when the link is down; zero: it is not, as far as we know.
func (w Watched) downFrom() time.Time {
	if w.Link == nil {
		return time.Time{}
	}
	return w.Link.DownFrom
}
