package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// shownSecret reads the secret of an answer.
func shownSecret(t *testing.T, body []byte) string {
	t.Helper()
	var got struct{ Secret string }
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	return got.Secret
}

func TestTheSecretOfAnEndpointIsShownOnce(t *testing.T) {
	s := newServer(t, archive())
	seen := map[string]bool{}
	for range 2 {
		answer := s.as(t, "ana-key", "POST", "/v1/endpoints", `{"id":"new","url":"https://new.example/","events":[]}`)
		secret := shownSecret(t, answer.Body.Bytes())
		if domain.CheckEndpointSecret(domain.Secret(secret)) != nil || len(secret) != 50 || seen[secret] || string(s.ends[len(s.ends)-1].Secret) != secret {
			t.Errorf("created with the secret %q: %d %s", secret, answer.Code, answer.Body)
		}
		seen[secret] = true
		if answer := s.as(t, "ana-key", "GET", "/v1/endpoints/new", ""); strings.Contains(answer.Body.String(), "whsec_") || strings.Contains(s.log.String(), "whsec_") {
			t.Errorf("shown again: %s, logged: %s", answer.Body, s.log.String())
		}
	}
	before := s.ends[2].Secret
	answer := s.as(t, "ana-key", "POST", "/v1/endpoints/new/rotate-secret", "")
	if after := s.ends[2]; shownSecret(t, answer.Body.Bytes()) != string(after.Secret) || after.Secret == before || after.Previous != before ||
		!after.PreviousUntil.Equal(now.Add(24*time.Hour)) || strings.Contains(answer.Body.String(), string(before)) {
		t.Errorf("rotated: %d %s", answer.Code, answer.Body)
	}
}

func TestAChangeWakesTheLane(t *testing.T) {
	for _, call := range []string{"PATCH /v1/endpoints/hooks", "POST /v1/endpoints/hooks/rotate-secret", "POST /v1/endpoints/hooks/enable", "POST /v1/deliveries/dlv_7/retry"} {
		s := newServer(t, archive())
		method, target, _ := strings.Cut(call, " ")
		s.as(t, "ana-key", method, target, map[string]string{"PATCH": `{"events":[]}`}[method])
		if len(s.hints) != 1 || s.hints[0] != domain.CallbackLane("hooks") {
			t.Errorf("%s hints %v", call, s.hints)
		}
	}
}

func TestWhatAFileDeclaresOnlyTheFileChanges(t *testing.T) {
	for call, body := range map[string]string{
		"PATCH /v1/endpoints/crm": `{"events":[]}`, "DELETE /v1/endpoints/crm": "", "POST /v1/endpoints/crm/rotate-secret": "",
	} {
		s := newServer(t, archive())
		method, target, _ := strings.Cut(call, " ")
		answer := s.as(t, "ana-key", method, target, body)
		if p := said(t, answer); answer.Code != 409 || p.Code != "declared_in_file" || !strings.Contains(p.Detail, "recado apply") {
			t.Errorf("%s = %d %s", call, answer.Code, answer.Body)
		}
	}
}

func TestATestOfAnEndpointIsAnEventOfItsOwn(t *testing.T) {
	s := newServer(t, archive())
	s.as(t, "ana-key", "POST", "/v1/endpoints/hooks/test", "")
	var e struct {
		ID, Type string
		Company  domain.CompanyID `json:"company_id"`
		Data     struct {
			Endpoint domain.EndpointID `json:"endpoint_id"`
		}
	}
	if err := json.Unmarshal(s.posted.Body, &e); err != nil {
		t.Fatal(err)
	}
	if s.postedTo.ID != "hooks" || e.Type != "endpoint.test" || e.ID != string(s.posted.Event) || e.Company != "acme" || e.Data.Endpoint != "hooks" {
		t.Errorf("posted %s to %s", s.posted.Body, s.postedTo.ID)
	}
	if len(s.updates) > 0 || len(s.hints) > 0 {
		t.Errorf("it is stored: %v, %v", s.updates, s.hints)
	}
}

func TestDeliveriesAreFiltered(t *testing.T) {
	s := newServer(t, archive())
	s.as(t, "ana-key", "GET", "/v1/endpoints/hooks/deliveries?state=parked&type=message.created&chat=chat_1&since=2026-01-02T03:04:05Z&limit=7&cursor="+deliveryCursor(99), "")
	want := domain.DeliveryQuery{
		Endpoint: "hooks", State: domain.DeliveryParked, Type: domain.EventMessageCreated, Chat: "chat_1",
		Since: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Limit: 7, Before: 99,
	}
	if diff := cmp.Diff(want, s.deliveriesBy); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestADeliveryThatWasDeliveredIsNotRetried(t *testing.T) {
	s := newServer(t, archive())
	answer := s.as(t, "ana-key", "POST", "/v1/deliveries/dlv_8/retry", "")
	if p := said(t, answer); answer.Code != 409 || p.Code != "already_delivered" || !strings.Contains(p.Detail, "use replay") || len(s.hints) > 0 {
		t.Errorf("= %d %s", answer.Code, answer.Body)
	}
}

func TestIDsThatNameNoDelivery(t *testing.T) {
	for _, id := range []string{"7", "dlv_", "dlv_07", "dlv_-7", "dlv_x", "dlv_99999999999999999999", "evt_7"} {
		if answer := newServer(t, archive()).as(t, "ana-key", "GET", "/v1/deliveries/"+id, ""); answer.Code != 404 {
			t.Errorf("%s = %d %s", id, answer.Code, answer.Body)
		}
	}
}
