package waba_test

import (
	"net/http"
	"os"
	"testing"

	"recado/adapters/messenger/waba"
	"recado/adapters/messenger/waba/wabatest"
)

// Each webhook is of one message, or of one status, as Meta sends most of them.
var webhooks = []string{"text", "status_delivered"}

func readWebhook(b *testing.B, name string) []byte {
	body, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	return body
}

func BenchmarkVerify(b *testing.B) {
	c := waba.New(http.DefaultClient, nil)
	for _, name := range webhooks {
		b.Run(name, func(b *testing.B) {
			body := readWebhook(b, name)
			header := http.Header{wabatest.SignatureHeader: {wabatest.Sign(string(hook["app_secret"]), body)}}
			for b.Loop() {
				if err := c.Verify(hook, header, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	c := waba.New(http.DefaultClient, nil)
	for _, name := range webhooks {
		b.Run(name, func(b *testing.B) {
			body := readWebhook(b, name)
			for b.Loop() {
				if p := c.Parse(body); len(p.Updates) != 1 {
					b.Fatalf("%d updates", len(p.Updates))
				}
			}
		})
	}
}
