package telegram

import "recado/domain"

const mebibyte = 1 << 20

// limits are those of the Bot API, which counts UTF-16 code units. A header and a
// footer stand in the text.
// https://core.telegram.org/bots/api#sending-files
var limits = []domain.Limit{
	{Type: domain.TypeText, Text: 4096, UTF16: true},
	{Type: domain.TypeImage, Text: 1024, UTF16: true, Size: 10 * mebibyte, MIMEs: []string{"image/jpeg", "image/png", "image/webp", "image/bmp"}},
	{Type: domain.TypeVideo, Text: 1024, UTF16: true, Size: 50 * mebibyte, MIMEs: []string{"video/mp4"}},
	{Type: domain.TypeAudio, Text: 1024, UTF16: true, Size: 50 * mebibyte, MIMEs: []string{"audio/mpeg", "audio/mp4", "audio/x-m4a"}},
	{Type: domain.TypeVoice, Text: 1024, UTF16: true, Size: 50 * mebibyte, MIMEs: []string{"audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a"}},
	{Type: domain.TypeFile, Text: 1024, UTF16: true, Size: 50 * mebibyte},
	{Type: domain.TypeLocation},
	{Type: domain.TypeContacts, Contacts: 1},
	{Type: domain.TypeInteractive, Text: 3800, UTF16: true, Choices: domain.ChoiceLimit{
		Header: 60, Footer: 60, Buttons: 100, ButtonID: 64, Sections: 100, Rows: 100, RowID: 64,
	}},
	{Type: domain.TypeReaction, Text: 16, UTF16: true},
	{Type: domain.TypeEdit, Text: 4096, UTF16: true},
	{Type: domain.TypeDelete},
}
