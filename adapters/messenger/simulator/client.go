package simulator

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"recado/domain"
)

// A Client is a person who writes when he is told to.
type Client struct {
	s      *Simulator
	person person
	err    error // nobody is called so
}

// Client returns the person of that name, first name, phone number ("+34611204518")
// or Telegram id ("487120391"). Numbers that belong to nobody are a stranger's.
func (s *Simulator) Client(name string) Client {
	for _, p := range named {
		if name == p.name() || name == p.first {
			return Client{s: s, person: p}
		}
	}
	if phone, ok := strings.CutPrefix(name, "+"); ok && isDigits(phone) {
		return Client{s: s, person: s.personOf(domain.WABA, phone)}
	}
	if id, err := strconv.ParseInt(name, 10, 64); err == nil && id > 0 {
		return Client{s: s, person: s.personOf(domain.TelegramBot, name)}
	}
	return Client{err: fmt.Errorf("client %q: nobody is called so", name)}
}

// Writes sends a text to the first account of the client's messenger and returns
// the messenger's name of the message: a wamid, or "chat/message_id" of Telegram.
func (c Client) Writes(text string) (id string, err error) { return c.write("", "", text) }

// WritesTo sends a text to a phone_number_id of Meta, or to a bot's connection.
func (c Client) WritesTo(account, text string) (id string, err error) {
	return c.write(account, "", text)
}

// WritesToGroup sends a text to the Telegram group.
func (c Client) WritesToGroup(text string) (id string, err error) {
	return c.write("", group.id, text)
}

func (c Client) write(name, peer, text string) (string, error) {
	if c.err != nil {
		return "", c.err
	}
	for _, a := range c.s.accounts {
		mine := c.person.peer(a.kind)
		if mine == "" || name != "" && name != a.name {
			continue
		}
		if peer == "" {
			peer = mine
		}
		return c.s.write(chatKey{a, peer}, c.person, text)
	}
	return "", fmt.Errorf("client %s: there is no account to write to", c.person.name())
}

// maxText is how many characters a message of either messenger may have.
const maxText = 4096

// secondCopy is how long after a webhook Meta sends it again for no reason;
// Telegram does at once.
const secondCopy = 1500 * time.Millisecond

var errFull = errors.New("too many webhooks wait for Recado")

// speak lets the people of a chat say what comes next; empty: nothing.
func (s *Simulator) speak(key chatKey, answering bool) (string, error) {
	s.mu.Lock()
	c := s.chat(key.account, key.peer)
	by := c.people[c.written%len(c.people)]
	text := s.next(c, answering)
	s.mu.Unlock()
	if text == "" {
		return "", nil
	}
	return s.write(key, by, text)
}

// write sends what a person writes.
func (s *Simulator) write(key chatKey, by person, text string) (string, error) {
	if n := utf8.RuneCountInString(text); n == 0 || n > maxText {
		return "", fmt.Errorf("a text of %d characters", n)
	}
	id, told, err := s.plan(key, by, text)
	if err == nil {
		s.tell(told)
	}
	return id, err
}

// plan makes the webhooks of what a person writes.
func (s *Simulator) plan(key chatKey, by person, text string) (string, Told, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(key.account, key.peer)
	c.written++
	dice := s.diceOf(c, "written", c.written)
	now := time.Now()
	c.wroteAt = now
	id, hook := s.update(c, by, text, dice, now)
	hook.about = by.name()

	told := Told{Kind: c.account.kind, From: by.name(), To: c.account.name, Text: text}
	if c.group {
		told.From += " in " + c.title()
	}
	plans := []planned{{now, hook}}
	habit := habitOf(c.peer, dice, s.cfg.Steady)
	switch p := c.account.play(habit); {
	case p.twice:
		copied := *hook
		plans = append(plans, planned{now.Add(secondCopy), &copied})
		told.Habit, told.What = habit.Name, "the webhook comes twice"
	case p.late > 0:
		plans[0].at = now.Add(p.late)
		told.Habit, told.What = habit.Name, "the webhook comes behind newer ones"
	}
	if !c.account.outbox.add(plans...) {
		return "", told, errFull
	}
	return id, told, nil
}
