package domain

// A Company is a customer. It sees nothing of another.
type Company struct {
	ID       CompanyID
	Name     string
	TimeZone string // IANA name, for its months and days
}

// An Employee of a company, or a service that acts for it.
type Employee struct {
	ID      EmployeeID
	Company CompanyID
	Name    string
	Role    string   // see Granted
	Rights  []string // of an Employee whose Role has no rights of its own
	Service bool     // its messages have OriginAPI
	HasKey  bool     // set by the store; ignored in a Registry, see APIKeys
}

// Origin returns the origin of the messages that the employee sends.
func (e Employee) Origin() Origin {
	if e.Service {
		return OriginAPI
	}
	return OriginEmployee
}

// Granted returns the rights of the employee, by their role.
func (e Employee) Granted() Rights {
	if granted, named := roles[e.Role]; named {
		return granted
	}
	granted := make(Rights, len(e.Rights))
	for i, r := range e.Rights {
		granted[i] = Right(r)
	}
	return granted
}
