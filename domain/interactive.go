package domain

// An Interactive is what a text gives the peer to choose from: Buttons, a List or a
// LinkButton. What the peer chooses arrives as a message of TypeButton.
type Interactive struct {
	Header  string      `json:"header,omitempty"`
	Footer  string      `json:"footer,omitempty"`
	Buttons []Button    `json:"buttons,omitempty"`
	List    *List       `json:"list,omitempty"`
	Link    *LinkButton `json:"link,omitempty"`
}

// A List opens at a button.
type List struct {
	Button   string    `json:"button"` // the title of that button
	Sections []Section `json:"sections"`
}

// A Section is some rows of a List under a title.
type Section struct {
	Title string   `json:"title,omitempty"`
	Rows  []Button `json:"rows"`
}

// A LinkButton is a button that opens a page.
type LinkButton struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Rows lists the rows of every section.
func (l *List) Rows() (rows []Button) {
	for _, s := range l.Sections {
		rows = append(rows, s.Rows...)
	}
	return rows
}
