package api

import (
	"net/http/httptest"
	"testing"

	"recado/domain"
)

func TestEventSchemasAreServedWithoutAKey(t *testing.T) {
	s := newServer(t, archive())
	for _, typ := range domain.EventTypes {
		answer := httptest.NewRecorder()
		s.router.ServeHTTP(answer, httptest.NewRequest("GET", "/v1/event-schemas/"+string(typ)+".json", nil))
		if want := `{"title":"` + string(typ) + `"}`; answer.Code != 200 || answer.Body.String() != want || answer.Header().Get("Content-Type") != "application/schema+json" {
			t.Errorf("%s: %d %s", typ, answer.Code, answer.Body)
		}
	}
	answer := httptest.NewRecorder()
	s.router.ServeHTTP(answer, httptest.NewRequest("GET", "/v1/event-schemas/message.invented.json", nil))
	if answer.Code != 404 || answer.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("a type that is none: %d %s", answer.Code, answer.Body)
	}
}
