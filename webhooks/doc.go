// Package webhooks is the way in: messengers call it, it verifies who calls,
// commits the raw bytes and answers. It parses nothing.
//
// Open [Server.receive] first.
package webhooks
