package waba_test

import (
	"net/http"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waba"
	"recado/adapters/messenger/waba/wabatest"
	"recado/domain"
)

var hook = domain.Settings{
	"app_secret": "app secret", "previous_app_secret": "former app secret",
	"verify_token": "verify token", "previous_verify_token": "former verify token",
}

func connection(baseURL string) domain.Connection {
	return domain.Connection{
		ID: "waba-1", Kind: domain.WABA, Hook: "acme-meta", Account: "106540352242922",
		Settings: domain.Settings{
			"phone_number_id": "106540352242922", "access_token": "EAAJB-token-of-acme", "base_url": domain.Secret(baseURL),
		},
	}
}

func TestConnector(t *testing.T) {
	connectortest.Run(t, connectortest.Suite{
		Kind: domain.WABA,
		New:  func(client *http.Client) domain.Connector { return waba.New(client, nil) },
		Hook: hook, Current: "app_secret", Previous: "previous_app_secret",
		Sign: func(secret domain.Secret, body []byte) http.Header {
			return http.Header{wabatest.SignatureHeader: {wabatest.Sign(string(secret), body)}}
		},
		Connection: connection,
		Accepted: connectortest.Reply{Status: 200, Body: `{"messaging_product":"whatsapp",
			"contacts":[{"input":"+16505551234","wa_id":"16505551234"}],"messages":[{"id":"wamid.taken","message_status":"accepted"}]}`},
		AcceptedID: "wamid.taken",
		Refused: func(words string) connectortest.Reply {
			return metaSays(400, 190, words)
		},
		Uploaded: func(domain.MessageType) connectortest.Reply {
			return connectortest.Reply{Status: 200, Body: `{"id":"1013859600285441"}`}
		},
		Forgotten:    metaSays(400, 100, "(#100) Param image['id'] is not a valid whatsapp business account media attachment ID"),
		UploadsApart: true,
		WhereIs: func(server string) connectortest.Reply {
			return connectortest.Reply{Status: 200, Body: `{"url":"` + server + `/whatsapp_business/attachments/?mid=1","mime_type":"image/png","id":"1"}`}
		},
		FilePath: "/whatsapp_business/attachments/", NamesHost: true,
		FailureTable: answers,
		Shape:        shape,
	})
}
