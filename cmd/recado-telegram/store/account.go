package store

import (
	"context"
	"fmt"
)

// An Account is how an account fares.
type Account struct {
	UserID         int64
	Status, Reason string
	At             int64 // Unix seconds: since when
}

// Account returns how the account fares; one that was never seen is logged out.
func (t *Tx) Account() (a Account, err error) {
	a.Status = "logged_out"
	_, err = t.one(`SELECT user_id, status, reason, at FROM accounts WHERE connection = $1`, nil, []any{&a.UserID, &a.Status, &a.Reason, &a.At})
	return a, err
}

// SetAccount stores how the account fares.
func (t *Tx) SetAccount(a Account) error {
	return t.exec(`INSERT INTO accounts (connection, user_id, status, reason, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (connection) DO UPDATE SET user_id = excluded.user_id, status = excluded.status, reason = excluded.reason, at = excluded.at`,
		a.UserID, a.Status, a.Reason, a.At)
}

// Claim makes the connection that of the user, if it is nobody's yet, and returns whose
// it is. It stays theirs when they are logged out.
func (t *Tx) Claim(user int64) (owner int64, err error) {
	if err := t.exec(`INSERT INTO owners (connection, user_id) VALUES ($1, $2) ON CONFLICT (connection) DO NOTHING`, user); err != nil {
		return 0, err
	}
	_, err = t.one(`SELECT user_id FROM owners WHERE connection = $1`, nil, []any{&owner})
	return owner, err
}

// sessionContext is what a sealed session is bound to.
func sessionContext(connection string) string { return "session/" + connection }

// Session returns the session of the account; nil: it has none.
func (s *Store) Session(ctx context.Context, connection string) (session []byte, err error) {
	var sealed []byte
	err = s.Update(ctx, connection, func(t *Tx) error {
		_, err := t.one(`SELECT session FROM accounts WHERE connection = $1`, nil, []any{&sealed})
		return err
	})
	if err != nil || sealed == nil {
		return nil, err
	}
	return s.seal.Open(sealed, sessionContext(connection))
}

// SetSession stores the session of the account, sealed; nil: it has none any more.
func (s *Store) SetSession(ctx context.Context, connection string, session []byte) error {
	var sealed []byte
	if session != nil {
		var err error
		if sealed, err = s.seal.Seal(session, sessionContext(connection)); err != nil {
			return fmt.Errorf("session: %w", err)
		}
	}
	return s.Update(ctx, connection, func(t *Tx) error {
		return t.exec(`INSERT INTO accounts (connection, session) VALUES ($1, $2) ON CONFLICT (connection) DO UPDATE SET session = excluded.session`, sealed)
	})
}

// A State is the position in Telegram's log of an account.
type State struct{ Pts, Qts, Date, Seq int }

// State returns the position; false: there is none yet.
func (t *Tx) State() (st State, known bool, err error) {
	known, err = t.one(`SELECT pts, qts, date, seq FROM states WHERE connection = $1`, nil, []any{&st.Pts, &st.Qts, &st.Date, &st.Seq})
	return st, known, err
}

// SetState stores the position.
func (t *Tx) SetState(st State) error {
	return t.exec(`INSERT INTO states (connection, pts, qts, date, seq) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (connection) DO UPDATE SET pts = excluded.pts, qts = excluded.qts, date = excluded.date, seq = excluded.seq`,
		st.Pts, st.Qts, st.Date, st.Seq)
}

// Channels returns the positions in the logs of channels.
func (t *Tx) Channels() (map[int64]int, error) {
	rows, err := t.QueryContext(t.ctx, `SELECT channel, pts FROM channels WHERE connection = $1`, t.connection)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	defer rows.Close()
	all := map[int64]int{}
	for rows.Next() {
		var id int64
		var pts int
		if err := rows.Scan(&id, &pts); err != nil {
			return nil, fmt.Errorf("database: %w", err)
		}
		all[id] = pts
	}
	return all, rows.Err()
}

// SetChannel stores the position in the log of a channel.
func (t *Tx) SetChannel(channel int64, pts int) error {
	return t.exec(`INSERT INTO channels (connection, channel, pts) VALUES ($1, $2, $3) ON CONFLICT (connection, channel) DO UPDATE SET pts = excluded.pts`, channel, pts)
}

// Forget removes what belongs to a login that has ended: the session and the positions.
func (s *Store) Forget(ctx context.Context, connection string) error {
	return s.Update(ctx, connection, func(t *Tx) error {
		for _, query := range []string{
			`UPDATE accounts SET session = NULL WHERE connection = $1`, `DELETE FROM states WHERE connection = $1`, `DELETE FROM channels WHERE connection = $1`,
		} {
			if err := t.exec(query); err != nil {
				return err
			}
		}
		return nil
	})
}
