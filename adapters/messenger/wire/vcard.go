package wire

import (
	"strings"

	"recado/domain"
)

// VCard writes a contact as a vCard 3.0.
func VCard(c domain.Card) string {
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
	return b.String()
}

// vcardEscape quotes what separates the parts of a vCard.
var vcardEscape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", "", ",", `\,`, ";", `\;`)
