package crm

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"recado/domain"
)

// maxClocks bounds the number of endpoints whose clocks are compared with Recado's.
const maxClocks = 1000

// clocks compares our clock with those of the endpoints: CRMs refuse signatures
// whose timestamp is minutes off.
type clocks struct {
	mu    sync.Mutex
	ahead map[domain.EndpointID]time.Duration // how far Recado's clock is ahead, by the last answer of each
}

// compare takes note of the Date of an answer that came now. A Date is cut to
// seconds, half a second on average.
func (c *clocks) compare(e domain.EndpointID, header http.Header, now time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.ahead[e]; !known && len(c.ahead) >= maxClocks {
		return
	}
	if c.ahead == nil {
		c.ahead = map[domain.EndpointID]time.Duration{}
	}
	c.ahead[e] = now.Sub(date) - time.Second/2
}

// ClockSkew returns how far our clock is ahead of the endpoints' clocks: the
// median, since single ones may be wrong. False: no answer had a Date.
func (d *Deliverer) ClockSkew() (time.Duration, bool) {
	d.clocks.mu.Lock()
	defer d.clocks.mu.Unlock()
	var all []time.Duration
	for _, ahead := range d.clocks.ahead {
		all = append(all, ahead)
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	return all[len(all)/2], true
}
