package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"recado/domain"
)

// A Scale is a store that weighs what it reads.
type Scale interface {
	domain.Store

	// Execute runs SQL that every store understands, in which Bytes stand for some.
	Execute(ctx context.Context, sql string) error

	// Read returns how many rows the database has read until now, of tables and of
	// indexes. A store that knows only an estimate may return that.
	Read(ctx context.Context) (rows int64, err error)

	// Count counts the tables for the planner, as the database does by itself in time.
	Count(ctx context.Context) error

	// Vacuum clears the tables, as the database does by itself in time.
	Vacuum(ctx context.Context) error
}

// A Size is how much a store holds while it is weighed.
type Size struct{ Messages, Chats int }

// Sizes of a test in everyday use, and of one that takes minutes.
var (
	Short = Size{Messages: 200_000, Chats: 60_000}
	Long  = Size{Messages: 3_000_000, Chats: 1_000_000}
)

// Weigh fills a store as years would, and checks that what runs by itself or
// serves a list reads a bounded number of rows, by plans of the time before and after
// the store counted and vacuumed its tables. Open gives an empty store.
func Weigh(t *testing.T, size Size, open func(*testing.T) Scale) {
	s := open(t)
	l := lab{t, s}
	l.declare(everything())
	l.applyEach(toPhone(1, says(peer, "in.1", "hello"))) // the feed is behind its first event
	for _, q := range standingQueries() {                // as a process that is there from the first day on
		if err := q.run(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", q.says, err)
		}
	}
	for _, sql := range size.history() {
		if err := s.Execute(t.Context(), sql); err != nil {
			t.Fatalf("%v in %s", err, sql)
		}
	}
	t.Run("planned for an empty store", func(t *testing.T) { size.weigh(t, s) })
	if err := s.Count(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("planned for a full store", func(t *testing.T) { size.weigh(t, s) })
	if err := s.Vacuum(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("planned for a full store that is vacuumed", func(t *testing.T) { size.weigh(t, s) })
}

func (n Size) weigh(t *testing.T, s Scale) {
	for _, q := range standingQueries() {
		t.Run(q.says, func(t *testing.T) {
			before, err := s.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := q.run(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			after, err := s.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			most := q.rows
			if n == Long && most >= handRows {
				most *= grows
			}
			if read := after - before; read > most {
				t.Errorf("it reads %d rows, want %d at most", read, most)
			}
		})
	}
}

// Bytes stands in the SQL for bytes, which each store writes in its own way.
const Bytes = "BYTES"

// Ids of what the history has few of.
const (
	deepChat domain.ChatID = "chat_deep" // has most of what waits for crm and for wa-1
	heldChat domain.ChatID = "chat_held" // has all that waits for ticks, behind a delivery that is tried again later
)

// history is SQL that inserts what a large installation has gathered: one company
// with nearly all chats, of which the few that are blocked, unanswered or on
// another connection are the oldest; queues that are long behind one chat, or
// behind a connection that may not send.
func (n Size) history() []string {
	some, many := n.Messages/20, n.Messages/4
	const delivery = "deliveries (endpoint_id, event_id, chat_id, created_at, state, attempts, next_at)"
	const outbox = "outbox (message_id, connection_id, chat_id, seq, accepted_at, attempts, attempt_at, next_at, unknown_at)"
	const message = `messages (id, chat_id, connection_id, company_id, seq, direction, origin, employee_id, type, text, media, template, provider_id,
		reply_to, client_ref, at, inbound_seq, answers_seq, status, failure, sent_at, delivered_at, read_at, failed_at, edited_at, deleted_at, reactions)`
	const media = `media (id, company_id, connection_id, message_id, state, source, told_mime, mime, name, size, seconds, sha256, voice, cause, tries,
		next_at, give_up_at, created_at)`
	event := "'evt_' || (1000000000 + i)"
	return []string{
		series(n.Chats, "chats (id, company_id, connection_id, kind, peer_id, title, phone, username, created_at, last_inbound_at, unanswered, waiting_since, blocked_by, blocked_at, words)",
			fmt.Sprintf(`'chat_' || (1000000000 + i), 'acme', CASE WHEN i <= 20 THEN 'bot-1' ELSE 'wa-1' END, 'whatsapp_business',
			'52155' || (10000000 + i), 'Cliente ' || i, '52155' || (10000000 + i), 'user' || i, 1, now_ms() - (%d - i) * 1000,
			CASE WHEN i BETWEEN 21 AND 40 THEN 1 ELSE 0 END, CASE WHEN i BETWEEN 21 AND 40 THEN 1 ELSE 0 END, CASE WHEN i BETWEEN 41 AND 60 THEN 'ana' ELSE '' END,
			CASE WHEN i BETWEEN 41 AND 60 THEN now_ms() ELSE 0 END, 'cliente ' || i || ' 52155' || (10000000 + i) || ' user' || i`, n.Chats)),
		series(n.Messages, message, fmt.Sprintf(`'msg_' || (1000000000 + i), 'chat_' || (1000000001 + i %% %d), 'wa-1', 'acme', i, 'inbound', 'client', '', 'text',
			'hello', '', '', 'wamid.' || i, '', '', now_ms() - (%d - i) * 1000, 1, 0, '', '', 0, 0, 0, 0, 0, 0, ''`, n.Chats, n.Messages)),
		series(n.Messages, "events (id, company_id, chat_id, seq, type, at, body, stamp, feed_pos)", fmt.Sprintf(`
			%s, 'acme', 'chat_1', i, 'message.created', now_ms() - 2500000000 + i * 2500000000 / %d, BYTES, 1, i`, event, n.Messages)),
		series(n.Messages, delivery, fmt.Sprintf(`'crm', %s, 'chat_1', now_ms() - 2500000000 + i * 2500000000 / %d, 'delivered', 0, 0`, event, n.Messages)),
		series(some, delivery, fmt.Sprintf(`'crm', %s, 'chat_1', now_ms(), 'parked', 9, 0`, event)),
		series(many, delivery, fmt.Sprintf(`'crm', %s, '%s', now_ms(), 'due', 0, 0`, event, deepChat)),
		series(20, delivery, fmt.Sprintf(`'crm', %s, 'chat_other_' || i, now_ms(), 'due', 0, 0`, event)),
		series(20, delivery, fmt.Sprintf(`'crm', %s, 'chat_before_' || i, now_ms(), 'due', 0, 0`, event)), // the deep one, by their ids
		series(many, delivery, fmt.Sprintf(`'ticks', %s, '%s', now_ms(), 'due', CASE i WHEN 1 THEN 1 ELSE 0 END,
			CASE i WHEN 1 THEN now_ms() + 3600000 ELSE 0 END`, event, heldChat)),
		series(10_000, delivery, fmt.Sprintf(`'ended', %s, 'chat_ended', now_ms(), 'due', 0, 0`, event)),
		series(5000, delivery, fmt.Sprintf(`'ended', %s, 'chat_ended', now_ms(), 'parked', 9, 0`, event)),
		`INSERT INTO ended_endpoints (endpoint_id, ended_at, floor) VALUES ('ended', now_ms(), 0)`,
		series(some, outbox, fmt.Sprintf(`'msg_deep_' || i, 'wa-1', '%s', i, now_ms(), 0, 0, CASE i WHEN 1 THEN now_ms() + 3600000 ELSE 0 END, 0`, deepChat)),
		series(some, outbox, `'msg_suspended_' || i, 'waba-1', 'chat_suspended_' || i, i, now_ms(), 0, 0, 0, 0`),
		series(some, outbox, `'msg_unknown_' || i, 'bot-1', 'chat_unknown_' || i, i, now_ms(), 1, 0, 0, now_ms()`),
		series(some, "attempts (endpoint_id, number, delivery_id, at, took_ms, http_status, error, answer, next_at)",
			`'crm', i, CASE WHEN i <= 50 THEN 1 ELSE 2 END, now_ms(), 1, 500, 'HTTP 500', '', 0`),
		`INSERT INTO replays (id, endpoint_id, since, until, types, chat_id, stamp, feed_pos, end_stamp, count, created_at)
			VALUES ('rep_1', 'crm', 0, 0, '', '', 1, 200, 2, -1, now_ms())`,
		series(domain.ReplayAhead/2, "replay_queue (replay_id, endpoint_id, event_id, chat_id, created_at)", fmt.Sprintf(`
			'rep_1', 'crm', %s, CASE i %% 2 WHEN 0 THEN '%s' ELSE 'chat_quiet' END, now_ms()`, event, deepChat)),
		`UPDATE connections SET status = 'suspended' WHERE id = 'waba-1'`,
		series(some, "orphans (connection_id, provider_id, digest, kind, fact, at, received_at, kept_at)",
			fmt.Sprintf(`'wa-1', 'wamid.never.' || i, 'digest', 'status', BYTES, 1, 1, now_ms() - 86000000 + i * 85000000 / %d`, some)),
		series(some, "inbox (lane, hook_id, kind, received_at, body)", `3, 'meta', 'whatsapp_business', now_ms(), BYTES`),
		series(some, "parked (hook_id, kind, account, body, error, at, expires_at)", `'meta', 'whatsapp_business', 'unknown', BYTES, 'why', now_ms(), now_ms() + 600000000`),
		`INSERT INTO unparking (hook_id, account, up_to) VALUES ('meta', 'unknown', (SELECT max(id) FROM parked))`,
		`INSERT INTO erasures (connection_id, company_id) VALUES ('wa-ended', 'ended')`,
		series(1000, "chats (id, company_id, connection_id, kind, peer_id, created_at, words)", `'chat_ended_' || i, 'ended', 'wa-ended', 'whatsapp_business', i, 1, 'ended'`),
		series(5000, message, `'msg_ended_' || i, 'chat_ended_' || (1 + i % 1000), 'wa-ended', 'ended', i, 'inbound', 'client', '', 'text',
			'hello', '', '', 'wamid.' || i, '', '', 1, 1, 0, '', '', 0, 0, 0, 0, 0, 0, ''`),
		series(many, media, fmt.Sprintf(`'med_' || (1000000000 + i), 'acme', 'wa-1', 'msg_' || (1000000000 + i), 'kept', 'source', '', 'image/png', '', 1, 0, 'ab', FALSE, '', 1,
			0, 0, now_ms() - 7000000000 + i * 7000000000 / %d`, many)),
		series(some, media, `'med_due_' || i, 'acme', 'wa-1', 'msg_' || (1000000000 + i), 'waiting', 'source', '', '', '', 0, 0, '', FALSE, '', 0, now_ms() - i, now_ms() + 600000000, now_ms()`),
		series(some, media, `'med_later_' || i, 'acme', 'bot-1', 'msg_' || (1000000000 + i), 'waiting', 'source', '', '', '', 0, 0, '', FALSE, 'unavailable', 5, now_ms() + 3600000, now_ms() + 600000000, now_ms()`),
		series(some, media, `'med_lost_' || i, 'acme', 'wa-1', 'msg_' || (1000000000 + i), 'lost', 'source', '', '', '', 0, 0, '', FALSE, 'gone', 1, 0, 0, now_ms()`),
		series(some, media, `'med_upload_' || i, 'acme', '', '', 'kept', '', '', 'image/png', '', 1, 0, 'ab', FALSE, '', 0, 0, 0, now_ms()`),
		series(some, media, `'med_erasing_' || i, 'acme', '', '', 'erasing', '', '', '', '', 0, 0, '', FALSE, '', 0, now_ms() + CASE i % 2 WHEN 0 THEN 3600000 ELSE 0 END, 0, now_ms()`),
		series(some, "uploads (media_id, connection_id, name, until)", `'med_upload_' || i, 'bot-1', 'file-' || i, now_ms() + 600000000`),
		series(some, "client_refs (company_id, client_ref, message_id, asked, at)", `'acme', 'ref-' || i, 'msg_' || i, '', now_ms()`),
	}
}

// series is SQL that inserts so many rows of values, which may name the number i.
func series(rows int, insert, values string) string {
	return fmt.Sprintf(`INSERT INTO %s WITH RECURSIVE n(i) AS (
SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT %s FROM n`, insert, rows, values)
}

// A standingQuery runs by itself, or serves a list.
type standingQuery struct {
	says string
	rows int64 // that it may read
	run  func(context.Context, domain.Store) error
}

const (
	fewRows   = 1000   // of a page, a claim, or a look whether there is anything
	foundRows = 14_100 // of a search, which looks at up to 1,000 chats for each page
	stepRows  = 40_000 // of a step of a duty that takes many steps
	handRows  = 50_000 // of what an operator does by hand, which may read all that is parked
	allRows   = 700_000
	grows     = 7 // times as much, handRows and more may read of a long history: counts end at 100,000 of each kind
)

func standingQueries() []standingQuery {
	list := []standingQuery{
		{"look what the sweep has to do", 4 * fewRows, func(ctx context.Context, s domain.Store) error { return only(s.SweepNeeds(ctx, domain.OrphanPlace{})) }},
		{"find due lanes", 4 * fewRows, func(ctx context.Context, s domain.Store) error { return only(s.DueLanes(ctx)) }},
		{"delete what is too old, and a part of a company that ended", stepRows, func(ctx context.Context, s domain.Store) error { return only(s.Trim(ctx)) }},
		{"index the names of chats", stepRows, func(ctx context.Context, s domain.Store) error { return only(s.IndexNames(ctx)) }},
		{"find who did not pay", fewRows, func(ctx context.Context, s domain.Store) error { return s.NotifyUnpaid(ctx) }},
		{"count what waits", allRows, func(ctx context.Context, s domain.Store) error { return only(s.Gauges(ctx)) }},
		{"declare again what is there", 4 * fewRows, func(ctx context.Context, s domain.Store) error { return only(s.Declare(ctx, everything(), true)) }},
		{"end a company", handRows, func(ctx context.Context, s domain.Store) error {
			r := everything()
			r.Complete = true
			r.Companies = slices.DeleteFunc(r.Companies, func(c domain.Company) bool { return c.ID == globex })
			r.Subscriptions = slices.DeleteFunc(r.Subscriptions, func(s domain.Subscription) bool { return s.Company == globex })
			r.Connections = slices.DeleteFunc(r.Connections, func(c domain.Connection) bool { return c.Company == globex })
			r.Endpoints = slices.DeleteFunc(r.Endpoints, func(e domain.Endpoint) bool { return e.Company == globex })
			return only(s.Declare(ctx, r, true))
		}},
		{"end an endpoint for which much waits", 5 * handRows, func(ctx context.Context, s domain.Store) error {
			r := everything()
			r.Complete = true
			r.Endpoints = slices.DeleteFunc(r.Endpoints, func(e domain.Endpoint) bool { return e.ID == ticks })
			return only(s.Declare(ctx, r, true))
		}},
		{"declare a connection for which much is parked", 5 * handRows, func(ctx context.Context, s domain.Store) error {
			c := domain.Connection{ID: "wa-3", Company: globex, Kind: domain.WhatsAppBusiness, Hook: meta, Account: "unknown"}
			return only(s.Declare(ctx, domain.Registry{Connections: []domain.Connection{c}}, true))
		}},
		{"list usage", fewRows, func(ctx context.Context, s domain.Store) error { return only(s.Usage(ctx, acme)) }},
		{"list connections", fewRows, func(ctx context.Context, s domain.Store) error { return only(s.Connections(ctx, acme)) }},
		{"list employees", fewRows, func(ctx context.Context, s domain.Store) error { return only(s.Employees(ctx, acme)) }},
		{"list what is parked", 2 * fewRows, func(ctx context.Context, s domain.Store) error { return only(s.Parked(ctx, 100)) }},
		{"take webhooks", 2 * fewRows, func(ctx context.Context, s domain.Store) error { return only(s.Next(ctx, 3)) }},
		{"take webhooks of a quiet lane", fewRows, func(ctx context.Context, s domain.Store) error { return only(s.Next(ctx, 2)) }},
		{"claim deliveries", 5 * fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.DueDeliveries(ctx, crm, nil, 256))
		}},
		{"claim deliveries past the backlog of one chat", 5 * fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.DueDeliveries(ctx, crm, []domain.ChatID{deepChat}, 256))
		}},
		{"claim deliveries behind one that waits", 4 * fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.DueDeliveries(ctx, ticks, nil, 256))
		}},
		{"list a chat's messages", fewRows, func(ctx context.Context, s domain.Store) error {
			_, err := s.Messages(ctx, acme, domain.MessageQuery{Chat: "chat_1000000050", Limit: 100})
			return notFound(err)
		}},
		{"read the feed from its start", 2 * fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.Events(ctx, acme, domain.EventQuery{Limit: 200}))
		}},
		{"read the feed from its middle", 2 * fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.Events(ctx, acme, domain.EventQuery{After: domain.FeedPlace{Stamp: 1, Pos: 100_000, Time: time.Now()}, Limit: 200}))
		}},
		{"read the feed for a type that it does not have", 8 * fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.Events(ctx, acme, domain.EventQuery{Types: []domain.EventType{domain.EventChatBlocked}, Limit: 200}))
		}},
		{"look for events of several companies", fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.HaveEvents(ctx, map[domain.CompanyID]domain.FeedPlace{acme: {}, globex: {}, "nobody": {}}))
		}},
		{"claim events of a replay", 4 * fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.DueReplayed(ctx, crm, nil, 256))
		}},
		{"list replays", fewRows, func(ctx context.Context, s domain.Store) error { return only(s.Replays(ctx, acme, crm)) }},
		{"find evidence that is overdue", fewRows, func(ctx context.Context, s domain.Store) error { return only(s.OverdueEvidence(ctx, 500)) }},
		{"find prices that are overdue", fewRows, func(ctx context.Context, s domain.Store) error { return only(s.OverduePrices(ctx, 500)) }},
		{"find orphans whose message exists", stepRows, func(ctx context.Context, s domain.Store) error {
			_, next, err := s.JoinableOrphans(ctx, domain.OrphanPlace{}, 2000)
			if err == nil {
				_, _, err = s.JoinableOrphans(ctx, next, 2000)
			}
			return err
		}},
	}
	for _, l := range []domain.Lane{"inbox:3", "inbox:2", "send:wa-1", "send:waba-1", "send:bot-1", "callback:crm", "callback:ticks", "callback:rival", "replay:crm", "replay:ticks", "media:wa-1", "media:bot-1"} {
		list = append(list, standingQuery{"ask whether there is work in " + string(l), 2 * fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.HasWork(ctx, l))
		}})
	}
	for _, c := range []domain.ConnectionID{phone, cloud, bot, theirs} {
		list = append(list,
			standingQuery{"claim sends of " + string(c), 5 * fewRows, func(ctx context.Context, s domain.Store) error { return only(s.Due(ctx, c, 50)) }},
			standingQuery{"find attempts of " + string(c) + " that nobody ended", fewRows, func(ctx context.Context, s domain.Store) error {
				return only(s.Abandoned(ctx, c))
			}})
	}
	list = append(list, standingQuery{"find a message that is replied to", fewRows, func(ctx context.Context, s domain.Store) error {
		return only(s.MessagesKnownAs(ctx, acme, phone, []domain.ProviderID{"in.7"}))
	}})
	list = append(list, logQueries()...)
	list = append(list, mediaQueries()...)
	chats := func(says string, q domain.ChatQuery) {
		q.Limit = 100
		rows := int64(4 * fewRows)
		if q.Search != "" {
			rows = foundRows
		}
		list = append(list, standingQuery{"list chats" + says, rows, func(ctx context.Context, s domain.Store) error {
			page, err := s.Chats(ctx, acme, q)
			if err != nil || len(page) == 0 {
				return err
			}
			last := page[len(page)-1]
			q := q
			q.After = domain.ChatCursor{LastInboundAt: last.LastInboundAt, CreatedAt: last.CreatedAt, ID: last.ID}
			return only(s.Chats(ctx, acme, q))
		}})
	}
	for _, c := range []domain.ConnectionID{"", phone, cloud, bot} {
		of := ""
		if c != "" {
			of = " of " + string(c)
		}
		chats(of, domain.ChatQuery{Connection: c})
		chats(of+" that are unanswered", domain.ChatQuery{Connection: c, Unanswered: true})
		chats(of+" that are blocked", domain.ChatQuery{Connection: c, Blocked: true})
		chats(of+" that are blocked and unanswered", domain.ChatQuery{Connection: c, Blocked: true, Unanswered: true})
		for _, search := range []string{"cliente", "17", "cliente 17", "52155", "user77", "nobody"} { // all, many, or few have it
			chats(of+" named "+search, domain.ChatQuery{Connection: c, Search: search})
			chats(of+" named "+search+" that are unanswered", domain.ChatQuery{Connection: c, Search: search, Unanswered: true})
			chats(of+" named "+search+" that are blocked", domain.ChatQuery{Connection: c, Search: search, Blocked: true})
		}
	}
	return list
}

