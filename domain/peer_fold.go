package domain

import (
	"strings"
	"unicode"
)

// zeros are the zeros of the digits that people paste; nine more follow each.
var zeros = []rune{'０', '٠', '۰', '०'}

// foldedSigns are signs of wide or other writing that stand for an ASCII sign.
var foldedSigns = map[rune]rune{
	'＋': '+', '﹢': '+', '⁺': '+', '（': '(', '）': ')', '．': '.', '․': '.', '·': '.', '∙': '.',
	'／': '/', '⁄': '/', '∕': '/', '＠': '@', '：': ':', '−': '-', '⁻': '-', 'ー': '-',
}

// foldSigns writes the digits and signs of a pasted id in ASCII, drops what
// cannot be seen, and makes every blank a space. ASCII passes as it is, but for
// blanks at the ends.
func foldSigns(raw string) string {
	s := strings.TrimSpace(raw)
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '\t' || r > unicode.MaxASCII }) {
		return s
	}
	return strings.TrimSpace(strings.Map(foldSign, s))
}

func foldSign(r rune) rune {
	for _, zero := range zeros {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero
		}
	}
	switch {
	case foldedSigns[r] != 0:
		return foldedSigns[r]
	case r == '\t', unicode.Is(unicode.Zs, r), r == '\u2800', r == '\u3164', r == '\u2028', r == '\u2029':
		return ' '
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r), r == '\u20e3':
		return -1
	case unicode.Is(unicode.Pd, r):
		return '-'
	}
	return r
}
