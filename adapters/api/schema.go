package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A moment is a time in an answer: RFC 3339 in UTC with milliseconds, or null if
// it has not happened.
type moment struct{ domain.Time }

func momentOf(t time.Time) moment { return moment{domain.Time(t)} }

// Schema describes a moment in the OpenAPI document.
func (moment) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true}
}

// An instant is a moment that has happened: never null.
type instant struct{ domain.Time }

func instantOf(t time.Time) instant { return instant{domain.Time(t)} }

// Schema describes an instant in the OpenAPI document.
func (instant) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

// nullable is embedded in objects that may be null.
type nullable struct{}

// TransformSchema marks the object as nullable in the OpenAPI document.
func (nullable) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Nullable = true
	return s
}

// orNull returns nil, which is null in JSON, for an empty string or a zero.
func orNull[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}
