package main

import (
	"net"
	"net/http"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/adapters/messenger/telegram"
	"recado/adapters/messenger/telegram/telegramplay"
	"recado/adapters/messenger/waba"
	"recado/adapters/messenger/waba/wabaplay"
	"recado/adapters/messenger/waha"
	"recado/adapters/messenger/waha/wahaplay"
	"recado/domain"
)

// A messenger is how the program speaks to one, and how the simulator plays it.
type messenger struct {
	connector func(*http.Client, Config) domain.Connector
	player    simulator.Player
}

// messengers lists what this version speaks. A new messenger is a folder, its row
// in domain.Messengers, and a line here.
var messengers = map[domain.Kind]messenger{
	domain.WABA:             {func(c *http.Client, cfg Config) domain.Connector { return waba.New(c, cfg.WABACharges) }, wabaplay.Player{}},
	domain.WhatsAppBusiness: {func(c *http.Client, _ Config) domain.Connector { return waha.New(c) }, wahaplay.Player{}},
	domain.TelegramPersonal: {func(c *http.Client, _ Config) domain.Connector { return telegram.NewPersonal(c) }, telegramplay.Gateway{}},
	domain.TelegramBot:      {func(c *http.Client, _ Config) domain.Connector { return telegram.New(c) }, telegramplay.Player{}},
}

// connectors returns the connector of each messenger.
func connectors(cfg Config) map[domain.Kind]domain.Connector {
	client := messengerClient()
	all := map[domain.Kind]domain.Connector{}
	for kind, m := range messengers {
		all[kind] = m.connector(client, cfg)
	}
	return all
}

// players returns the player of each messenger, in the order of kinds.
func players() []simulator.Player {
	var all []simulator.Player
	for _, kind := range domain.Kinds() {
		if m, ok := messengers[kind]; ok {
			all = append(all, m.player)
		}
	}
	return all
}

// messengerTimeout bounds a call to a messenger, including reading its answer.
const messengerTimeout = 20 * time.Second

// messengerClient returns the client for calls to messengers: few hosts with many
// concurrent calls each. It follows no redirects: messengers use none, and a
// message must be sent only once.
func messengerClient() *http.Client {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext, // well below messengerTimeout: a failed dial proves that nothing was sent
		TLSHandshakeTimeout: 5 * time.Second,
		ForceAttemptHTTP2:   true,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second}, // find dead connections, which many calls share
		MaxIdleConns:        0,                                                                                  // no total limit, only the one per host
		MaxIdleConnsPerHost: 512,                                                                                // enough for 32 connections with 16 calls in flight each
		IdleConnTimeout:     90 * time.Second,
	}
	return &http.Client{
		Transport:     transport,
		Timeout:       messengerTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
