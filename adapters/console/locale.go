package console

import (
	"encoding/json"
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// languages of the page, the first for those who ask for none of them. Each has a
// file of texts in locales.
var languages = []string{"es", "en"}

// texts returns the function that gives the texts of a language: text "list.search",
// or text "list.unanswered" "Count" 3. A text that is missing is its id; a test looks
// up every one that the page names.
func texts(lang string) func(id string, data ...any) string {
	bundle := i18n.NewBundle(language.Spanish)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	if _, err := bundle.LoadMessageFileFS(files, "locales/"+lang+".json"); err != nil {
		panic(fmt.Sprintf("console: %v", err))
	}
	localizer := i18n.NewLocalizer(bundle, lang)
	return func(id string, data ...any) string {
		values := map[string]any{}
		for i := 0; i+1 < len(data); i += 2 {
			values[fmt.Sprint(data[i])] = data[i+1]
		}
		config := &i18n.LocalizeConfig{MessageID: id, TemplateData: values}
		if n, ok := values["Count"]; ok {
			config.PluralCount = fmt.Sprint(n)
		}
		text, err := localizer.Localize(config)
		if err != nil {
			return id
		}
		return text
	}
}
