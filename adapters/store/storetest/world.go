package storetest

import (
	"fmt"
	"time"

	"recado/domain"
)

// The world of the tests: two companies, whose WhatsApp connections share a hook.
const (
	acme   domain.CompanyID    = "acme"
	globex domain.CompanyID    = "globex"
	meta   domain.HookID       = "meta"
	phone  domain.ConnectionID = "wa-1"   // of acme
	cloud  domain.ConnectionID = "waba-1" // of acme, where a window closes and templates cost
	bot    domain.ConnectionID = "bot-1"  // of acme
	theirs domain.ConnectionID = "wa-2"   // of globex
	crm    domain.EndpointID   = "crm"    // of acme, hears everything
	ticks  domain.EndpointID   = "ticks"  // of acme, hears of statuses only
	rival  domain.EndpointID   = "rival"  // of globex, hears everything
	peer   domain.PeerID       = "79990000000"
)

// everything is what is declared at first.
func everything() domain.Registry {
	return domain.Registry{
		Hooks: []domain.Hook{
			{ID: meta, Kind: domain.WhatsAppBusiness, Secrets: domain.Settings{"app_secret": "meta-app-secret", "verify_token": "meta-verify-token"}},
			{ID: "bot-1", Kind: domain.TelegramBot, Secrets: domain.Settings{"secret_token": "bot-secret-token"}},
			{ID: "cloud", Kind: domain.WABA, Secrets: domain.Settings{"app_secret": "cloud-app-secret"}},
		},
		Companies: []domain.Company{
			{ID: acme, Name: "ACME", TimeZone: "America/Mexico_City"},
			{ID: globex, Name: "Globex", TimeZone: "UTC"},
		},
		Subscriptions: []domain.Subscription{
			{ID: "acme-wa", Company: acme, Kind: domain.WhatsAppBusiness, Tariff: domain.Estandar, PaidUntil: "2099-01-01", DialogLimit: -1, WABADialogs: 100},
			{ID: "acme-bots", Company: acme, Kind: domain.TelegramBot, Tariff: domain.Inicial, TrialUntil: "2099-01-01", DialogLimit: -1},
			{ID: "acme-waba", Company: acme, Kind: domain.WABA, Tariff: domain.Estandar, PaidUntil: "2099-01-01", DialogLimit: -1, WABADialogs: 2},
			{ID: "globex-wa", Company: globex, Kind: domain.WhatsAppBusiness, Tariff: domain.Inicial, PaidUntil: "2099-01-01", DialogLimit: -1},
		},
		Connections: []domain.Connection{
			{ID: phone, Company: acme, Kind: domain.WhatsAppBusiness, Hook: meta, Account: "1065", Settings: domain.Settings{"phone_number_id": "1065", "access_token": "wa-access-token"}},
			{ID: bot, Company: acme, Kind: domain.TelegramBot, Hook: "bot-1", Settings: domain.Settings{"token": "bot-token"}},
			{ID: cloud, Company: acme, Kind: domain.WABA, Hook: "cloud", Account: "5099", Settings: domain.Settings{"access_token": "cloud-access-token"}},
			{ID: theirs, Company: globex, Kind: domain.WhatsAppBusiness, Hook: meta, Account: "2077", Settings: domain.Settings{"access_token": "their-access-token"}},
		},
		Employees: []domain.Employee{
			{ID: "ana", Company: acme, Name: "Ana", Role: "administrator"},
			{ID: "leo", Company: acme, Name: "Leo", Role: "custom", Rights: []string{"chats.read", "chats.write"}},
			{ID: "robot", Company: acme, Name: "CRM", Role: "manager", Service: true},
		},
		APIKeys: map[domain.EmployeeID]domain.Secret{"ana": "key-of-ana", "leo": "key-of-leo", "robot": "key-of-robot"},
		Endpoints: []domain.Endpoint{
			{ID: crm, Company: acme, Origin: domain.EndpointOfFile, URL: "https://crm.example/hooks", Secret: "whsec_current", Previous: "whsec_previous", Events: []string{"*"}},
			{ID: ticks, Company: acme, Origin: domain.EndpointOfFile, URL: "https://ticks.example/", Secret: "whsec_ticks", Events: []string{"message.status", "endpoint.status"}, Batch: true},
			{ID: rival, Company: globex, Origin: domain.EndpointOfFile, URL: "https://rival.example/", Secret: "whsec_rival", Events: []string{"*"}},
		},
	}
}

