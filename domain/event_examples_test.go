package domain

import (
	"maps"
	"slices"
	"testing"
)

func TestEveryTypeOfEventHasAnExample(t *testing.T) {
	if got, want := slices.Sorted(maps.Keys(exampleData)), slices.Sorted(slices.Values(EventTypes)); !slices.Equal(got, want) {
		t.Errorf("examples of %v, want %v", got, want)
	}
}
