package domain

// Variants lists the other spellings of a phone number that a country has: the
// ninth digit of Brazil's mobiles, the 1 of Mexico's behind 52, the 9 of
// Argentina's behind 54. They are tried where nobody has the number as it is
// written.
func (k Kind) Variants(p PeerID) []PeerID {
	if len(p) < 12 || len(p) > 13 || !k.Traits().Phones || !p.IsPhone() {
		return nil
	}
	country, number := p[:2], p[2:]
	switch {
	case country == "55" && len(number) == 10 && number[2] >= '6':
		return []PeerID{country + number[:2] + "9" + number[2:]}
	case country == "55" && len(number) == 11 && number[2] == '9' && number[3] >= '6':
		return []PeerID{country + number[:2] + number[3:]}
	case country == "52" && len(number) == 10:
		return []PeerID{country + "1" + number}
	case country == "54" && len(number) == 10:
		return []PeerID{country + "9" + number}
	case country == "52" && len(number) == 11 && number[0] == '1', country == "54" && len(number) == 11 && number[0] == '9':
		return []PeerID{country + number[1:]}
	}
	return nil
}
