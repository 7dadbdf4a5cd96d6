package telegram

import (
	"time"

	"recado/adapters/messenger/wire"
)

// seconds since 1970. What cannot be a time is the zero time: what happened
// matters more than when.
type seconds struct{ wire.Integer }

func (s seconds) time() time.Time {
	if s.Integer <= 0 || s.Integer >= 1e11 { // the year 5138
		return time.Time{}
	}
	return time.Unix(int64(s.Integer), 0).UTC()
}

// withoutDecimals lists currencies whose smallest unit is the unit itself.
var withoutDecimals = map[string]bool{
	"XTR": true, "JPY": true, "KRW": true, "VND": true, "CLP": true, "PYG": true, "ISK": true, "UGX": true,
}
