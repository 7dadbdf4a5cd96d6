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
}
