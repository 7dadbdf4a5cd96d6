package waba_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"recado/adapters/messenger/waba"
	"recado/domain"
)

// Rule 36: what a status tells of the price, and when it is charged.
func TestWhatAStatusTellsOfThePrice(t *testing.T) {
	charges, err := waba.ParseCharges("2025-07-01=marketing,utility,authentication_international; 2027-01-01=marketing")
	if err != nil {
		t.Fatal(err)
	}
	in2026, in2027 := time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name    string
		pricing string
		at      time.Time
		want    domain.Pricing
	}{
		{"a category that is charged", `{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}`, in2026, domain.PricingCharged},
		{"and no more from another day on", `{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}`, in2027, domain.PricingFree},
		{"in capitals", `{"type":"regular","category":"MARKETING"}`, in2027, domain.PricingCharged},
		{"a category that nobody charges", `{"type":"regular","category":"service"}`, in2026, domain.PricingFree},
		{"within the customer's window", `{"billable":false,"type":"free_customer_service","category":"utility"}`, in2026, domain.PricingFree},
		{"by an entry point", `{"billable":true,"type":"free_entry_point","category":"marketing"}`, in2026, domain.PricingFree},
		{"the older form, charged", `{"billable":true,"pricing_model":"CBP","category":"marketing"}`, in2026, domain.PricingCharged},
		{"the older form, free", `{"billable":false,"pricing_model":"CBP","category":"marketing"}`, in2026, domain.PricingFree},
		{"before the first day", `{"type":"regular","category":"utility"}`, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), domain.PricingCharged},
		{"Meta's other name of the type, and a hyphen", `{"pricing_type":"regular","category":"authentication-international"}`, in2026, domain.PricingCharged},
		{"the twin for groups", `{"type":"regular","category":"group_utility"}`, in2026, domain.PricingCharged},
		{"the twin that nobody charges", `{"type":"regular","category":"group_service"}`, in2026, domain.PricingFree},
		{"a category that nobody knows, charged", `{"type":"regular","category":"novelty"}`, in2026, domain.PricingCharged},
		{"a category that nobody knows, free", `{"type":"free_entry_point","category":"novelty"}`, in2026, domain.PricingFree},
		{"nothing is told", `null`, in2026, ""},
		{"nothing that can be read", `{"category":"utility"}`, in2026, ""},
		{"another form", `[1]`, in2026, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{
"metadata":{"phone_number_id":"106540352242922"},
"statuses":[{"id":"wamid.1","status":"sent","timestamp":"%d","pricing":%s}]}}]}]}`, tt.at.Unix(), tt.pricing)
			p := waba.New(http.DefaultClient, charges).Parse([]byte(body))
			if len(p.Updates) != 1 {
				t.Fatalf("parsed %+v", p)
			}
			if got := p.Updates[0].Fact.(domain.StatusReported).Pricing; got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseChargesRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  `"" is not a day like 2025-07-01`,
		"soon=utility":                      `"soon" is not a day like 2025-07-01`,
		"2025-07-01":                        "2025-07-01 has no categories",
		"2025-07-01=":                       "2025-07-01 has no categories",
		"2026-01-01=utility;2025-01-01=any": "the days must rise",
	} {
		if _, err := waba.ParseCharges(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
