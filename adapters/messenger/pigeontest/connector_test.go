package pigeontest_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/pigeontest"
	"recado/domain"
)

func TestMain(m *testing.M) {
	domain.Messengers = append(domain.Messengers, pigeontest.Traits)
	os.Exit(m.Run())
}

func TestConnector(t *testing.T) {
	connectortest.Run(t, connectortest.Suite{
		Kind: pigeontest.Kind,
		New:  func(client *http.Client) domain.Connector { return pigeontest.New(client) },
		Hook: domain.Settings{"token": "a-token"}, Current: "token",
		Sign: pigeontest.Sign,
		Connection: func(baseURL string) domain.Connection {
			return domain.Connection{ID: "pigeon-1", Kind: pigeontest.Kind, Hook: "pigeon-1", Settings: domain.Settings{
				"token": "a-token", "base_url": domain.Secret(baseURL),
			}}
		},
		Accepted:   connectortest.Reply{Status: 200, Body: `{"id":"ring-1"}`},
		AcceptedID: "ring-1",
		Refused: func(words string) connectortest.Reply {
			return connectortest.Reply{Status: 400, Body: fmt.Sprintf(`{"error":%q}`, words)}
		},
		Shape: func(_ *testing.T, row string) connectortest.Reply {
			return connectortest.Reply{Status: 400, Body: fmt.Sprintf(`{"error":%q}`, row)}
		},
	})
}
