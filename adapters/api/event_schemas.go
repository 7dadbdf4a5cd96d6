package api

import (
	"github.com/julienschmidt/httprouter"

	"recado/domain"
)

// serveEventSchemas serves /v1/event-schemas/{type}.json without authentication.
func (a *API) serveEventSchemas(router *httprouter.Router) {
	for _, typ := range domain.EventTypes {
		path := "/v1/event-schemas/" + string(typ) + ".json"
		serveDocument(router, path, "application/schema+json", func() ([]byte, error) { return a.EventSchema(typ) })
	}
}
