package crm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"recado/adapters/crm"
	"recado/domain"
)

// secret is the one that the operator gave to the CRM and to Recado.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// A CRM verifies the signature over the body as it came, before it parses the
// body. Events may come more than once: the CRM remembers their ids.
func Example() {
	webhook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		panic(err)
	}
	seen := map[string]bool{}
	receive := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "cannot read the body", http.StatusBadRequest)
			return
		}
		if err := webhook.Verify(body, r.Header); err != nil { // the signature, and that it is at most 5 minutes old
			http.Error(w, "invalid signature", http.StatusUnauthorized)
			return
		}
		id := r.Header.Get(standardwebhooks.HeaderWebhookID)
		if seen[id] {
			return // 200: it is done already
		}
		var event struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(body, &event); err != nil {
			http.Error(w, "not an event", http.StatusBadRequest)
			return
		}
		fmt.Println(id, event.Type)
		seen[id] = true
	}
	server := httptest.NewServer(http.HandlerFunc(receive))
	defer server.Close()

	recado := crm.New([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	defer recado.Close()
	delivery := domain.Delivery{Event: "evt_1", Body: []byte(`{"id":"evt_1","type":"message.created"}`)}
	for _, key := range []domain.Secret{secret, secret, "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="} {
		try := recado.Deliver(context.Background(), domain.Endpoint{URL: server.URL, Secret: key}, []domain.Delivery{delivery})[0]
		fmt.Printf("delivered %t, error %q\n", try.OK, try.Error)
	}
	// Output:
	// evt_1 message.created
	// delivered true, error ""
	// delivered true, error ""
	// delivered false, error "HTTP 401"
}
