package telegram_test

import (
	"errors"
	"fmt"
	"net/http"

	"recado/adapters/messenger/telegram"
	"recado/domain"
)

// A webhook is verified as it came, and parsed later.
func ExampleConnector() {
	c := telegram.New(http.DefaultClient)
	hook := domain.Settings{"secret_token": "a-secret"}
	header := http.Header{"X-Telegram-Bot-Api-Secret-Token": {"a-secret"}}
	body := []byte(`{"update_id":1,"message":{"message_id":7,"date":1767348000,"text":"Hola",
		"from":{"id":42,"first_name":"Ana"},"chat":{"id":42,"first_name":"Ana","type":"private"}}}`)

	fmt.Println("forged without the secret:", errors.Is(c.Verify(hook, nil, body), domain.ErrForged))
	fmt.Println("error with it:", c.Verify(hook, header, body))
	for _, u := range c.Parse(body).Updates {
		m := u.Fact.(domain.MessageArrived)
		fmt.Printf("%s from %s, message %s\n", m.Text, m.Contact.Name, m.ProviderID)
	}
	// Output:
	// forged without the secret: true
	// error with it: <nil>
	// Hola from Ana, message 42/7
}
