package connectortest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"recado/domain"
)

// EachSample sends a message of each type that the messenger takes, so that its
// requests can be compared with the maker's description. Serve answers them.
func EachSample(t *testing.T, c domain.Connector, conn func(baseURL string) domain.Connection, serve func(typ domain.MessageType) http.HandlerFunc) {
	kind := conn("").Kind
	for _, typ := range kind.Traits().Sends {
		t.Run(string(typ), func(t *testing.T) {
			server := httptest.NewServer(serve(typ))
			defer server.Close()
			if a := c.Send(t.Context(), conn(server.URL), sample(typ)); a.Fate != domain.FateAccepted {
				t.Errorf("Send = %+v", a)
			}
		})
	}
}
