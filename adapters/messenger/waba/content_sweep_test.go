package waba_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"recado/adapters/messenger/waba"
	"recado/domain"
)

// A documented is a type of message of the Cloud API, with its required fields
// only, and with all of them.
type documented struct {
	typ           string
	minimal, full string
	want          domain.MessageType
	kept          []string // words and names that must come through
}

// documentedTypes is Meta's webhook reference of November 2026. A body is what
// stands beside type.
var documentedTypes = []documented{
	{"text", `"text":{"body":"w1"}`, `"text":{"body":"w1","preview_url":true}`, domain.TypeText, []string{"w1"}},
	{"image", `"image":{"id":"w1"}`, `"image":{"id":"w1","mime_type":"w2","sha256":"w3","caption":"w4","url":"https://a"}`, domain.TypeImage, []string{"w1"}},
	{"video", `"video":{"id":"w1"}`, `"video":{"id":"w1","mime_type":"w2","sha256":"w3","caption":"w4"}`, domain.TypeVideo, []string{"w1"}},
	{"audio", `"audio":{"id":"w1"}`, `"audio":{"id":"w1","mime_type":"w2","sha256":"w3","voice":false}`, domain.TypeAudio, []string{"w1"}},
	{"audio", `"audio":{"id":"w1","voice":true}`, `"audio":{"id":"w1","mime_type":"w2","sha256":"w3","voice":true}`, domain.TypeVoice, []string{"w1"}},
	{"voice", `"voice":{"id":"w1"}`, `"voice":{"id":"w1","mime_type":"w2","sha256":"w3","file":"f"}`, domain.TypeVoice, []string{"w1"}},
	{"document", `"document":{"id":"w1"}`, `"document":{"id":"w1","mime_type":"w2","sha256":"w3","caption":"w4","filename":"w5"}`, domain.TypeFile, []string{"w1"}},
	{"sticker", `"sticker":{"id":"w1"}`, `"sticker":{"id":"w1","mime_type":"w2","sha256":"w3","animated":true}`, domain.TypeSticker, []string{"w1"}},
	{
		"location", `"location":{"latitude":1.5,"longitude":-2}`, `"location":{"latitude":1.5,"longitude":-2,"name":"w3","address":"w4","url":"w5"}`,
		domain.TypeLocation,
		[]string{"1.5", "-2"},
	},
	{
		"contacts", `"contacts":[{"name":{"formatted_name":"w1"}}]`, `"contacts":[{"name":{"formatted_name":"w1","first_name":"x"},"phones":[{"phone":"w2",
			"wa_id":"1"}],"emails":[{"email":"w3"}],"org":{"company":"w4","department":"w5","title":"w6"},"addresses":[{"street":"w7","city":"w8","state":"w9",
			"zip":"w10","country":"w11"}],"urls":[{"url":"w12"}],"birthday":"w13"}]`, domain.TypeContacts, []string{"w1"},
	},
	{
		"interactive", `"interactive":{"type":"button_reply","button_reply":{"id":"w1","title":"w2"}}`,
		`"interactive":{"type":"button_reply","button_reply":{"id":"w1","title":"w2"}}`, domain.TypeButton,
		[]string{"w1", "w2"},
	},
	{
		"interactive", `"interactive":{"type":"list_reply","list_reply":{"id":"w1","title":"w2"}}`,
		`"interactive":{"type":"list_reply","list_reply":{"id":"w1","title":"w2","description":"w3"}}`, domain.TypeButton,
		[]string{"w1", "w2"},
	},
	{
		"interactive", `"interactive":{"type":"nfm_reply","nfm_reply":{"response_json":"{\"w1\":\"w2\"}"}}`,
		`"interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"w3","response_json":{"w1":"w2"}}}`, domain.TypeButton,
		[]string{"w1", "w2"},
	},
	{
		"interactive", `"interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"accept"}}`,
		`"interactive":{"type":"call_permission_reply","call_permission_reply":{"response":"accept","expiration_timestamp":"1796468400",
			"response_source":"user_action"}}`, domain.TypeButton,
		[]string{"accept"},
	},
	{"button", `"button":{"text":"w1"}`, `"button":{"text":"w1","payload":"w2"}`, domain.TypeButton, []string{"w1"}},
	{
		"order", `"order":{"product_items":[{"product_retailer_id":"w1"}]}`, `"order":{"catalog_id":"w2","text":"w3","product_items":[{"product_retailer_id":"w1",
			"quantity":4,"item_price":"5.5","currency":"w6"}]}`, domain.TypeOrder, []string{"w1"},
	},
	{
		"system", `"system":{"type":"customer_identity_changed"}`, `"system":{"type":"user_changed_number","body":"w1","wa_id":"34699888777","user_id":"ES.222",
			"previous_user_id":"ES.111"}`, domain.TypeSystem, nil,
	},
	{"request_welcome", ``, ``, domain.TypeSystem, nil},
	{
		"unsupported", `"errors":[{"code":131051,"title":"w1"}]`,
		`"unsupported":{"type":"w2"},"errors":[{"code":131051,"title":"w1","message":"w1","error_data":{"details":"w3"}}]`, domain.TypeUnsupported,
		[]string{"w1"},
	},
	{"unknown", `"errors":[{"code":131000,"title":"w1"}]`, `"errors":[{"code":131000,"title":"w1"}]`, domain.TypeUnsupported, []string{"w1"}},
	{"a later one", `"a later one":{"text":"w1"}`, `"a later one":{"title":"w1","rows":[{"text":"w2"}],"depth":3}`, domain.TypeUnsupported, []string{"w1"}},
}

