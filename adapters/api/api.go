// Package api is the REST API for CRMs and pages, under /v1.
//
// Each call is one method, in the file of its noun. A middleware authenticates
// the employee before the call, and one table turns every error into a problem
// (RFC 9457) after it. Huma generates the OpenAPI document from the types that
// the calls take and return.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humahttprouter"
	"github.com/julienschmidt/httprouter"
	"golang.org/x/time/rate"

	"recado/adapters/command"
	"recado/adapters/feed"
	"recado/adapters/transfer"
	"recado/domain"
	"recado/metrics"
)

// A Store is the part of domain.Store that the API uses.
type Store interface {
	domain.Applier
	domain.ChatReader
	Media(ctx context.Context, company domain.CompanyID, id domain.MediaID) (domain.StoredMedia, error) // see domain.MediaCatalog
	domain.CompanySettings
	domain.DeliveryLog
	domain.Feed
	domain.Replays

	// Employee and Connection are those of domain.Lookup, Endpoint that of
	// domain.Callbacks, CountBulk that of domain.Outbox.
	Employee(ctx context.Context, apiKey domain.Secret) (domain.Employee, error)
	Connection(ctx context.Context, id domain.ConnectionID) (domain.Connection, error)
	Endpoint(ctx context.Context, id domain.EndpointID) (domain.Endpoint, error)
	CountBulk(ctx context.Context, id domain.ConnectionID) (int, error)

	// MediaList is that of domain.MediaCatalog.
	MediaList(ctx context.Context, company domain.CompanyID, ids []domain.MediaID) (map[domain.MediaID]domain.StoredMedia, error)
}

// Config holds what an API depends on. Every field but Stop is required.
type Config struct {
	Store   Store
	Hint    func(domain.Lane) // tells the workers that a lane has work; must not block
	NewID   func() string     // returns 26 characters that were never used before; see domain.ID
	Now     func() time.Time
	Metrics *metrics.Metrics
	Log     *slog.Logger

	// Connectors say how much each messenger takes, and show peers who writes.
	Connectors map[domain.Kind]domain.Connector

	Files *transfer.Service
	Feed  *feed.Feed      // wakes calls that wait
	Stop  <-chan struct{} // closed when the server stops: calls that wait are answered

	// Deliver posts events to an endpoint in one call, as the worker does.
	Deliver func(context.Context, domain.Endpoint, []domain.Delivery) []domain.Try

	// FailureTable lists, for each kind, what the messenger's answers mean.
	FailureTable map[domain.Kind][]domain.FailureRow

	// Pace says for each kind how fast the messenger lets a connection send.
	Pace map[domain.Kind]domain.Pace

	// EventSchema returns the JSON Schema of a type of events, or ErrNotFound.
	EventSchema func(domain.EventType) ([]byte, error)
}

// An API serves the calls under /v1.
type API struct {
	Config
	commands   command.Commands
	courtesies *courtesies
	heartbeat  time.Duration // see feed.Heartbeat
	recheckKey time.Duration // see recheckKey

	outages rate.Sometimes // logs one of the errors of a store that is away

	callers     *cache[domain.Secret, domain.Employee]
	connections *cache[domain.ConnectionID, domain.Connection]
	queues      *cache[domain.ConnectionID, queue]
}

// New returns an API over the Config.
func New(c Config) *API {
	configureHuma()
	a := &API{
		Config: c, commands: command.Commands{Store: c.Store, Hint: c.Hint, Now: c.Now, Metrics: c.Metrics}, courtesies: newCourtesies(),
		heartbeat: feed.Heartbeat, recheckKey: recheckKey, outages: rate.Sometimes{Interval: time.Minute},
	}
	a.callers = newCache(c.Store.Employee)
	a.connections = newCache(c.Store.Connection)
	a.queues = newCache(a.queueOf)
	return a
}

// configureHuma sets two global variables of huma: errors are problems, and field
// names are case-sensitive. Without the second a field that is given twice, once
// in capitals, would pass unchecked.
var configureHuma = sync.OnceFunc(func() {
	huma.NewError = newProblem
	huma.ValidateStrictCasing = true
})

// Register adds the calls to the router. Requests under /v1 that match no call
// get a problem; elsewhere the router's own answers stay.
func (a *API) Register(router *httprouter.Router) {
	h := humahttprouter.New(router, config())
	h.UseMiddleware(a.recoverPanics, bound, a.authenticate)
	a.registerChats(h)
	a.registerCommands(h)
	a.registerMessages(h)
	a.registerSend(h)
	a.registerActions(h)
	a.registerCourtesies(h)
	a.registerSubscriptions(h)
	a.registerConnections(h)
	a.registerEndpoints(h)
	a.registerDeliveries(h)
	a.registerEmployees(h)
	a.registerFailures(h)
	a.registerMedia(h)
	a.registerEvents(h)
	a.registerReplays(h)
	dropAdditionalProperties(h.OpenAPI().Components.Schemas)
	serveDocument(router, "/v1/openapi.json", "application/openapi+json", func() ([]byte, error) { return json.Marshal(h.OpenAPI()) })
	a.serveEventSchemas(router)
	router.NotFound = underV1(http.StatusNotFound, router.NotFound, http.NotFound)
	router.MethodNotAllowed = underV1(http.StatusMethodNotAllowed, router.MethodNotAllowed, methodNotAllowed)
}

func config() huma.Config {
	c := huma.DefaultConfig("Recado", "1")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil                         // no $schema in answers
	c.AllowAdditionalPropertiesByDefault = true // answers may gain fields; each request body sets it to false itself
	text := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	c.RejectUnknownQueryParameters = true                                      // a misspelt filter would list everything
	c.Formats = map[string]huma.Format{"application/json": text, "json": text} // "json" covers the media types that end in +json
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"api_key": {Type: "http", Scheme: "bearer", Description: "An employee's API key."},
	}
	c.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[json.Number](), reflect.TypeFor[float64]())
	c.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[json.RawMessage](), reflect.TypeFor[any]())
	c.Security = []map[string][]string{{"api_key": {}}}
	return c
}

// unmarshal rejects invalid UTF-8, which encoding/json would replace silently.
// Its errors name no Go type.
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

// bodyErrors lists the statuses of a call whose body cannot be read.
var bodyErrors = []int{http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}

// register adds a call. The caller is an authenticated employee.
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

// requireRight limits a call to employees who have the right.
func requireRight[I, O any](
	right domain.Right, call func(context.Context, domain.Employee, *I) (*O, error),
) func(context.Context, domain.Employee, *I) (*O, error) {
	return func(ctx context.Context, e domain.Employee, in *I) (*O, error) {
		if !e.Granted().May(right) {
			return nil, domain.ErrForbidden
		}
		return call(ctx, e, in)
	}
}

// dropAdditionalProperties removes "additionalProperties: true" from the schemas.
// True is the default, and where it is explicit, generated clients collect unknown
// fields in a map.
func dropAdditionalProperties(schemas huma.Registry) {
	for _, s := range schemas.Map() {
		if s.AdditionalProperties == true {
			s.AdditionalProperties = nil
		}
	}
}

// serveDocument serves a document without authentication. It is written once, for the
// first who reads it: most processes end before anybody does.
func serveDocument(router *httprouter.Router, path, contentType string, write func() ([]byte, error)) {
	text := sync.OnceValue(func() []byte {
		text, err := write()
		if err != nil { // a mistake in this package
			panic(fmt.Sprintf("api: %s: %v", path, err))
		}
		return text
	})
	router.GET(path, func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
		w.Header().Set("Content-Type", contentType)
		w.Write(text())
	})
}
