package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humahttprouter"
)

// recoverPanics logs a panic and answers with a problem, unless an answer has begun.
func (a *API) recoverPanics(ctx huma.Context, next func(huma.Context)) {
	defer func() {
		p := recover()
		err, _ := p.(error)
		switch {
		case p == nil:
		case errors.Is(err, http.ErrAbortHandler):
			panic(p)
		default:
			a.Log.Error("request failed", "operation", ctx.Operation().OperationID,
				"err", fmt.Errorf("panic: %v", p), "stack", string(debug.Stack()))
			if ctx.Status() == 0 { // no answer has begun
				_, w, _ := humahttprouter.Unwrap(ctx)
				internal().write(w)
			}
		}
	}()
	next(ctx)
}

// callTimeout bounds what one call asks of the store, so that no read holds a
// connection of the database for longer.
const callTimeout = 15 * time.Second

// bound gives a call its time.
func bound(ctx huma.Context, next func(huma.Context)) {
	limited, cancel := context.WithTimeout(ctx.Context(), callTimeout)
	defer cancel()
	next(huma.WithContext(ctx, limited))
}

// underV1 answers with a problem under /v1, and with the previous handler elsewhere.
func underV1(status int, previous http.Handler, standard http.HandlerFunc) http.Handler {
	if previous == nil {
		previous = standard
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1" && !strings.HasPrefix(r.URL.Path, "/v1/") {
			previous.ServeHTTP(w, r)
			return
		}
		p := &problem{Title: http.StatusText(status), Status: status, Code: codes[status], Detail: "No such call in this API."}
		p.write(w)
	})
}

func methodNotAllowed(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
}
