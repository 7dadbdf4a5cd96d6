// Package webhooks receives the calls of messengers: it verifies the caller,
// commits the raw body and answers. It parses nothing.
//
// Open [Server.receive] first.
package webhooks
