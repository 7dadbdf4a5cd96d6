// Package api is the REST API for CRMs and pages, under /v1.
//
// Each call is one function of a noun's file; who asks is found before it, and
// every error becomes a problem (RFC 9457) after it, by one table. The OpenAPI
// document is generated from the same types that the calls take and give.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humahttprouter"
	"github.com/julienschmidt/httprouter"

	"recado/domain"
	"recado/metrics"
)

// A Store is what the API needs of a store.
type Store interface {
	domain.Applier
	domain.ChatReader
	domain.CompanySettings

	// Employee and Connection are those of domain.Directory.
	Employee(ctx context.Context, apiKey domain.Secret) (domain.Employee, error)
	Connection(ctx context.Context, id domain.ConnectionID) (domain.Connection, error)
}

// Config is what an API stands on. Every field is needed.
type Config struct {
	Store   Store
	Hint    func(domain.Lane) // tells the workers that a lane has work; must not block
	NewID   func() string     // 26 characters that nothing was named by yet; see domain.ID
	Now     func() time.Time
	Metrics *metrics.Metrics
	Log     *slog.Logger

	// FailureTable lists, for each kind, what the messenger's answers mean.
	FailureTable map[domain.Kind][]domain.FailureRow
}

// An API answers the calls under /v1.
type API struct{ Config }

// New returns an API that answers by the Config.
func New(c Config) *API {
	ruleHuma()
	return &API{c}
}

// ruleHuma sets the two variables by which huma is told how errors look and
// that the names of fields are taken literally. Without the second a field
// given twice, once in capitals, would pass unchecked.
var ruleHuma = sync.OnceFunc(func() {
	huma.NewError = newProblem
	huma.ValidateStrictCasing = true
})

// Register adds the calls to the router, and answers with problems what the
// router finds no call for under /v1; elsewhere its own answers stay.
func (a *API) Register(router *httprouter.Router) {
	h := humahttprouter.New(router, config())
	h.UseMiddleware(a.recovered, a.authenticated)
	a.registerChats(h)
	a.registerCommands(h)
	a.registerMessages(h)
	a.registerSend(h)
	a.registerSubscriptions(h)
	a.registerConnections(h)
	a.registerEmployees(h)
	a.registerFailures(h)
	leaveUnsaid(h.OpenAPI().Components.Schemas)
	serveDocument(router, h.OpenAPI())
	router.NotFound = underV1(http.StatusNotFound, router.NotFound, http.NotFound)
	router.MethodNotAllowed = underV1(http.StatusMethodNotAllowed, router.MethodNotAllowed, methodNotAllowed)
}

func config() huma.Config {
	c := huma.DefaultConfig("Recado", "1")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil                         // no $schema in answers
	c.AllowAdditionalPropertiesByDefault = true // answers may grow; each body of a request says false itself
	text := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	c.Formats = map[string]huma.Format{"application/json": text, "json": text} // the second: what ends in +json
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"api_key": {Type: "http", Scheme: "bearer", Description: "An employee's API key."},
	}
	c.Security = []map[string][]string{{"api_key": {}}}
	return c
}

// unmarshal refuses what encoding/json would mend silently, and names no type of
// ours in its errors.
func unmarshal(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("the body is not UTF-8; send it as UTF-8")
	}
	err := json.Unmarshal(data, v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("expected %s to be a whole number without an exponent", wrong.Field) // the schema lets nothing else through
	}
	return err
}

// withBody lists how a call can fail because of its body, beyond what is wrong in it.
var withBody = []int{http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}

// register adds a call that is made by an employee.
func register[I, O any](a *API, h huma.API, op huma.Operation, call func(context.Context, domain.Employee, *I) (*O, error)) {
	op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)
	huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := call(ctx, caller(ctx), in)
		if err != nil {
			return nil, a.problem(op.OperationID, err)
		}
		return out, nil
	})
}

// holding makes a call one for employees who hold the right.
func holding[I, O any](
	right domain.Right, call func(context.Context, domain.Employee, *I) (*O, error),
) func(context.Context, domain.Employee, *I) (*O, error) {
	return func(ctx context.Context, e domain.Employee, in *I) (*O, error) {
		if !e.Granted().May(right) {
			return nil, domain.ErrForbidden
		}
		return call(ctx, e, in)
	}
}

// leaveUnsaid takes from the document that answers may grow. That holds without a
// word, and said aloud it makes generated clients keep what they do not know.
func leaveUnsaid(schemas huma.Registry) {
	for _, s := range schemas.Map() {
		if s.AdditionalProperties == true {
			s.AdditionalProperties = nil
		}
	}
}

// serveDocument answers /v1/openapi.json, to everyone. A document that cannot be
// written is a mistake in this package: it stops the start.
func serveDocument(router *httprouter.Router, document *huma.OpenAPI) {
	text, err := json.Marshal(document)
	if err != nil {
		panic(fmt.Sprintf("api: OpenAPI document: %v", err))
	}
	router.GET("/v1/openapi.json", func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Write(text)
	})
}
