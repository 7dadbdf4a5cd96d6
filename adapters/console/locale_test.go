package console

import (
	"encoding/json"
	"io/fs"
	"maps"
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
	for _, s := range domain.ConnectionStatuses {
		used = append(used, "connection."+string(s))
	}
	for _, s := range domain.EndpointStatuses {
		used = append(used, "endpoint."+string(s))
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
