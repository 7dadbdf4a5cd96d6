package wire

import (
	"fmt"
	"slices"

	"recado/domain"
)

// CheckOutgoing returns the result of a message that a connection of the kind cannot
// send, or that lacks what its type needs; nil: it can be sent.
func CheckOutgoing(k domain.Kind, m domain.Outgoing) *domain.SendResult {
	var missing string
	content := m.Content
	if content == nil {
		content = &domain.Content{}
	}
	switch {
	case !k.Traits().CanSend(m.Type):
		r := NotSent("type", fmt.Sprintf("messages of type %s cannot be sent; only %s can", m.Type, domain.Join(k.Traits().Sends)))
		return &r
	case slices.Contains(domain.FileTypes, m.Type) && m.Media == nil:
		missing = "file"
	case m.Type == domain.TypeTemplate && m.Template == nil:
		missing = "template"
	case m.Type == domain.TypeLocation && content.Location == nil:
		missing = "location"
	case m.Type == domain.TypeContacts && len(content.Contacts) == 0:
		missing = "contact"
	case m.Type == domain.TypeInteractive && content.Interactive == nil:
		missing = "choice"
	case slices.Contains(domain.ActionTypes, m.Type) && m.Target == "":
		missing = "message to act on"
	default:
		return nil
	}
	r := NotSent("type", fmt.Sprintf("messages of type %s need a %s", m.Type, missing))
	return &r
}
