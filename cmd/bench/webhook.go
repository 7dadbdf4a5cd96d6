package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// appSecret signs the webhooks of every hook.
const appSecret = "an-app-secret-of-the-bench"

// A script is a list of requests that are built before the measurement. One slice
// holds them all, so that the garbage collector has nothing to scan.
type script struct {
	data []byte
	ends []int
}

// at returns a request; after the last it starts over.
func (s *script) at(i int) []byte {
	i %= len(s.ends)
	begin := 0
	if i > 0 {
		begin = s.ends[i-1]
	}
	return s.data[begin:s.ends[i]]
}

func (s *script) add(head string, body []byte) {
	s.data = fmt.Appendf(s.data, "POST %sContent-Length: %d\r\n\r\n%s", head, len(body), body)
	s.ends = append(s.ends, len(s.data))
}

func (s *script) webhook(company int, body []byte) {
	hook := company % companies
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write(body)
	s.add(fmt.Sprintf("/webhooks/waba/meta-%d HTTP/1.1\r\nHost: recado.example\r\nAccept: */*\r\nContent-Type: application/json\r\n"+
		"User-Agent: facebookexternalua\r\nX-Hub-Signature-256: sha256=%s\r\n", hook, hex.EncodeToString(mac.Sum(nil))), body)
}

// A crowd is the set of peers that write: every stride-th chat of each company, one after
// another from the first on.
type crowd struct{ companies, chats, stride, first int }

func (c crowd) size() int { return c.companies * c.chats }

// peer returns the peer of the i-th message: one chat after another.
func (c crowd) peer(i int) (company int, phone string) {
	return i % c.companies, numberOf(i%c.companies, (c.first+i/c.companies)%c.chats*c.stride)
}

// numberOf returns a peer's phone number.
func numberOf(company, peer int) string { return fmt.Sprintf("521%d%08d", company, peer) }

// account returns the phone_number_id of a company.
func account(company int) string { return fmt.Sprintf("10654035224%04d", company) }

// messageID returns an id like Meta's for the i-th message, long and random. It ends
// with i, which the simulated CRM reads.
func messageID(phone string, i int) string {
	var random [9]byte
	_, _ = rand.Read(random[:])
	return fmt.Sprintf("wamid.HBgN%sFQIAEhg%X.%d", phone, random, i)
}

// messages returns webhooks of one message each.
func (c crowd) messages(n int) *script {
	s := &script{}
	for i := range n {
		company, phone := c.peer(i)
		s.message(company, phone, i)
	}
	return s
}

// message adds the webhook of the i-th message.
func (s *script) message(company int, phone string, i int) {
	s.webhook(company, fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":`+
		`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"%s"},`+
		`"contacts":[{"profile":{"name":"Client %s"},"wa_id":"%s"}],`+
		`"messages":[{"from":"%s","id":"%s","timestamp":"%d","text":{"body":"Hello, is the order number %d on its way, and may I still change the address?"},"type":"text"}]},`+
		`"field":"messages"}]}]}`, account(company), phone, phone, phone, messageID(phone, i), time.Now().Unix(), i))
}

// statusWords are the statuses of a message that follow its "sent".
var statusWords = []string{"delivered", "read"}

// statuses returns webhooks of one status each, for messages that the simulated Meta
// accepted.
func (c crowd) statuses(n int, word string) *script {
	s := &script{}
	now := time.Now().Unix()
	for i := range n {
		company, phone := c.peer(i)
		s.webhook(company, fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":`+
			`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"%s"},`+
			`"statuses":[{"id":"%s","status":"%s","timestamp":"%d","recipient_id":"%s",`+
			`"conversation":{"id":"b9f1a5c0e4","origin":{"type":"service"}},"pricing":{"billable":false,"pricing_model":"PMP","category":"service","type":"free_customer_service"}}]},`+
			`"field":"messages"}]}]}`, account(company), sentID(phone, i), word, now, phone))
	}
	return s
}

// sendings returns API calls that send one text each.
func (c crowd) sendings(n int) *script {
	s := &script{}
	for i := range n {
		company, phone := c.peer(i)
		body := fmt.Appendf(nil, `{"connection_id":"waba-%d","peer_id":"%s","type":"text","text":"%s%d: your order is on its way"}`, company, phone, sendMark, i)
		s.add(fmt.Sprintf("/v1/messages HTTP/1.1\r\nHost: recado.example\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n", apiKey(company)), body)
	}
	return s
}

func apiKey(company int) string { return fmt.Sprintf("an-api-key-of-the-bench-%d", company) }

// sendMark precedes the number of a message in its text.
const sendMark = "No. "

// sentID returns the id that the simulated Meta gives to the i-th message.
func sentID(phone string, i int) string {
	return fmt.Sprintf("wamid.HBgN%sFQIAERgSQTk2OTk4RkQ1RDYxMkQwNDQ1AA.%d", phone, i)
}

// numberAfter returns the number that follows a mark, or -1.
func numberAfter(text []byte, mark string) int {
	_, rest, _ := bytes.Cut(text, []byte(mark))
	n := -1
	for _, digit := range rest {
		if digit < '0' || digit > '9' {
			break
		}
		n = max(n, 0)*10 + int(digit-'0')
	}
	return n
}
