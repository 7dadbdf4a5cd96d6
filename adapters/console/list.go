package console

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"recado/domain"
)

// chatsAtOnce is how many chats a part of the list holds.
const chatsAtOnce = 40

// A filter is what the employee asked of the list.
type filter struct {
	Search     string
	Unanswered bool
	Blocked    bool
	Connection domain.ConnectionID
}

func filterOf(r *http.Request) filter {
	search := strings.ReplaceAll(strings.ToValidUTF8(r.FormValue("q"), ""), "\x00", "")
	return filter{
		Search: search[:min(len(search), 256)], Unanswered: r.FormValue("unanswered") != "", Blocked: r.FormValue("blocked") != "",
		Connection: domain.ConnectionID(r.FormValue("connection")),
	}
}

// A chatRow is a chat as the list shows it.
type chatRow struct {
	ID         domain.ChatID
	Place      string // see chatPlace
	Title      string
	Initial    string
	Kind       domain.Kind
	KindName   string
	Connection domain.ConnectionID
	Group      bool
	Blocked    bool
	Unanswered int64
	When       string
	Last       lastLine
	Open       bool // it is the chat beside the list
}

// A lastLine is the last message of a chat in one line.
type lastLine struct {
	Mine   bool
	Status domain.DeliveryStatus
	Label  string // what it is, unless it is a text
	Text   string
}

// row shows a chat in the list.
func (d *desk) row(c *domain.Chat, last domain.Message) chatRow {
	at := c.LastInboundAt
	if at.IsZero() {
		at = last.At
	}
	title := d.titleOf(c)
	return chatRow{
		ID: c.ID, Place: chatPlace(c), Title: title, Initial: initialOf(title), Kind: c.Kind, KindName: c.Kind.Traits().Name, Connection: c.Connection,
		Group: c.IsGroup, Blocked: c.Blocked(), Unanswered: c.Unanswered, When: d.when(at), Last: d.lastLine(&last),
	}
}

func (d *desk) lastLine(m *domain.Message) lastLine {
	line := lastLine{Mine: m.Direction == domain.Outbound, Status: m.Status, Text: firstLine(m.Text)}
	switch {
	case m.ID == "":
	case !m.DeletedAt.IsZero():
		line.Label, line.Text = d.text("message.deleted"), ""
	case m.Type != domain.TypeText:
		line.Label = d.text("type." + string(m.Type))
	}
	return line
}

// titleOf returns what a person calls a chat: the first name that it has. A group
// without one shows the end of its id, which tells it from other groups.
func (d *desk) titleOf(c *domain.Chat) string {
	username := c.Username
	if username != "" {
		username = "@" + username
	}
	name := cmp.Or(plain(c.Title), plain(username), c.Phone)
	if name == "" && c.IsGroup {
		id, _, _ := strings.Cut(string(c.Peer), "@")
		return d.text("chat.group", "ID", id[max(0, len(id)-4):])
	}
	return cmp.Or(name, string(c.Peer))
}

// A listPart is a part of the list.
type listPart struct {
	Rows []chatRow
	More string // the place after which the list goes on; empty: it is complete
}

// readList reads a part of the list after a place.
func (c *Console) readList(ctx context.Context, d *desk, f filter, after string, open domain.ChatID) (p listPart, err error) {
	cursor, err := parseChatPlace(after)
	if err != nil {
		return p, err
	}
	chats, err := c.Store.Chats(ctx, d.by.Company, domain.ChatQuery{
		Connection: f.Connection, Unanswered: f.Unanswered, Blocked: f.Blocked, Search: f.Search, Limit: chatsAtOnce + 1, After: cursor,
	})
	if err != nil {
		return p, err
	}
	if len(chats) > chatsAtOnce {
		chats = chats[:chatsAtOnce]
		p.More = chatPlace(&chats[chatsAtOnce-1])
	}
	last, err := c.Store.LastMessages(ctx, d.by.Company, chats)
	if err != nil {
		return p, err
	}
	for i := range chats {
		row := d.row(&chats[i], last[chats[i].ID])
		row.Open = row.ID == open
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

// listChats handles GET /chat/list.
func (c *Console) listChats(ctx context.Context, v *visit) error {
	d, err := c.desk(ctx, v)
	if err != nil {
		return err
	}
	part, err := c.readList(ctx, d, filterOf(v.r), v.r.FormValue("after"), domain.ChatID(v.r.FormValue("open")))
	if err != nil {
		return err
	}
	return v.render("list", map[string]any{"Part": part})
}

// showChats handles GET /chat and GET /chat/c/{chat}: the list, and a chat beside it.
func (c *Console) showChats(ctx context.Context, v *visit) error {
	place, err := c.Store.FeedEnd(ctx) // before what is read: what happens since then comes by the stream
	if err != nil {
		return err
	}
	d, err := c.desk(ctx, v)
	if err != nil {
		return err
	}
	f, open := filterOf(v.r), domain.ChatID(v.r.PathValue("chat"))
	data := map[string]any{
		"Title": v.pages.text("list.title"), "Filter": f, "Connections": d.connections, "After": formatFeedPlace(place),
	}
	if data["Part"], err = c.readList(ctx, d, f, "", open); err != nil {
		return err
	}
	if open != "" {
		pane, err := c.readPane(ctx, d, open)
		if err != nil {
			return err
		}
		data["Pane"], data["Title"] = pane, pane.Chat.Title
	}
	return v.render("chats", data)
}
