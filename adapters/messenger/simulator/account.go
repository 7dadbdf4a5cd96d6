package simulator

import (
	"crypto/subtle"
	"fmt"

	"recado/domain"
)

// An account is a number of Meta or a bot of Telegram.
type account struct {
	kind   domain.Kind
	name   string        // a number's phone_number_id, a bot's connection
	token  domain.Secret // what a sender must show
	secret domain.Secret // of its webhooks
	outbox *outbox
	phone  string // of a number, as people write it
	bot    int64  // of a bot: its id

	updates int64 // of a bot: the last update_id; guarded by the Simulator's mu
}

func (s *Simulator) newAccount(kind domain.Kind, name string, token, secret domain.Secret, o *outbox) *account {
	dice := s.dice("account", string(kind), name)
	return &account{
		kind: kind, name: name, token: token, secret: secret, outbox: o,
		phone:   fmt.Sprintf("1555%07d", dice.IntN(1e7)),
		bot:     1e9 + dice.Int64N(6e9),
		updates: 1e8 + dice.Int64N(8e8),
	}
}

// accepts tells whether who shows the token may use the account.
func (a *account) accepts(token string) bool {
	return subtle.ConstantTimeCompare([]byte(a.token), []byte(token)) == 1
}

// play is what a habit is here.
func (a *account) play(h *Habit) play {
	if a.kind == domain.WABA {
		return h.whatsapp
	}
	return h.telegram
}

// words say what a habit is here.
func (a *account) words(h *Habit) string {
	if a.kind == domain.WABA {
		return h.WhatsApp
	}
	return h.Telegram
}