// around is what may stand beside every body.
const around = `,"context":{"from":"15550783881","id":"wamid.a","forwarded":true,"referred_product":{"catalog_id":"c1","product_retailer_id":"c2"}},
	"referral":{"source_type":"c3","source_id":"c4","source_url":"c5","headline":"c6","body":"c7","media_type":"c8","image_url":"c9","ctwa_clid":"c10"}`

// Each documented type becomes a message with a text or a file, and with every
// field that is known. Words of a value are w1, w2, …; around it c1, c2 and so on.
func TestEveryDocumentedTypeIsAMessage(t *testing.T) {
	c := waba.New(http.DefaultClient, nil)
	for _, d := range documentedTypes {
		for form, body := range map[string]string{"minimal": d.minimal, "full": d.full} {
			t.Run(fmt.Sprintf("%s/%s/%s", d.typ, d.want, form), func(t *testing.T) {
				beside := ""
				if body != "" {
					beside = "," + body
				}
				texts := slices.Clone(d.kept)
				if form == "full" {
					beside += around
					texts = append(texts, words(d.full)...)
					texts = append(texts, "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10")
				}
				p := c.Parse(fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{
					"metadata":{"phone_number_id":"1"},"messages":[{"id":"wamid.1","from":"34600000001","timestamp":"1749416383","type":%q%s}]}}]}]}`,
					d.typ, beside))
				if len(p.Updates) != 1 || len(p.Bad) != 0 {
					t.Fatalf("Parse gives %+v", p)
				}
				m, _ := p.Updates[0].Fact.(domain.MessageArrived)
				if m.Type != d.want || m.Text == "" && m.Media == nil {
					t.Errorf("it is %q with the text %q, want %q", m.Type, m.Text, d.want)
				}
				said, err := json.Marshal(m)
				if err != nil {
					t.Fatal(err)
				}
				for _, word := range texts {
					if !strings.Contains(string(said), word) {
						t.Errorf("%s is lost: %s", word, said)
					}
				}
			})
		}
	}
}

// words lists w1, w2, … of a body.
func words(body string) []string {
	var found []string
	for i := 1; i < 20; i++ {
		if word := fmt.Sprintf("w%d", i); strings.Contains(body, `"`+word+`"`) {
			found = append(found, word)
		}
	}
	return found
}
