package main

import (
	"net"
	"net/http"
	"time"

	"recado/adapters/messenger/telegram"
	"recado/adapters/messenger/waba"
	"recado/domain"
)

// connectors lists the messengers that this version speaks.
func connectors(cfg Config) map[domain.Kind]domain.Connector {
	client := messengerClient()
	return map[domain.Kind]domain.Connector{
		domain.WABA:        waba.New(client, cfg.WABACharges),
		domain.TelegramBot: telegram.New(client),
	}
}

// messengerTimeout bounds a call to a messenger, answer included.
const messengerTimeout = 20 * time.Second

// messengerClient is for calls to messengers: few hosts, many calls at once to
// each. It follows no redirect: a messenger has none, and a message goes once.
func messengerClient() *http.Client {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext, // well below the whole, so that it is known that nothing left
		TLSHandshakeTimeout: 5 * time.Second,
		ForceAttemptHTTP2:   true,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second}, // a dead connection is shared by many calls: find it
		MaxIdleConns:        0,                                                                                  // unbounded: each host has its own bound
		MaxIdleConnsPerHost: 512,                                                                                // 16 in flight for each connection of a company
		IdleConnTimeout:     90 * time.Second,
	}
	return &http.Client{
		Transport:     transport,
		Timeout:       messengerTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
