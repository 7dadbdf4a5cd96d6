package waba

import (
	"recado/adapters/messenger/wire"
	"recado/domain"
)

// The surroundings are what a message answers to, is about, or comes from.
type surroundings struct {
	ID        wire.Text
	Forwarded bool
	Often     bool `json:"frequently_forwarded"`
	Product   *struct {
		Catalog wire.Text `json:"catalog_id"`
		ID      wire.Text `json:"product_retailer_id"`
	} `json:"referred_product"`
}

// A referral is the advertisement, or the post, by which the client came.
type referral struct {
	Source     string    `json:"source_type"`
	SourceID   wire.Text `json:"source_id"`
	SourceURL  string    `json:"source_url"`
	Headline   string
	Body       string
	MediaType  string                `json:"media_type"`
	ImageURL   string                `json:"image_url"`
	VideoURL   string                `json:"video_url"`
	PreviewURL string                `json:"thumbnail_url"`
	ClickID    wire.Text             `json:"ctwa_clid"`
	Greeting   struct{ Text string } `json:"welcome_message"`
}

// carried adds what stands beside the body; nil: nothing.
func (m message) carried(c domain.Content) *domain.Content {
	c.Forwarded = m.Context.Forwarded || m.Context.Often
	c.Referral = m.referred()
	return c.OrNil()
}

func (m message) referred() *domain.Referral {
	var read domain.Referral
	if r := m.Referral; r != nil {
		read = domain.Referral{
			Source: r.Source, SourceID: string(r.SourceID), SourceURL: r.SourceURL, Headline: r.Headline, Body: r.Body, MediaType: r.MediaType,
			ImageURL: r.ImageURL, VideoURL: r.VideoURL, PreviewURL: r.PreviewURL, ClickID: string(r.ClickID), Greeting: r.Greeting.Text,
		}
	}
	if p := m.Context.Product; p != nil && p.ID != "" {
		read.Product = &domain.Product{Catalog: string(p.Catalog), ID: string(p.ID)}
	}
	if read == (domain.Referral{}) {
		return nil
	}
	return &read
}
