package domain

// A Right is something that an employee may do.
type Right string

// The rights. Their names are documented; roles of a company list them.
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

// roles holds the rights of the roles that have a name of their own; every other
// role is the list of rights that its employee has.
var roles = map[string]Rights{
	RoleOwner:         AllRights,
	RoleAdministrator: AllRights,
	RoleManager:       {ReadChats, WriteChats},
}

// Rights is what somebody may do. None: nothing.
type Rights []Right

// May reports whether the right is among them.
func (r Rights) May(right Right) bool {
	for _, has := range r {
		if has == right {
			return true
		}
	}
	return false
}

// Granted returns what the employee may do, by his role.
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
