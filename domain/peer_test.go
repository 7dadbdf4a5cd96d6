package domain

import (
	"strings"
	"testing"
)

type peerName struct {
	name string
	kind Kind
	raw  string
	want PeerID // empty: refused
}

func testPeers(t *testing.T, parse func(Kind, string) (PeerID, error), tests []peerName) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parse(tt.kind, tt.raw)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("%s takes %q as %q, %v; want %q", tt.kind, tt.raw, got, err, tt.want)
			}
		})
	}
}

// Rule 4: one number is one peer, however it is pasted.
func TestPeersThatPeopleWrite(t *testing.T) {
	testPeers(t, Kind.ParsePeer, []peerName{
		{"digits", WABA, "34600000131", "34600000131"},
		{"with a plus", WABA, "+34600000131", "34600000131"},
		{"with the international prefix", WABA, "0034 600 000 131", "34600000131"},
		{"with signs", WABA, " +7 (999) 000-00.00 ", "79990000000"},
		{"with its country in brackets", WABA, "(+34) 600 000 131", "34600000131"},
		{"with the international prefix in brackets", WABA, "(0034) 600 000 131", "34600000131"},
		{"with slashes", WABA, "+49 30/123 456-78", "493012345678"},
		{"with the 0 of the country", WABA, "+44 (0)20 7946 0958", "442079460958"},
		{"with the 0 of the country behind a prefix", WABA, "0044 ( 0 ) 20 7946 0958", "442079460958"},
		{"with hard blanks", WABA, "+34\u00a0600\u202f000\u2009131", "34600000131"},
		{"with a tab", WABA, "\t+34 600\t000 131\n", "34600000131"},
		{"with marks of direction", WABA, "\u202a+34600000131\u202c", "34600000131"},
		{"with a mark of the order of bytes", WABA, "\ufeff34600000131\u200b", "34600000131"},
		{"with hard hyphens", WABA, "+34\u2011600\u2013000\u2014131", "34600000131"},
		{"with minus signs", WABA, "+34−600−000−131", "34600000131"},
		{"with soft hyphens", WABA, "34\u00ad600\u00ad000131", "34600000131"},
		{"with a wide plus", WABA, "＋34600000131", "34600000131"},
		{"in wide digits", WABA, "３４６０００００１３１", "34600000131"},
		{"in Arabic digits", WABA, "+٣٤٦٠٠٠٠٠١٣١", "34600000131"},
		{"as a link", WABA, "tel:+34-600-000-131", "34600000131"},
		{"as another link", WABA, "WhatsApp:+34600000131", "34600000131"},
		{"as a gateway's address", WABA, "34600000131@c.us", "34600000131"},
		{"as a device's address", WhatsAppBusiness, "34600000131:12@s.whatsapp.net", "34600000131"},

		{"a number without its country", WABA, "0612345678", ""},
		{"a number without its country, in brackets", WABA, "(0)612345678", ""},
		{"a number with a letter", WABA, "3460000013l", ""},
		{"a number with an extension", WABA, "+34600000131 ext. 2", ""},
		{"two numbers", WABA, "34600000131\n34600000132", ""},
		{"a plus inside", WABA, "34+600000131", ""},
		{"a name", WABA, "maria", ""},
		{"a plus alone", WABA, "+", ""},
		{"too few digits", WABA, "+123", ""},
		{"too many digits", WABA, "+1234567890123456", ""},
		{"nothing", WABA, "", ""},
		{"a blank", WABA, " ", ""},
		{"what cannot be seen", WABA, "\u202a\u202c", ""},

		{"a group of the gateway", WhatsAppBusiness, "120363025246125486@g.us", "120363025246125486@g.us"},
		{"a hidden number", WhatsAppBusiness, "1234567890@lid", "1234567890@lid"},
		{"a user without a phone", WABA, "US.13491208655302741918", "US.13491208655302741918"},
		{"a user of a company", WABA, "US.ENT.11815799212886844830", "US.ENT.11815799212886844830"},
		{"a group", WABA, "Y2FwaV9ncm91cDox", "Y2FwaV9ncm91cDox"},

		{"a Telegram user", TelegramPersonal, "123456789", "123456789"},
		{"a Telegram user with blanks", TelegramBot, "\u200e123 456\u00a0789", "123456789"},
		{"a Telegram user in wide digits", TelegramBot, "１２３", "123"},
		{"a Telegram group", TelegramBot, "-1001234567890", "-1001234567890"},
		{"a Telegram group, where phones are wanted", WABA, "-1001234567890", ""},
		{"a Telegram group, where WhatsApp's gateway is", WhatsAppBusiness, "–1001234567890", ""},
		{"a Telegram group with a long dash", TelegramBot, "–1001234567890", "-1001234567890"},
		{"a topic of a channel", TelegramBot, "-100123/t:7", "-100123/t:7"},
		{"a name in Telegram", TelegramBot, "@maria", ""},
		{"a phone in Telegram", TelegramBot, "+34600000131", ""},
		{"a phone that is looked up", TelegramPersonal, "+34 (600) 00-01-31", "+34600000131"},
		{"a name that is looked up", TelegramPersonal, "@Maria_9", "@maria_9"},
		{"a phone without its plus", TelegramPersonal, "34600000131", "34600000131"}, // it is the number of a user
		{"a phone with a letter", TelegramPersonal, "+3460000013l", ""},
		{"a name with a sign", TelegramPersonal, "@mar-ia", ""},
		{"a group of a person", TelegramPersonal, "-1001234567890", "-1001234567890"},
		{"a zero in front", TelegramBot, "0123", ""},
		{"a line break", TelegramBot, "123\n456", ""},
		{"no int64", TelegramBot, strings.Repeat("1", 20), ""},
	})
}

// What a messenger calls a peer is taken as it is, but for the writing of phones.
func TestPeersThatMessengersName(t *testing.T) {
	testPeers(t, Kind.Peer, []peerName{
		{"a phone", WABA, "+34600000131", "34600000131"},
		{"a short phone", WABA, "0", "0"},
		{"a phone of the gateway", WhatsAppBusiness, "34600000131@c.us", "34600000131"},
		{"a group", WABA, "a-group", "a-group"},
		{"a user without a phone", WABA, "US.13491208655302741918", "US.13491208655302741918"},
		{"a group of Telegram", TelegramBot, "-1001234567890", "-1001234567890"},
		{"nothing", WABA, "", ""},
		{"a blank inside", WABA, "a b", ""},
		{"as long as may be", WABA, strings.Repeat("x", maxPeer), PeerID(strings.Repeat("x", maxPeer))},
		{"too long", WABA, strings.Repeat("x", maxPeer+1), ""},
	})
}
