package waba

import "recado/domain"

const mebibyte = 1 << 20

// limits are Meta's.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-list-messages
var limits = []domain.Limit{
	{Type: domain.TypeText, Text: 4096},
	{Type: domain.TypeTemplate, Text: 4096}, // how it reads: it is not sent
	{Type: domain.TypeImage, Text: 1024, Size: 5 * mebibyte, MIMEs: []string{"image/jpeg", "image/png"}},
	{Type: domain.TypeVideo, Text: 1024, Size: 16 * mebibyte, MIMEs: []string{"video/mp4", "video/3gpp"}},
	{Type: domain.TypeAudio, Size: 16 * mebibyte, MIMEs: []string{"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/ogg"}},
	{Type: domain.TypeVoice, Size: 16 * mebibyte, MIMEs: []string{"audio/ogg"}, Mono: true},
	{Type: domain.TypeFile, Text: 1024, Size: 100 * mebibyte, MIMEs: []string{
		"text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation",
		"image/jpeg", "image/png", "video/mp4", "video/3gpp", "audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg",
	}},
	{Type: domain.TypeLocation},
	{Type: domain.TypeContacts, Contacts: 257},
	{Type: domain.TypeInteractive, Text: 1024, Choices: domain.ChoiceLimit{
		Header: 60, Footer: 60, Buttons: 3, ButtonTitle: 20, ButtonID: 256, LinkTitle: 20,
		ListButton: 20, Sections: 10, Rows: 10, RowTitle: 24, RowDescription: 72, RowID: 200,
	}},
	{Type: domain.TypeReaction, Text: 16},
}

// Limits lists what Meta takes.
func (*Connector) Limits() []domain.Limit { return limits }
