package telegram

import (
	"strconv"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A price is a sum in the smallest unit of its currency.
type price struct {
	Currency string
	Total    wire.Integer `json:"total_amount"`
}

// amount writes the sum in the currency's usual unit.
func (p price) amount() string {
	if withoutDecimals[p.Currency] {
		return strconv.FormatInt(int64(p.Total), 10)
	}
	return strconv.FormatFloat(float64(p.Total)/100, 'f', 2, 64)
}

func (p price) sum() string { return strings.TrimSpace(p.amount() + " " + p.Currency) }

type invoice struct {
	price
	Title, Description string
}

type payment struct {
	price
	Payload  string `json:"invoice_payload"`
	Charge   string `json:"telegram_payment_charge_id"`
	Customer *struct {
		Name, Email string
		Phone       wire.Text `json:"phone_number"`
		Address     *struct {
			Country string `json:"country_code"`
			State   string
			City    string
			Street1 string `json:"street_line1"`
			Street2 string `json:"street_line2"`
			Code    string `json:"post_code"`
		} `json:"shipping_address"`
	} `json:"order_info"`
}

// content: a payment is an order that is paid already.
func (p payment) content() content {
	o := domain.Order{Payload: p.Payload, Total: p.amount(), Currency: p.Currency, Charge: p.Charge, Customer: p.customer()}
	return content{Type: domain.TypeOrder, Text: wire.Labelled("successful_payment", p.sum(), p.Payload), Content: domain.Content{Order: &o}}
}

func (p payment) customer() *domain.Card {
	if p.Customer == nil {
		return nil
	}
	c := domain.Card{Name: p.Customer.Name}
	if p.Customer.Phone != "" {
		c.Phones = []string{string(p.Customer.Phone)}
	}
	if p.Customer.Email != "" {
		c.Emails = []string{p.Customer.Email}
	}
	if a := p.Customer.Address; a != nil {
		c.Addresses = []string{strings.ReplaceAll(wire.Lines(a.Street1, a.Street2, a.Code, a.City, a.State, a.Country), "\n", ", ")}
	}
	return &c
}

// paidMedia is files that the client sells; what is not paid is a preview.
type paidMedia struct {
	Stars wire.Integer `json:"star_count"`
	Media []struct {
		Photo []file
		Video *file
		Live  *file `json:"live_photo"`
	} `json:"paid_media"`
}

func (p paidMedia) content() content {
	for _, one := range p.Media {
		m := message{body: body{Photo: one.Photo, Video: one.Video, LivePhoto: one.Live}}
		if c, found := m.file(); found {
			c.Text = wire.Labelled("paid_media", strconv.FormatInt(int64(p.Stars), 10)+" ⭐")
			return c
		}
	}
	return unsupported("paid_media", strconv.FormatInt(int64(p.Stars), 10)+" ⭐")
}