// logQueries read two pages of the log of deliveries, in which all but a few are
// older, of other chats, and of another state than what is asked for.
func logQueries() (list []standingQuery) {
	add := func(says string, rows int64, q domain.DeliveryQuery) {
		q.Limit = 100
		list = append(list, standingQuery{"list deliveries " + says, rows, func(ctx context.Context, s domain.Store) error {
			page, err := s.Deliveries(ctx, acme, q)
			if err != nil || page.Next == 0 {
				return err
			}
			q := q
			q.Before = page.Next
			return only(s.Deliveries(ctx, acme, q))
		}})
	}
	add("of any state", 5*fewRows, domain.DeliveryQuery{Endpoint: crm})
	for _, state := range domain.DeliveryStates {
		add("that are "+string(state), 3*fewRows, domain.DeliveryQuery{Endpoint: crm, State: state})
	}
	add("of an endpoint that has few", fewRows, domain.DeliveryQuery{Endpoint: ticks, State: domain.DeliveryParked})
	add("since a moment ago", 5*fewRows, domain.DeliveryQuery{Endpoint: crm, Since: time.Now().Add(time.Hour)})
	add("of a chat that has none", 40*fewRows, domain.DeliveryQuery{Endpoint: crm, Chat: "chat_none"})
	add("of a type that there is none of", 40*fewRows, domain.DeliveryQuery{Endpoint: crm, Type: domain.EventChatMerged})
	list = append(list, standingQuery{"read a delivery with its attempts", fewRows, func(ctx context.Context, s domain.Store) error {
		_, _, err := s.Delivery(ctx, acme, 1)
		return notFound(err)
	}})
	return list
}

