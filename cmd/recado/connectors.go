package main

import (
	"net"
	"net/http"
	"time"

	"recado/adapters/messenger/telegram"
	"recado/adapters/messenger/waba"
	"recado/domain"
)

// connectors is the map of the messengers that this version supports.
func connectors(cfg Config) map[domain.Kind]domain.Connector {
	client := messengerClient()
	return map[domain.Kind]domain.Connector{
		domain.WABA:        waba.New(client, cfg.WABACharges),
		domain.TelegramBot: telegram.New(client),
	}
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
