package domain

import (
	"cmp"
	"slices"
)

// A Price is what a messenger billed a message as.
type Price struct {
	Category string `json:"category"` // as the messenger names it, in lower case with underscores
	Type     string `json:"type"`
}

// UnknownPrice stands in counts for a category or a type that is not listed.
const UnknownPrice = "unknown"

// PriceCategories lists the categories that are counted by their names.
var PriceCategories = []string{
	"marketing", "marketing_lite", "utility", "authentication", "authentication_international", "service",
	"referral_conversion", "general_purpose_ai", "group_marketing", "group_utility", "group_service",
}

// PriceTypes lists the types that are counted by their names.
var PriceTypes = []string{"regular", "free_customer_service", "free_entry_point"}

// Counted returns the price as it is counted.
func (p Price) Counted() Price {
	if !slices.Contains(PriceCategories, p.Category) {
		p.Category = UnknownPrice
	}
	if !slices.Contains(PriceTypes, p.Type) {
		p.Type = UnknownPrice
	}
	return p
}

// A PriceCount is how many messages of a subscription were priced so in a month.
type PriceCount struct {
	Subscription SubscriptionID
	Month        string // 2026-01
	Price
	Messages int64
}

func byPrice(x, y PriceCount) int {
	return cmp.Or(
		cmp.Compare(x.Subscription, y.Subscription), cmp.Compare(x.Month, y.Month),
		cmp.Compare(x.Category, y.Category), cmp.Compare(x.Type, y.Type),
	)
}

// keepPrice stores the price of the message, once: later statuses repeat it.
func (c *Change) keepPrice(m *Message, p *Price) {
	if p == nil || m.Price != nil {
		return
	}
	if c.Message == nil {
		priced := *m
		c.Message = &priced
	}
	c.Message.Price, c.priced = p, p
}
