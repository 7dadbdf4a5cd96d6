package waha

import "recado/domain"

const mebibyte = 1 << 20

// biggest is the size of a file: it stands in the request itself.
const biggest = 16 * mebibyte

// spoken lists the types of recordings. WAHA makes Opus of what is none.
var spoken = []string{"audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/aac", "audio/amr"}

// limits are what WhatsApp's own apps take, as far as a request can carry it.
var limits = []domain.Limit{
	{Type: domain.TypeText, Text: 4096},
	{Type: domain.TypeImage, Text: 1024, Size: biggest, MIMEs: []string{"image/jpeg", "image/png"}},
	{Type: domain.TypeVideo, Text: 1024, Size: biggest, MIMEs: []string{"video/mp4", "video/3gpp", "video/quicktime", "video/webm"}},
	{Type: domain.TypeAudio, Text: 1024, Size: biggest},
	{Type: domain.TypeVoice, Size: biggest, MIMEs: spoken},
	{Type: domain.TypeFile, Text: 1024, Size: biggest},
	{Type: domain.TypeLocation},
	{Type: domain.TypeContacts, Contacts: 257},
	{Type: domain.TypeReaction, Text: 16},
	{Type: domain.TypeEdit, Text: 4096},
	{Type: domain.TypeDelete},
}

// Limits lists what a session takes.
func (*Connector) Limits() []domain.Limit { return limits }
