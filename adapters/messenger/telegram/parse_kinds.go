package telegram

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// clientKinds are what a client sends beside words, files and places.
type clientKinds struct {
	WebApp   *webApp     `json:"web_app_data"`
	Users    *shared     `json:"users_shared"`
	Shared   *sharedChat `json:"chat_shared"`
	Paid     *payment    `json:"successful_payment"`
	Refunded *payment    `json:"refunded_payment"`
	Poll     *poll
	List     *checklist `json:"checklist"`
	Dice     *struct {
		Emoji string
		Value wire.Integer
	}
	Invoice   *invoice
	PaidMedia *paidMedia `json:"paid_media"`
	Told      *story     `json:"story"`
	Gift      *struct{ Text string }
	Unique    *struct {
		Gift struct {
			Base   string `json:"base_name"`
			Number wire.Integer
			Name   string
		}
	} `json:"unique_gift"`
}

func (k *clientKinds) content() (content, bool) {
	switch {
	case k.WebApp != nil:
		return k.WebApp.content(), true
	case k.Users != nil:
		return k.Users.content(), true
	case k.Shared != nil:
		return k.Shared.content(), true
	case k.Paid != nil:
		return k.Paid.content(), true
	case k.Refunded != nil:
		return content{Type: domain.TypeSystem, Text: wire.Labelled("refunded_payment", k.Refunded.sum(), k.Refunded.Payload)}, true
	case k.Poll != nil:
		return k.Poll.content(), true
	case k.List != nil:
		return k.List.content(), true
	case k.PaidMedia != nil:
		return k.PaidMedia.content(), true
	case k.Dice != nil:
		return unsupported("dice", strings.TrimSpace(fmt.Sprintf("%s %d", k.Dice.Emoji, k.Dice.Value))), true
	case k.Invoice != nil:
		return unsupported("invoice", k.Invoice.Title, k.Invoice.Description, k.Invoice.sum()), true
	case k.Told != nil:
		c := unsupported("story")
		c.Content.Quote = &domain.Quote{Story: k.Told.name()}
		return c, true
	case k.Gift != nil:
		return unsupported("gift", k.Gift.Text), true
	case k.Unique != nil:
		return unsupported("unique_gift", fmt.Sprintf("%s #%d", k.Unique.Gift.Base, k.Unique.Gift.Number), k.Unique.Gift.Name), true
	}
	return content{}, false
}

// unsupported keeps the kind and the words of what has no type here.
func unsupported(kind string, words ...string) content {
	return content{Type: domain.TypeUnsupported, Text: wire.Labelled(kind, words...), Content: domain.Content{Kind: kind}}
}

// A webApp is a form that the client filled in.
type webApp struct {
	Data   wire.Text
	Button string `json:"button_text"`
}

func (w webApp) content() content {
	raw, _ := json.Marshal(string(w.Data)) // a string
	c := content{Type: domain.TypeButton, Text: orKind(wire.Lines(w.Button, string(w.Data)), "web_app_data")}
	c.Content.Form = wire.Form(raw)
	if w.Button != "" {
		c.Content.Button = &domain.Button{Title: w.Button}
	}
	return c
}

// A shared is people whom the client chose for a button.
type shared struct {
	Users []struct {
		ID        wire.Integer `json:"user_id"`
		FirstName string       `json:"first_name"`
		LastName  string       `json:"last_name"`
		Username  string
	}
}

func (s shared) content() content {
	var cards []domain.Card
	for _, u := range s.Users {
		cards = append(cards, domain.Card{
			Name: fullName(u.FirstName, u.LastName), Username: u.Username, UserID: strconv.FormatInt(int64(u.ID), 10),
		})
	}
	return cardsContent("users_shared", cards)
}

type sharedChat struct {
	ID              wire.Integer `json:"chat_id"`
	Title, Username string
}

func (s sharedChat) content() content {
	return cardsContent("chat_shared", []domain.Card{
		{Name: s.Title, Username: s.Username, UserID: strconv.FormatInt(int64(s.ID), 10)},
	})
}

func cardsContent(kind string, cards []domain.Card) content {
	var text []string
	for _, c := range cards {
		name := c.Name
		if c.Username != "" {
			name = strings.TrimSpace(name + " @" + c.Username)
		}
		text = append(text, orKind(name, c.UserID))
	}
	return content{Type: domain.TypeContacts, Text: orKind(wire.Lines(text...), kind), Content: domain.Content{Contacts: cards}}
}

type poll struct {
	ID, Question, Description string
	Options                   []struct{ Text string }
}

func (p poll) content() content {
	shown := domain.Poll{ID: p.ID, Question: p.Question}
	for _, o := range p.Options {
		shown.Options = append(shown.Options, o.Text)
	}
	c := unsupported("poll", append([]string{p.Question, p.Description}, shown.Options...)...)
	c.Content.Poll = &shown
	return c
}

type checklist struct {
	Title string
	Tasks []struct {
		Text string
		Done wire.Integer `json:"completion_date"`
	}
}

func (l checklist) content() content {
	shown := domain.Checklist{Title: l.Title}
	lines := []string{l.Title}
	for _, t := range l.Tasks {
		shown.Tasks = append(shown.Tasks, domain.Task{Text: t.Text, Done: t.Done > 0})
		lines = append(lines, box(t.Done > 0)+" "+t.Text)
	}
	c := unsupported("checklist", lines...)
	c.Content.Checklist = &shown
	return c
}
