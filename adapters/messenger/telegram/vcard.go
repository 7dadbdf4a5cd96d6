package telegram

import (
	"strings"

	"recado/domain"
)

// maxVCard is how long a vCard may be for Telegram, in bytes.
const maxVCard = 2048

// vcard writes what of a contact is more than a name and a number; empty: nothing, or
// more than Telegram takes.
func vcard(c domain.Card) string {
	if len(c.Phones) < 2 && len(c.Emails) == 0 && c.Organization == "" && c.Title == "" && len(c.Addresses) == 0 && len(c.URLs) == 0 && c.Birthday == "" {
		return ""
	}
	var b strings.Builder
	line := func(name string, values ...string) {
		for _, v := range values {
			if v != "" {
				b.WriteString(name + ":" + vcardEscape.Replace(v) + "\r\n")
			}
		}
	}
	line("BEGIN", "VCARD")
	line("VERSION", "3.0")
	line("FN", c.Name)
	line("TEL", c.Phones...)
	line("EMAIL", c.Emails...)
	line("ORG", c.Organization)
	line("TITLE", c.Title)
	line("LABEL", c.Addresses...)
	line("URL", c.URLs...)
	line("BDAY", c.Birthday)
	line("END", "VCARD")
	if b.Len() > maxVCard {
		return ""
	}
	return b.String()
}

// vcardEscape quotes what separates the parts of a vCard.
var vcardEscape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", "", ",", `\,`, ";", `\;`)
