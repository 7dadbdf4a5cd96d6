package domain

// A Registry is all that an operator declares in one file of `apply`. Its secrets
// are in clear; the store seals them.
type Registry struct {
	Hooks         []Hook
	Companies     []Company
	Subscriptions []Subscription
	Connections   []Connection
	Employees     []Employee
	APIKeys       map[EmployeeID]Secret // stored hashed; an employee without an entry keeps the present key
	Revoked       []EmployeeID          // the keys of these are deleted, if there are any
	Endpoints     []Endpoint

	// MovedFrom names, for a connection, the one that had its account before and ends.
	MovedFrom map[ConnectionID]ConnectionID

	// ConnectionSettings lists the settings of each kind of connection. Declare refuses
	// two connections with one IdentityOf.
	ConnectionSettings map[Kind][]Setting

	// Complete: it names all there is, and what it leaves out ends.
	Complete bool
}
