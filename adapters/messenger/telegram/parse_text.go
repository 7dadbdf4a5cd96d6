package telegram

import (
	"cmp"
	"slices"
	"unicode/utf16"

	"recado/adapters/messenger/wire"
)

// An entity is a part of a text, in UTF-16 units, that means more than its words.
type entity struct {
	Offset, Length wire.Integer
	URL            string // behind the words
}

// withLinks writes the addresses that stand behind words beside them.
func withLinks(text string, entities []entity) string {
	entities = slices.DeleteFunc(slices.Clone(entities), func(e entity) bool { return e.URL == "" })
	if len(entities) == 0 {
		return text
	}
	units := utf16.Encode([]rune(text))
	slices.SortStableFunc(entities, func(a, b entity) int { return cmp.Compare(b.Offset, a.Offset) })
	for _, e := range entities {
		end := e.Offset + e.Length
		if e.Offset < 0 || e.Length <= 0 || end > wire.Integer(len(units)) || end < 0 {
			continue
		}
		if words := string(utf16.Decode(units[e.Offset:end])); words != e.URL {
			units = slices.Insert(units, int(end), utf16.Encode([]rune(" ("+e.URL+")"))...)
		}
	}
	return string(utf16.Decode(units))
}
