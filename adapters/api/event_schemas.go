package api

import (
	"fmt"
	"net/http"

	"github.com/julienschmidt/httprouter"

	"recado/domain"
)

// serveEventSchemas serves /v1/event-schemas/{type}.json without authentication.
// It panics if a schema cannot be made, which is a mistake of the program.
func (a *API) serveEventSchemas(router *httprouter.Router) {
	for _, typ := range domain.EventTypes {
		text, err := a.EventSchema(typ)
		if err != nil {
			panic(fmt.Sprintf("api: schema of events: %v", err))
		}
		router.GET("/v1/event-schemas/"+string(typ)+".json", func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
			w.Header().Set("Content-Type", "application/schema+json")
			w.Write(text)
		})
	}
}
