package waba

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// Charges say which categories of messages are charged, from which day on;
// the days rise. What is of no category listed costs no paid dialog.
// https://developers.facebook.com/docs/whatsapp/pricing
type Charges []Charge

// A Charge holds from its day, in UTC, until that of the next.
type Charge struct {
	From       time.Time
	Categories []string
}

// DefaultCharges holds since messages are charged one by one. Meta charges some
// messages inside the free window too, since October 2026: they never open a
// paid dialog, so that they are not here.
var DefaultCharges = Charges{{
	From:       time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC),
	Categories: []string{"marketing", "marketing_lite", "utility", "authentication", "authentication_international"},
}}

// ParseCharges reads "2025-07-01=marketing,utility;2027-01-01=marketing".
func ParseCharges(text string) (Charges, error) {
	var list Charges
	for row := range strings.SplitSeq(text, ";") {
		day, names, _ := strings.Cut(strings.TrimSpace(row), "=")
		from, err := time.Parse(time.DateOnly, day)
		categories := strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' })
		switch {
		case err != nil:
			return nil, fmt.Errorf("%q is not a day like 2025-07-01", day)
		case len(categories) == 0:
			return nil, fmt.Errorf("%s has no categories", day)
		case len(list) > 0 && !from.After(list[len(list)-1].From):
			return nil, errors.New("the days must rise")
		}
		list = append(list, Charge{from, categories})
	}
	return list, nil
}

// of lists what is charged at a moment; before the first day what is charged then.
func (c Charges) of(at time.Time) []string {
	var categories []string
	for i, charge := range c {
		if i == 0 || !at.Before(charge.From) {
			categories = charge.Categories
		}
	}
	return categories
}

// A pricing is what a status tells of the price. Billable is older than type,
// which has two names.
type pricing struct {
	Billable    *bool
	Type        string
	PricingType string `json:"pricing_type"`
	Category    string
}

// price is what a status says of the price: Meta writes hyphens too. Nil: nothing.
func (p pricing) price() *domain.Price {
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }
	price := domain.Price{Category: plain(p.Category), Type: plain(firstOf(p.Type, p.PricingType))}
	if price.Type == "" && p.Billable != nil && *p.Billable {
		price.Type = regular
	}
	if price == (domain.Price{}) {
		return nil
	}
	return &price
}

// regular is the type of what is charged.
const regular = "regular"

// uncharged lists the categories that open no paid dialog, whatever the table says.
var uncharged = []string{"service", "referral_conversion", "general_purpose_ai"}

// read returns what a status says about the price; empty: nothing that can be
// read. A category for groups is as its twin. One of which nothing is known is
// charged if its type says so.
func (c Charges) read(raw json.RawMessage, at time.Time) (domain.Pricing, *domain.Price) {
	var p pricing
	if wire.Decode(raw, &p) != nil {
		return "", nil
	}
	price := p.price()
	if price == nil || price.Type == "" && p.Billable == nil {
		return "", price
	}
	category := strings.TrimPrefix(price.Category, "group_")
	charged := slices.Contains(c.of(at), category) || price.Type == regular && !c.knows(category)
	if strings.HasPrefix(price.Type, "free_") || price.Type == "" || !charged {
		return domain.PricingFree, price
	}
	return domain.PricingCharged, price
}

// knows reports whether the table, or Meta's own, says something of the category.
func (c Charges) knows(category string) bool {
	for _, charge := range slices.Concat(c, DefaultCharges) {
		if slices.Contains(charge.Categories, category) {
			return true
		}
	}
	return slices.Contains(uncharged, category)
}
