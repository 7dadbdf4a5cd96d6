package simulator_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/adapters/messenger/telegram"
	"recado/adapters/messenger/waba"
	"recado/domain"
)

// A connector finds the file of a webhook where the messenger says that it is, and
// reads it as the client sent it.
func TestAConnectorFetchesWhatAClientSends(t *testing.T) {
	for _, test := range []struct {
		kind    domain.Kind
		client  string
		account string
		fetcher func(*http.Client) domain.Fetcher
		conn    domain.Settings
	}{
		{
			domain.WABA, "Sheena", number, func(c *http.Client) domain.Fetcher { return waba.New(c, nil) },
			domain.Settings{"access_token": waToken, "base_url": "http://simulator/meta/v23.0"},
		},
		{
			domain.TelegramBot, "Marta", "bot-1", func(c *http.Client) domain.Fetcher { return telegram.New(c) },
			domain.Settings{"token": botToken, "base_url": "http://simulator/telegram"},
		},
	} {
		for typ, file := range map[domain.MessageType]*simulator.File{domain.TypeImage: simulator.Photo, domain.TypeVoice: simulator.Voice} {
			t.Run(string(test.kind)+"/"+file.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, stop := play(t, config())
					defer stop()
					if _, err := w.Client(test.client).Sends(test.account, file, ""); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Second) // of the bubble
					m := arrived(t, w)
					if m.Type != typ {
						t.Errorf("a message of type %s, want %s", m.Type, typ)
					}
					got := fetch(t, test.fetcher(w.client), test.conn, m.Media.ID)
					if !bytes.Equal(got, file.Data) {
						t.Errorf("%d bytes that differ from the %d of the file", len(got), len(file.Data))
					}
				})
			})
		}
	}
}

// arrived returns the only message that came.
func arrived(t *testing.T, w *world) domain.MessageArrived {
	t.Helper()
	var facts []domain.Fact
	for _, hook := range w.recado.webhooks() {
		facts = append(facts, hook.facts...)
	}
	if len(facts) == 1 {
		if m, ok := facts[0].(domain.MessageArrived); ok && m.Media != nil {
			return m
		}
	}
	t.Fatalf("%+v came, want one message with a file", facts)
	return domain.MessageArrived{}
}

// fetch reads a file as the lane of files does.
func fetch(t *testing.T, f domain.Fetcher, settings domain.Settings, source string) []byte {
	t.Helper()
	fetched, answer := f.Fetch(t.Context(), domain.Connection{Account: number, Settings: settings}, domain.StoredMedia{Source: source})
	if answer.Fate != domain.FateAccepted {
		t.Fatalf("the fetch ends with %+v", answer)
	}
	defer fetched.Body.Close()
	data, err := io.ReadAll(fetched.Body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
