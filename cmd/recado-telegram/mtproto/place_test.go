package mtproto

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/gotd/td/tg"

	"recado/cmd/recado-telegram/dc"
)

// shares lists what is in a message in place of a text: as it is sent, as Telegram has it,
// and as Recado is told of it.
var shares = []struct {
	name string
	send Request
	has  tg.MessageMediaClass
	told string
}{
	{
		"a place",
		Request{Location: &Location{40.4168, -3.7038}},
		&tg.MessageMediaGeo{Geo: &tg.GeoPoint{Lat: 40.4168, Long: -3.7038}},
		"at 40.4168 -3.7038",
	},
	{
		"a place with a name",
		Request{Venue: &Venue{Location{40.4168, -3.7038}, "Sol", "Madrid"}},
		&tg.MessageMediaVenue{Geo: &tg.GeoPoint{Lat: 40.4168, Long: -3.7038}, Title: "Sol", Address: "Madrid"},
		"at 40.4168 -3.7038 Sol Madrid",
	},
	{
		"a place at zero",
		Request{Location: &Location{}},
		&tg.MessageMediaGeo{Geo: &tg.GeoPoint{}},
		"at 0 0",
	},
	{
		"a contact",
		Request{Contact: &Contact{Phone: "+34600110022", First: "Ada", Last: "Sanz", VCard: "BEGIN:VCARD"}},
		&tg.MessageMediaContact{PhoneNumber: "+34600110022", FirstName: "Ada", LastName: "Sanz", Vcard: "BEGIN:VCARD"},
		"contact +34600110022 Ada Sanz BEGIN:VCARD",
	},
}

// A place or a contact goes out once, like a text, also when its answer is lost. Recado is
// told of it as a message.
func TestPlacesAndContactsAreSentOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i, tt := range shares {
		t.Run(tt.name, func(t *testing.T) {
			cut := true
			f.dc.OnSend(func() dc.Fate { defer func() { cut = false }(); return dc.Fate{Cut: cut} })
			r := tt.send
			r.Client, r.Chat = fmt.Sprint("msg_", i), "+"+dc.AnaPhone
			sent, err := f.Send(t.Context(), r)
			if err != nil || sent.Chat.ID != dc.Ana {
				t.Fatalf("it is answered with %+v, %v", sent, err)
			}
			if got := f.dc.Shared(); !reflect.DeepEqual(got, tt.has) {
				t.Errorf("Telegram has %+v, want %+v", got, tt.has)
			}
			calls := f.dc.Calls("messages.sendMedia")
			again, err := f.Send(t.Context(), r)
			if err != nil || *again != *sent || f.dc.Calls("messages.sendMedia") != calls || f.dc.Messages() != i+1 {
				t.Errorf("a repeat is answered with %+v, %v; Telegram has %d messages", again, err, f.dc.Messages())
			}
			other := shares[(i+1)%len(shares)].send
			other.Client, other.Chat = r.Client, r.Chat
			if _, err := f.Send(t.Context(), other); typeOf(err) != "CLIENT_ID_USED" {
				t.Errorf("something else with its id: %v", err)
			}
			f.dc.Says("¿Qué es?", false)
			f.comes("message " + tt.told + " outgoing " + r.Client)
		})
	}
}

// What the owner sends on the phone is told, too.
func TestPlacesAndContactsOfThePhone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, tt := range shares {
		f.dc.OwnerShares(tt.has)
		f.comes("message " + tt.told + " outgoing")
	}
}
