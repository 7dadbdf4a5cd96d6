package domain

import "time"

const (
	// webhookPatience is how old a message must be, when a look finds it, for its webhook
	// to be lost: that of a younger one may be on its way.
	webhookPatience = time.Minute

	// missedEvery is the time between two signals that webhooks are lost.
	missedEvery = time.Hour
)

// reportMissed reports that a look at the messenger found a message that no webhook
// told of: what webhooks tell else, such as edits, may be lost with it.
func (c *Change) reportMissed(s State, u Update) {
	if c.Outcome != Applied || s.Now.Sub(u.happenedAt()) < webhookPatience {
		return
	}
	if s.Now.Sub(s.Watched.MissedAt) >= missedEvery {
		c.signals = append(c.signals, Signal{
			Kind: SignalWebhook, Level: LevelWarning, Title: "messages came that no webhook told of",
			Details: "they were found all the same; restart the session at the gateway",
		})
	}
	c.editWatched(s).MissedAt = s.Now
}
