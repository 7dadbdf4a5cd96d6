package mtproto

import (
	"context"
	"net/http"
	"time"

	"github.com/gotd/td/tgerr"

	"recado/cmd/recado-telegram/store"
)

// typeFlood is Telegram's word for an account that writes to too many strangers. To write
// to more of them would end in a ban.
const typeFlood = "PEER_FLOOD"

// floodRest is how long the account writes to nobody new then.
const floodRest = 24 * time.Hour

// allowed refuses a message to somebody new while the account rests.
func (a *Account) allowed(ctx context.Context, name string) error {
	var until int64
	err := a.update(ctx, func(t *store.Tx) (err error) { until, err = t.Flooded(); return err })
	if err != nil || time.Now().Unix() >= until {
		return err
	}
	peer, met, err := a.known(ctx, name)
	if err == nil && met {
		err = a.update(ctx, func(t *store.Tx) (err error) { met, err = t.Met(peer.Chat); return err })
	}
	if err == nil && !met {
		err = refused(http.StatusBadRequest, typeFlood)
	}
	return err
}

// flooded notes that Telegram wants the account to rest.
func (a *Account) flooded(ctx context.Context, err error) error {
	if !tgerr.Is(err, typeFlood) {
		return nil
	}
	return a.update(ctx, func(t *store.Tx) error { return t.SetFlooded(time.Now().Add(floodRest).Unix()) })
}