// mediaQueries read and claim files, of which most are kept, and those of bot-1 wait for
// a later try.
func mediaQueries() []standingQuery {
	list := []standingQuery{
		{"claim files to be erased", fewRows, func(ctx context.Context, s domain.Store) error { return only(s.ErasableMedia(ctx, 100)) }},
		{"read a file", fewRows, func(ctx context.Context, s domain.Store) error {
			_, err := s.Media(ctx, acme, "med_1000000050")
			return notFound(err)
		}},
		{"read the files of a page of messages", fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.MediaList(ctx, acme, []domain.MediaID{"med_1000000050", "med_1000000051", "med_lost_7"}))
		}},
		{"find what a messenger calls an upload", fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.UploadedAs(ctx, "med_upload_7", bot))
		}},
		{"find the chats of a person", foundRows, func(ctx context.Context, s domain.Store) error {
			return only(s.PeerChats(ctx, acme, "+52155 10000077"))
		}},
		{"read the messages that a page of them answers", fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.MessagesKnownAs(ctx, acme, phone, []domain.ProviderID{"wamid.50", "wamid.51", "wamid.nowhere"}))
		}},
		{"find whether a client_ref was used", fewRows, func(ctx context.Context, s domain.Store) error { return only(s.RefUsed(ctx, acme, "ref-7")) }},
	}
	for _, c := range []domain.ConnectionID{phone, cloud, bot} {
		list = append(list, standingQuery{"claim files of " + string(c), 5 * fewRows, func(ctx context.Context, s domain.Store) error {
			return only(s.DueMedia(ctx, c, []domain.MediaID{"med_due_1"}, 16))
		}})
	}
	return list
}

func only[T any](_ T, err error) error { return err }

func notFound(err error) error {
	if errors.Is(err, domain.ErrNotFound) {
		return nil
	}
	return err
}
