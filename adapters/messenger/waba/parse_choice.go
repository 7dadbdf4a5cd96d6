package waba

import (
	"encoding/json"
	"fmt"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// readInteractive reads what a client chose of what the company offered, or
// filled in.
func readInteractive(raw json.RawMessage) (content, bool) {
	type reply struct {
		ID                 wire.Text
		Title, Description string
	}
	i, ok := body[struct {
		Type   string
		Button reply `json:"button_reply"`
		List   reply `json:"list_reply"`
		Form   struct {
			Body     string
			Response json.RawMessage `json:"response_json"`
		} `json:"nfm_reply"`
		Call struct{ Response string } `json:"call_permission_reply"`
	}](raw)
	c := content{Type: domain.TypeButton}
	switch i.Type {
	case "button_reply":
		c.press(domain.Button{ID: string(i.Button.ID), Title: i.Button.Title})
	case "list_reply":
		c.press(domain.Button{ID: string(i.List.ID), Title: i.List.Title, Description: i.List.Description})
	case "nfm_reply":
		c.Content.Form = wire.Form(i.Form.Response)
		c.Text = wire.Lines(i.Form.Body, written(i.Form.Response))
	case "call_permission_reply":
		c.press(domain.Button{ID: i.Call.Response})
		c.Text = wire.Labelled(i.Type, i.Call.Response)
	}
	return c, ok && c.Text != ""
}

// press keeps what was chosen, and shows its words.
func (c *content) press(b domain.Button) {
	c.Text = firstOf(wire.Lines(b.Title, b.Description), b.ID)
	c.Content.Button = &b
}

// written is the answers of a form for people to read.
func written(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(wire.Form(raw))
}

// readButton reads the choice of a button of a template.
func readButton(raw json.RawMessage) (content, bool) {
	b, ok := body[struct{ Text, Payload wire.Text }](raw)
	c := content{Type: domain.TypeButton}
	c.press(domain.Button{ID: string(b.Payload), Title: string(b.Text)})
	return c, ok && c.Text != ""
}

func readOrder(raw json.RawMessage) (content, bool) {
	o, ok := body[struct {
		Catalog wire.Text `json:"catalog_id"`
		Text    string
		Items   []struct {
			Product  wire.Text `json:"product_retailer_id"`
			Quantity wire.Text
			Price    wire.Text `json:"item_price"`
			Currency string
		} `json:"product_items"`
	}](raw)
	order := domain.Order{Catalog: string(o.Catalog)}
	text := []string{o.Text}
	for _, i := range o.Items {
		order.Items = append(order.Items, domain.OrderItem{
			Product: string(i.Product), Quantity: string(i.Quantity), Price: string(i.Price), Currency: i.Currency,
		})
		text = append(text, fmt.Sprintf("%s × %s, %s %s", i.Quantity, i.Product, i.Price, i.Currency))
	}
	c := content{Type: domain.TypeOrder, Text: wire.Lines(text...), Content: domain.Content{Order: &order}}
	return c, ok && c.Text != ""
}
