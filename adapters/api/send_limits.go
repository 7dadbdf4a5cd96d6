package api

import (
	"context"
	"errors"
	"fmt"

	"recado/domain"
)

// checkLimits refuses a message that is longer or bigger than its messenger takes. What
// every messenger takes is not looked at any closer, which most messages are.
func (a *API) checkLimits(ctx context.Context, e domain.Employee, s sending, f domain.SendRequested, file *domain.StoredMedia) error {
	if a.fitsAll(f, file) {
		return nil
	}
	k, err := a.kindOf(ctx, e, s)
	if err != nil {
		return err
	}
	if l, ok := domain.LimitOf(a.Connectors[k], f.Type); ok {
		return excess(k, l.Check(f, file))
	}
	return nil
}

func (a *API) fitsAll(f domain.SendRequested, file *domain.StoredMedia) bool {
	for _, c := range a.Connectors {
		if l, ok := domain.LimitOf(c, f.Type); ok && l.Check(f, file) != nil {
			return false
		}
	}
	return true
}

// kindOf returns the kind of connection over which a message is to be sent.
func (a *API) kindOf(ctx context.Context, e domain.Employee, s sending) (domain.Kind, error) {
	if s.Chat != "" {
		c, err := a.Store.Chat(ctx, e.Company, s.Chat)
		return c.Kind, err
	}
	c, err := a.Store.Connection(ctx, s.Connection)
	return c.Kind, err
}

// excess is the problem of a message that does not fit; nil: it does.
func excess(k domain.Kind, e *domain.Excess) error {
	if e == nil {
		return nil
	}
	p := invalid(fmt.Sprintf("%s takes %s.", k.Traits().Name, e.Limit), fieldError{"body." + e.Field, "expected " + e.Limit})
	p.Code = e.Code.Error()
	return p
}

// explainType says, where a type cannot be sent over the connection, over which it can.
func explainType(err error, t domain.MessageType) error {
	if !errors.Is(err, domain.ErrUnsupportedType) {
		return err
	}
	p := invalid(fmt.Sprintf("This connection cannot send the type %s; these kinds can: %s.", t, domain.Join(domain.KindsThatSend(t))))
	p.Code = domain.ErrUnsupportedType.Error()
	return p
}
