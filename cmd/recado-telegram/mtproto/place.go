package mtproto

import "github.com/gotd/td/tg"

// A Location is a point on the map. It is written as the Bot API does, like the types below.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

func (l Location) input() tg.InputGeoPointClass {
	return &tg.InputGeoPoint{Lat: l.Latitude, Long: l.Longitude}
}

// A Venue is a place with a name.
type Venue struct {
	Location Location `json:"location"`
	Title    string   `json:"title"`
	Address  string   `json:"address"`
}

// A Contact is what the account tells of somebody.
type Contact struct {
	Phone  string `json:"phone_number"`
	First  string `json:"first_name"`
	Last   string `json:"last_name,omitempty"`
	VCard  string `json:"vcard,omitempty"`
	UserID int64  `json:"user_id,omitempty"` // of a contact who is on Telegram; Telegram finds it
}

// shared makes of a place or a contact what Telegram takes; nil: the message has neither.
func (r Request) shared() tg.InputMediaClass {
	switch {
	case r.Location != nil:
		return &tg.InputMediaGeoPoint{GeoPoint: r.Location.input()}
	case r.Venue != nil:
		return &tg.InputMediaVenue{GeoPoint: r.Venue.Location.input(), Title: r.Venue.Title, Address: r.Venue.Address}
	case r.Contact != nil:
		c := r.Contact
		return &tg.InputMediaContact{PhoneNumber: c.Phone, FirstName: c.First, LastName: c.Last, Vcard: c.VCard}
	}
	return nil
}
