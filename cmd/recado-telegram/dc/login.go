package dc

import (
	"context"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
	"github.com/gotd/td/tgtest"
)

// Protect gives the account a password. Any password is right: to prove one is gotd's part.
func (w *World) Protect() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.protected = true
}

// Scan lets the owner of an account scan the QR code.
func (w *World) Scan(account int64) {
	w.mu.Lock()
	w.scanned = account
	to := w.waiting
	w.mu.Unlock()
	for _, s := range to {
		_ = w.server.Send(context.Background(), s, tgtest.MessageFromServer, // who is gone asks again
			&tg.UpdateShort{Update: &tg.UpdateLoginToken{}, Date: int(time.Now().Unix())})
	}
}

func (*World) sendCode(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.AuthSendCodeRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	return &tg.AuthSentCode{PhoneCodeHash: "hash", Type: &tg.AuthSentCodeTypeApp{Length: 5}, Timeout: 60}, nil
}

func (w *World) signIn(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.AuthSignInRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	w.mu.Lock()
	protected := w.protected
	w.mu.Unlock()
	switch {
	case r.PhoneCode != Code:
		return nil, tgerr.New(400, "PHONE_CODE_INVALID")
	case protected:
		return nil, tgerr.New(401, "SESSION_PASSWORD_NEEDED")
	}
	account := Self
	if r.PhoneNumber == SecondPhone {
		account = Second
	}
	return w.enter(req, account), nil
}

// enter logs a key in.
func (w *World) enter(req *tgtest.Request, account int64) *tg.AuthAuthorization {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys[req.Session.AuthKey.ID] = account
	w.sessions[req.Session.ID] = req.Session
	return &tg.AuthAuthorization{User: itself(account)}
}

// LoggedIn reports whether somebody is logged in as the account.
func (w *World) LoggedIn(account int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(slices.Collect(maps.Values(w.keys)), account)
}

func (w *World) exportToken(req *tgtest.Request) (bin.Encoder, error) {
	w.mu.Lock()
	scanned, protected := w.scanned, w.protected
	w.waiting[req.Session.ID] = req.Session
	w.mu.Unlock()
	switch {
	case scanned != 0 && protected:
		return nil, tgerr.New(401, "SESSION_PASSWORD_NEEDED")
	case scanned != 0:
		return &tg.AuthLoginTokenSuccess{Authorization: w.enter(req, scanned)}, nil
	}
	return &tg.AuthLoginToken{Token: []byte("a token"), Expires: int(time.Now().Add(30 * time.Second).Unix())}, nil
}

// prime is the one that Telegram uses.
const prime = "C71CAEB9C6B1C9048E6C522F70F13F73980D40238E3E21C14934D037563D930F" +
	"48198A0AA7C14058229493D22530F4DBFA336F6E0AC925139543AED44CCE7C37" +
	"20FD51F69458705AC68CD4FE6B6B13ABDC9746512969328454F18FAF8C595F64" +
	"2477FE96BB2A941D5BCD1D4AC8CC49880708FA9B378E3C4F3A9060BEE67CF9A4" +
	"A4A695811051907E162753B56B0F6B410DBA74D8A84B2A14B3144E0EF1284754" +
	"FD17ED950D5965B4B9DD46582DB1178D169C6BC465B0D6FF9CA3928FEF5B9AE4" +
	"E418FC15E83EBEA0F87FA9FF5EED70050DED2849F47BF959D956850CE929851F" +
	"0D8115F635B105EE2E4E15D04B2454BF6F4FADF034B10403119CD8E3B92FCC5B"

func passwordOf(*tgtest.Request) (bin.Encoder, error) {
	p, err := hex.DecodeString(prime)
	if err != nil {
		return nil, err
	}
	algorithm := &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{Salt1: []byte("salt 1"), Salt2: []byte("salt 2"), G: 3, P: p}
	b := make([]byte, len(p))
	b[len(b)-1], b[0] = 7, 1
	answer := &tg.AccountPassword{
		HasPassword: true, SRPB: b, SRPID: 1, NewAlgo: algorithm, SecureRandom: []byte("random"),
		NewSecureAlgo: &tg.SecurePasswordKdfAlgoUnknown{},
	}
	answer.SetCurrentAlgo(algorithm)
	answer.SetSRPB(b)
	answer.SetSRPID(1)
	return answer, nil
}

func (w *World) checkPassword(req *tgtest.Request) (bin.Encoder, error) {
	return w.enter(req, Self), nil
}
