package wabaplay

import (
	"time"

	"recado/adapters/messenger/simulator"
)

// An accountUpdate is what Meta reports of a WhatsApp Business Account.
type accountUpdate struct {
	Event        string       `json:"event"`
	Restrictions []restricted `json:"restriction_info"` // empty: there is none any more
}

type restricted struct {
	Type string `json:"restriction_type"`
	Ends int64  `json:"expiration"`
}

// An account is restricted soon after a message for which its peer reports it.
const (
	restrictedAfter = 4 * time.Second
	freedAfter      = 14 * time.Second
)

// restriction plans the webhooks that restrict the account and free it again.
func restriction(a *simulator.Account, now time.Time) []simulator.Planned {
	begins, ends := now.Add(restrictedAfter), now.Add(freedAfter)
	list := []restricted{{"RESTRICTED_BIZ_INITIATED_MESSAGING", ends.Unix()}}
	return []simulator.Planned{report(a, list, begins), report(a, list[:0], ends)}
}

func report(a *simulator.Account, list []restricted, at time.Time) simulator.Planned {
	update := change{"account_update", accountUpdate{"ACCOUNT_RESTRICTION", list}}
	return simulator.Planned{At: at, Webhook: signed(a, entry{Time: at.Unix(), Changes: []change{update}})}
}
