package store

// SetFlooded notes until when Telegram lets the account write to nobody new, in Unix seconds.
func (t *Tx) SetFlooded(until int64) error {
	return t.exec(`INSERT INTO floods (connection, until) VALUES ($1, $2) ON CONFLICT (connection) DO UPDATE SET until = excluded.until`, until)
}

// Flooded returns until when; zero: it never was.
func (t *Tx) Flooded() (until int64, err error) {
	_, err = t.one(`SELECT until FROM floods WHERE connection = $1`, nil, []any{&until})
	return until, err
}

// Met reports whether messages passed in a chat.
func (t *Tx) Met(chat int64) (met bool, err error) {
	_, err = t.one(`SELECT true FROM seen WHERE connection = $1 AND chat = $2 LIMIT 1`, []any{chat}, []any{&met})
	return met, err
}
