package gateway

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"recado/cmd/recado-telegram/mtproto"
)

// steps are the steps of a login, by their names in the path.
var steps = map[string]func(ctx context.Context, a *Account, word string) (answer map[string]any, err error){
	"login": func(ctx context.Context, a *Account, phone string) (map[string]any, error) {
		return nil, a.Login(ctx, phone)
	},
	"code": func(ctx context.Context, a *Account, code string) (map[string]any, error) {
		return nil, a.Code(ctx, code)
	},
	"secret": func(ctx context.Context, a *Account, word string) (map[string]any, error) {
		return nil, a.Password(ctx, word)
	},
	"qr": func(ctx context.Context, a *Account, _ string) (map[string]any, error) {
		token, err := a.QR(ctx)
		if err != nil {
			return nil, err
		}
		return map[string]any{"url": token.URL(), "expires": token.Expires().Unix()}, nil
	},
	"logout": func(ctx context.Context, a *Account, _ string) (map[string]any, error) { return nil, a.Logout(ctx) },
	"status": func(_ context.Context, a *Account, _ string) (map[string]any, error) { return nil, a.Refusal() },
}

// Internal serves logins and metrics. It must be reached by the operator only: who
// reaches it can log an account in.
func (g *Gateway) Internal() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /accounts/{connection}/{step}", g.step)
	mux.HandleFunc("GET /accounts", g.list)
	mux.HandleFunc("GET /metrics", g.metricsPage)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	return mux
}

// step does a step of a login. The body is its word; the answer says how the account
// fares then.
func (g *Gateway) step(w http.ResponseWriter, r *http.Request) {
	do, known := steps[r.PathValue("step")]
	var a *Account
	for i := range g.accounts {
		if g.accounts[i].Connection == r.PathValue("connection") {
			a = &g.accounts[i]
		}
	}
	if !known || a == nil {
		writeError(w, &mtproto.Error{Code: http.StatusNotFound, Type: "ACCOUNT_NOT_FOUND"})
		return
	}
	var word struct{ Word string }
	if err := json.NewDecoder(io.LimitReader(r.Body, maxField)).Decode(&word); err != nil {
		writeError(w, &mtproto.Error{Code: http.StatusBadRequest, Type: "PARAMETERS_INVALID"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
	defer cancel()
	answer, err := do(ctx, a, word.Word)
	if err != nil {
		writeError(w, mtproto.ErrorOf(err))
		return
	}
	s, err := a.Status(ctx)
	if err != nil {
		writeError(w, mtproto.ErrorOf(err))
		return
	}
	if answer == nil {
		answer = map[string]any{}
	}
	answer["status"], answer["reason"] = s.Status, s.Reason
	writeJSON(w, http.StatusOK, map[string]any{"ok": true, "result": answer})
}

// list says of every account how it fares.
func (g *Gateway) list(w http.ResponseWriter, r *http.Request) {
	all := []map[string]any{}
	for i := range g.accounts {
		a := &g.accounts[i]
		fares, failed := info(r.Context(), a)
		if failed != nil {
			writeError(w, failed)
			return
		}
		all = append(all, map[string]any{"connection": a.Connection, "account": fares})
	}
	writeJSON(w, http.StatusOK, map[string]any{"ok": true, "result": all})
}
