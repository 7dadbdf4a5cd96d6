package domain

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Orphans of older versions wait in databases: what is stored of a fact, and the
// digest that recognizes a repeat, never change.
func TestStoredOrphansStayReadable(t *testing.T) {
	tests := []struct {
		fact     Fact
		factType string
		json     string
		digest   string
	}{
		{
			StatusReported{
				ProviderID: "wamid.1", Message: "msg_1", Status: Failed, Pricing: PricingFree,
				Failure: &Failure{Reason: ReasonNoAccount, Cause: Cause{
					Source: "waba", HTTPStatus: 400, Code: "131026", Subcode: "1", Title: "undeliverable", Details: "not on WhatsApp", TraceID: "A1",
				}},
			},
			"status",
			`{"ProviderID":"wamid.1","Message":"msg_1","Status":"failed","Failure":{"reason":"no_account","cause":{"source":"waba","http_status":400,"code":"131026","subcode":"1","title":"undeliverable","details":"not on WhatsApp","trace_id":"A1"}},"Pricing":"free"}`,
			"a8346b1b7c527de6a24d98b88031d164",
		},
		{StatusReported{ProviderID: "wamid.1", Status: Read}, "status", `{"ProviderID":"wamid.1","Message":"","Status":"read","Failure":null,"Pricing":""}`, "b24c7fadc04ff45bd136854515f6e008"},
		{MessageEdited{ProviderID: "wamid.1", Peer: "79990000000", ByPeer: true, Text: "hi"}, "edited", `{"ProviderID":"wamid.1","Peer":"79990000000","ByPeer":true,"Text":"hi"}`, "aeb10303d79420db9f6b296e776b2f3c"},
		{MessageDeleted{ProviderID: "wamid.1", Peer: "79990000000", ByPeer: true}, "deleted", `{"ProviderID":"wamid.1","Peer":"79990000000","ByPeer":true}`, "3e7843707c7acee4ce47bd0114af9526"},
		{MessageReacted{ProviderID: "wamid.1", Peer: "79990000000", ByPeer: true, By: "ana", Emoji: "👍"}, "reacted", `{"ProviderID":"wamid.1","Peer":"79990000000","ByPeer":true,"By":"ana","Emoji":"👍"}`, "3e1ac0cc9140df05acacbe8d706fef89"},
	}
	for _, tt := range tests {
		t.Run(tt.factType, func(t *testing.T) {
			u := Update{Connection: "waba-1", Fact: tt.fact, At: second(10), Received: now}
			o, err := newOrphan(u, ProviderKey{u.Connection, "wamid.1"})
			if err != nil {
				t.Fatal(err)
			}
			if o.FactType != tt.factType || string(o.Fact) != tt.json || o.Digest != tt.digest {
				t.Errorf("stored as %s\n\t%s\n\twith digest %s\nwant %s\n\t%s\n\twith digest %s", o.FactType, o.Fact, o.Digest, tt.factType, tt.json, tt.digest)
			}
			back, err := o.update()
			if diff := cmp.Diff(u, back); err != nil || diff != "" {
				t.Errorf("read back with %v:\n%s", err, diff)
			}
		})
	}
}
