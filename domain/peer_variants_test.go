package domain

import "testing"

func TestVariants(t *testing.T) {
	pairs := []struct {
		name        string
		short, long PeerID
	}{
		{"Brazil's ninth digit", "551187654321", "5511987654321"},
		{"Mexico's 1", "525512345678", "5215512345678"},
		{"Argentina's 9", "541123456789", "5491123456789"},
	}
	for _, tt := range pairs {
		t.Run(tt.name, func(t *testing.T) {
			for _, way := range [][2]PeerID{{tt.short, tt.long}, {tt.long, tt.short}} {
				if got := WABA.Variants(way[0]); len(got) != 1 || got[0] != way[1] {
					t.Errorf("variants of %s are %v, want %s", way[0], got, way[1])
				}
			}
		})
	}
	for _, p := range []PeerID{"34600000131", "551123456789", "5511923456789", "5522", "15512345678", "ES.5215512345678", "521551234567x", ""} {
		if got := WABA.Variants(p); got != nil {
			t.Errorf("variants of %q are %v, want none", p, got)
		}
	}
	if got := TelegramBot.Variants("525512345678"); got != nil {
		t.Errorf("variants of a number that is no phone are %v", got)
	}
}
