package transfer

import (
	"sync"

	"recado/domain"
)

// How many uploads a process takes at once: each may fill the disk of temporary files
// by Config.Max. A company whose uploads are slow leaves the others their half.
const (
	maxUploads          = 32
	maxUploadsOfCompany = maxUploads / 2
)

// slots counts uploads in flight.
type slots struct {
	mu        sync.Mutex // guards the fields below
	taken     int
	ofCompany map[domain.CompanyID]int
}

func newSlots() *slots { return &slots{ofCompany: map[domain.CompanyID]int{}} }

// take takes a slot, which release gives back, unless all are taken.
func (s *slots) take(company domain.CompanyID) (release func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == maxUploads || s.ofCompany[company] == maxUploadsOfCompany {
		return nil, false
	}
	s.taken++
	s.ofCompany[company]++
	return func() { s.release(company) }, true
}

func (s *slots) release(company domain.CompanyID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.ofCompany[company]--; s.ofCompany[company] == 0 {
		delete(s.ofCompany, company)
	}
}
