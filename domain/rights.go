package domain

// A Right allows an employee one kind of action.
type Right string

// The rights. Their names are documented; an operator writes them in `apply`.
const (
	ReadChats           Right = "chats.read"
	WriteChats          Right = "chats.write"
	BlacklistChats      Right = "chats.blacklist"
	ManageSubscriptions Right = "subscriptions.manage"
	ManageSettings      Right = "settings.manage"
)

// AllRights lists every Right.
var AllRights = Rights{ReadChats, WriteChats, BlacklistChats, ManageSubscriptions, ManageSettings}

// The roles that a company may give to its employees.
const (
	RoleOwner         = "owner"
	RoleAdministrator = "administrator"
	RoleManager       = "manager"
	RoleCustom        = "custom" // the employee's own list of rights
)

// Roles lists the roles.
var Roles = []string{RoleOwner, RoleAdministrator, RoleManager, RoleCustom}

// roles holds the rights of the roles that have any. An employee with another
// role has the rights in Employee.Rights.
var roles = map[string]Rights{
	RoleOwner:         AllRights,
	RoleAdministrator: AllRights,
	RoleManager:       {ReadChats, WriteChats},
}

// Rights is what a caller may do; nil: nothing.
type Rights []Right

// May reports whether the right is one of them.
func (r Rights) May(right Right) bool {
	for _, has := range r {
		if has == right {
			return true
		}
	}
	return false
}

// Include reports whether every one of the other rights is one of them.
func (r Rights) Include(others Rights) bool {
	for _, right := range others {
		if !r.May(right) {
			return false
		}
	}
	return true
}