// noon is the moment from which the messengers' seconds count; received is when
// all of it reaches us.
var (
	noon     = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	received = noon.Add(time.Hour)
)

func second(n int) time.Time { return noon.Add(time.Duration(n) * time.Second) }

// toPhone is what WhatsApp reports of acme's number, of a second.
func toPhone(sec int, f domain.Fact) domain.Update {
	return domain.Update{Hook: meta, Kind: domain.WhatsAppBusiness, Account: "1065", Fact: f, At: second(sec), Received: received}
}

// toBot is what Telegram reports of acme's bot, of a second.
func toBot(sec int, f domain.Fact) domain.Update {
	return domain.Update{Hook: "bot-1", Kind: domain.TelegramBot, Fact: f, At: second(sec), Received: received}
}

// says is a message of a peer.
func says(p domain.PeerID, id domain.ProviderID, text string) domain.MessageArrived {
	return domain.MessageArrived{Peer: p, Direction: domain.Inbound, ProviderID: id, Type: domain.TypeText, Text: text}
}

// wrote is the echo of a message from the company's phone.
func wrote(p domain.PeerID, id domain.ProviderID, text string) domain.MessageArrived {
	return domain.MessageArrived{Peer: p, Direction: domain.Outbound, ProviderID: id, Type: domain.TypeText, Text: text}
}

func status(id domain.ProviderID, s domain.DeliveryStatus) domain.StatusReported {
	return domain.StatusReported{ProviderID: id, Status: s}
}

// asks is what an employee of acme asks for.
func asks(f domain.Fact) domain.Update {
	return domain.Update{Connection: phone, Company: acme, Rights: domain.AllRights, Fact: f, Received: received}
}

// ends is what becomes of a send.
func ends(f domain.Fact) domain.Update {
	return domain.Update{Connection: phone, Fact: f, Received: received}
}

// msg names a message of ours; a greater number is a newer message.
func msg(n int) domain.MessageID { return domain.MessageID(fmt.Sprintf("msg_%026d", n)) }

// send asks for a message to a peer.
func send(n int, p domain.PeerID, text string) domain.SendRequested {
	return domain.SendRequested{ID: msg(n), Peer: p, By: "ana", Origin: domain.OriginEmployee, Type: domain.TypeText, Text: text}
}

func accepted(n int, id domain.ProviderID, also ...domain.PeerID) domain.SendEnded {
	return domain.SendEnded{Message: msg(n), Result: domain.SendResult{Fate: domain.FateAccepted, ProviderID: id, Peers: also}}
}

func unknown(n int) domain.SendEnded {
	return domain.SendEnded{Message: msg(n), Result: domain.SendResult{Fate: domain.FateUnknown, Failure: failure(domain.ReasonUnreachable)}}
}

// busy is an answer after which the message is tried again.
func busy(n int) domain.SendEnded {
	return domain.SendEnded{Message: msg(n), Result: domain.SendResult{Fate: domain.FateRefused, Failure: failure(domain.ReasonUnavailable)}}
}

func refused(n int) domain.SendEnded {
	return domain.SendEnded{Message: msg(n), Result: domain.SendResult{Fate: domain.FateRefused, Failure: failure(domain.ReasonNoAccount)}}
}

func failure(r domain.Reason) *domain.Failure {
	return &domain.Failure{Reason: r, Cause: domain.Cause{
		Source: "waba", HTTPStatus: 400, Code: "131026", Subcode: "7", Title: "Undeliverable \"ñ\" \\", Details: "no account", TraceID: "AbC",
	}}
}

// pending is the answer that the messenger has message n, and will report when it is sent.
func pending(n int, id domain.ProviderID) domain.SendEnded {
	f := accepted(n, id)
	f.Result.Pending = true
	return f
}
