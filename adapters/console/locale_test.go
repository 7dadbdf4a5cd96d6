package console

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"recado/domain"
)

// named finds the texts that templates and code name.
var named = regexp.MustCompile(`(?:\bt |text\()"([a-z_.]+[a-z])"`)

func TestEveryTextExistsInEveryLanguage(t *testing.T) {
	all := map[string]map[string]any{}
	for _, lang := range languages {
		text, err := files.ReadFile("locales/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		all[lang] = m
	}
	es, en := slices.Sorted(maps.Keys(all["es"])), slices.Sorted(maps.Keys(all["en"]))
	if !slices.Equal(es, en) {
		t.Errorf("the languages have different texts:\n%v\n%v", es, en)
	}
	var used []string
	err := fs.WalkDir(files, "templates", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := files.ReadFile(path)
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			used = append(used, m[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range answers {
		used = append(used, "error."+row.code)
	}
	for _, typ := range domain.MessageTypes {
		used = append(used, "type."+string(typ))
	}
	for _, s := range domain.DeliveryStatuses {
		used = append(used, "status."+string(s))
	}
	for _, s := range domain.DeliveryStates {
		used = append(used, "delivery."+string(s))
	}
	for _, s := range domain.ReplayStates {
		used = append(used, "replay."+string(s))
	}
	for _, a := range domain.ActionTypes {
		used = append(used, "action.queued."+string(a), "action.failed."+string(a))
	}
	for _, s := range domain.ConnectionStatuses {
		used = append(used, "connection."+string(s))
	}
	for _, s := range domain.EndpointStatuses {
		used = append(used, "endpoint."+string(s))
	}
	for _, price := range slices.Concat(domain.PriceCategories, domain.PriceTypes[1:], []string{domain.UnknownPrice}) {
		used = append(used, "price."+price) // the first type, regular, is not named
	}
	for _, cause := range domain.MediaCauses {
		used = append(used, "media."+string(cause))
	}
	for _, reason := range []domain.Reason{
		domain.ReasonNoAccount, domain.ReasonUnpaid, domain.ReasonWindowClosed, domain.ReasonDialogLimit,
		domain.ReasonNoPaidDialogs, domain.ReasonPermission, domain.ReasonPeerRefuses,
	} {
		used = append(used, "why."+string(reason))
	}
	for _, id := range used {
		if _, ok := all["es"][id]; !ok {
			t.Errorf("no text %q", id)
		}
	}
}

// What nobody sees is deleted: a text that nothing names, a class that has no rule.
func TestNothingIsLeftOver(t *testing.T) {
	read := func(patterns ...string) (text string) {
		for _, pattern := range patterns {
			names, err := filepath.Glob(pattern)
			if err != nil || len(names) == 0 {
				t.Fatal(pattern, err)
			}
			for _, name := range names {
				part, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				text += string(part)
			}
		}
		return text
	}
	markup, code := read("templates/*.html"), read("*.go", "static/*.js", "static/*.css")
	all := markup + code
	var texts map[string]any
	if err := json.Unmarshal([]byte(read("locales/es.json")), &texts); err != nil {
		t.Fatal(err)
	}
	for id := range texts {
		group := id[:strings.LastIndex(id, ".")+1] // whose members may be named by what they stand for
		if !strings.Contains(all, `"`+id+`"`) && (group == "" || !strings.Contains(all, `"`+group+`"`)) {
			t.Errorf("nothing names the text %q", id)
		}
	}
	named := map[string]bool{}
	for _, name := range regexp.MustCompile(`[."]([a-z][a-z0-9-]*)`).FindAllStringSubmatch(code, -1) {
		named[name[1]] = true
	}
	for _, list := range regexp.MustCompile(`class="([^"]*)"`).FindAllStringSubmatch(regexp.MustCompile(`\{\{[^}]*\}\}`).ReplaceAllString(markup, " "), -1) {
		for _, class := range strings.Fields(list[1]) {
			if !strings.HasSuffix(class, "-") && !named[class] {
				t.Errorf("the class %q has no rule and no script", class)
			}
		}
	}
}

// What is stored for programs is written for people.
func TestDatesPricesAndGroupsAreWrittenForPeople(t *testing.T) {
	es, en := &desk{pages: &pages{text: texts("es")}}, &desk{pages: &pages{text: texts("en")}}
	group := &domain.Chat{IsGroup: true, Peer: "120363041234567890@g.us"}
	tests := []struct{ got, want string }{
		{es.date("2026-01-31"), "31 de enero de 2026"},
		{es.date("whenever"), "whenever"},
		{es.month("2026-11"), "noviembre de 2026"},
		{en.month("2026-11"), "November 2026"},
		{es.price(domain.Price{Category: "utility", Type: "regular"}), "Utilidad"},
		{es.price(domain.Price{Category: "service", Type: "free_customer_service"}), "Servicio · gratis, atención al cliente"},
		{en.price(domain.Price{Category: "of_tomorrow", Type: "regular"}), "of_tomorrow"},
		{es.titleOf(group), "Grupo …7890"},
		{es.titleOf(&domain.Chat{IsGroup: true, Title: "Vecinos"}), "Vecinos"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// What does not work never looks as what does: its badge has a colour of its own.
func TestEveryProblemHasAColour(t *testing.T) {
	style, err := files.ReadFile("static/page.css")
	if err != nil {
		t.Fatal(err)
	}
	states := []string{string(domain.SubscriptionOverdue)}
	for _, s := range domain.ConnectionStatuses {
		states = append(states, string(s))
	}
	for _, s := range domain.EndpointStatuses {
		states = append(states, string(s))
	}
	for _, s := range states {
		if s != "ok" && !strings.Contains(string(style), ".badge-"+s+",") && !strings.Contains(string(style), ".badge-"+s+" {") {
			t.Errorf("a badge %q looks as if all were well", s)
		}
	}
}

func TestTextsCountAndFill(t *testing.T) {
	tests := []struct{ got, want string }{
		{texts("es")("list.unanswered", "Count", int64(1)), "1 mensaje sin responder"},
		{texts("es")("list.unanswered", "Count", int64(3)), "3 mensajes sin responder"},
		{texts("en")("window.open", "Hours", 3, "Minutes", 20), "The window closes in 3 h 20 min."},
		{texts("es")("template.example"), "Hola {{1}}, su cita es {{2}}."},
		{strings.ToLower(texts("en")("logout")), "log out"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
