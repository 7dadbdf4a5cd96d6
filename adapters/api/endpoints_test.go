package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

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
	for _, call := range []string{"PATCH /v1/endpoints/hooks", "POST /v1/endpoints/hooks/rotate-secret", "POST /v1/endpoints/hooks/enable"} {
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
