package wabaplay

import (
	"testing"

	"recado/adapters/messenger/simulator"
)

// The vector is published with a library for Meta's webhooks: what is signed is
// the body with its characters escaped.
func TestSignsAsMetaDoes(t *testing.T) {
	const text = `Let's pretend this body is equal to the message object and can handle unicode characters like みどりいろ and J'ai mangé des pâtes`
	const want = "0363007aabdf1ab579f35936651a460fb5fa1aaf40df98b1264446b72cc96688"
	if got := sign("YOUR_APP_SECRET", ascii([]byte(text))); got != want {
		t.Errorf("the signature is %s, want %s", got, want)
	}
}

func TestEscapesAsMetaDoes(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"ASCII stays", `Hola <b> & "/"`, `"Hola <b> & \"/\""`},
		{"in lower case", "é", `"\u00e9"`},
		{"beyond 16 bits in two", "👍", `"\ud83d\udc4d"`},
		{"what is no UTF-8", "a\xffb", `"a\ufffdb"`},
		{"a line", "a\nb", `"a\nb"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := string(ascii(simulator.Encode(test.text))); got != test.want {
				t.Errorf("%q becomes %s, want %s", test.text, got, test.want)
			}
		})
	}
}
