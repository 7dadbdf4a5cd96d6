package waha_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waha"
	"recado/domain"
)

const signatureHeader = "X-Webhook-Hmac"

var hook = domain.Settings{"hmac_key": "key-of-acme", "previous_hmac_key": "former-key"}

func connection(baseURL string) domain.Connection {
	return domain.Connection{
		ID: "wa-1", Kind: domain.WhatsAppBusiness, Hook: "wa-1", Account: "default",
		Settings: domain.Settings{
			"session": "default", "api_key": "api-key-of-acme", "hmac_key": "key-of-acme", "previous_hmac_key": "former-key",
			"base_url": domain.Secret(baseURL),
		},
	}
}

func sign(key domain.Secret, body []byte) http.Header {
	mac := hmac.New(sha512.New, []byte(key))
	mac.Write(body)
	return http.Header{signatureHeader: {hex.EncodeToString(mac.Sum(nil))}}
}

// taken is the answer to a message that WAHA took.
const taken = `{"id":"true_16505551234@c.us_3EB0D41D8CD98F00B204E9","timestamp":1767348000,"from":"34910000001@c.us","fromMe":true,
	"source":"api","to":"16505551234@c.us","body":"Hola","hasMedia":false,"ack":0,"ackName":"PENDING"}`

func TestConnector(t *testing.T) {
	connectortest.Run(t, connectortest.Suite{
		Kind: domain.WhatsAppBusiness,
		New:  func(client *http.Client) domain.Connector { return waha.New(client) },
		Hook: hook, Current: "hmac_key", Previous: "previous_hmac_key",
		Sign:       sign,
		Connection: connection,
		Accepted:   connectortest.Reply{Status: 201, Body: taken},
		AcceptedID: "3EB0D41D8CD98F00B204E9",
		Refused:    func(words string) connectortest.Reply { return badRequest(words) },
		Uploaded:   func(domain.MessageType) connectortest.Reply { return connectortest.Reply{Status: 201, Body: taken} },
		FileIn:     fileIn,
		FileSource: "34600000131@c.us 3AAA01",
		FilePath:   "/api/files/default/3AAA01.png",
		WhereIs: func(string) connectortest.Reply {
			return connectortest.Reply{Status: 200, Body: `{"id":"false_34600000131@c.us_3AAA01","hasMedia":true,"media":{"url":"http://localhost:3000/api/files/default/3AAA01.png"}}`}
		},
		FailureTable: answers,
		Shape:        shape,
	})
}

// fileIn reads the file of a request; nil: there is none.
func fileIn(r *http.Request) []byte {
	var body struct{ File struct{ Data []byte } }
	_ = json.NewDecoder(r.Body).Decode(&body) // of a request without a body there is none
	return body.File.Data
}

func FuzzParse(f *testing.F) {
	for _, body := range connectortest.Payloads(f) {
		f.Add(body)
	}
	c := waha.New(http.DefaultClient)
	f.Fuzz(func(t *testing.T, body []byte) { connectortest.Sound(t, c, body) })
}

// The example of WAHA's own documents.
func TestVerifyPublishedExample(t *testing.T) {
	header := http.Header{}
	header.Set(signatureHeader, "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89")
	err := waha.New(http.DefaultClient).Verify(domain.Settings{"hmac_key": "my-secret-key"}, header,
		[]byte(`{"event":"message","session":"default","engine":"WEBJS"}`))
	if err != nil {
		t.Error(err)
	}
}
