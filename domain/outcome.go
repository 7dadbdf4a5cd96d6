package domain

// An Outcome is what became of an update.
type Outcome string

// The outcomes.
const (
	Applied   Outcome = "applied"
	Repeated  Outcome = "repeated"  // known already; nothing changed
	Dropped   Outcome = "dropped"   // from a peer on the blacklist; nothing of it is stored
	Late      Outcome = "late"      // something newer is known; nothing changed but times
	Orphan    Outcome = "orphan"    // names a message that is not known yet; stored until it appears
	Ignored   Outcome = "ignored"   // changes nothing that we store
	Parked    Outcome = "parked"    // put aside for a person
	Discarded Outcome = "discarded" // it could not even be put aside; the log names it
)

// Outcomes lists every Outcome.
var Outcomes = []Outcome{Applied, Repeated, Dropped, Late, Orphan, Ignored, Parked, Discarded}
