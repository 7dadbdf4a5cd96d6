package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// A Client is a person who writes when a caller says so.
type Client struct {
	s      *Simulator
	player Player
	person Person
	err    error // there is no such person
}

// Client returns the person of that name, first name, or messenger's id, such as
// "+34611204518" or "487120391". An id that no named person has is a stranger's.
func (s *Simulator) Client(name string) Client {
	for _, player := range s.cfg.Players {
		for _, p := range player.Messenger().People {
			if name == p.Name() || name == p.First {
				return Client{s: s, player: player, person: p}
			}
		}
	}
	for _, player := range s.cfg.Players {
		if id, ok := player.Messenger().Parse(name); ok {
			return Client{s: s, player: player, person: s.personOf(player, id)}
		}
	}
	return Client{err: fmt.Errorf("client %q: nobody is called so", name)}
}

// Writes sends a text to the first account of the client's messenger and returns
// the messenger's id of the message.
func (c Client) Writes(text string) (id string, err error) { return c.write("", c.person.ID, text) }

// WritesTo sends a text to the account of that name.
func (c Client) WritesTo(account, text string) (id string, err error) {
	return c.write(account, c.person.ID, text)
}

// Sends sends a file with a caption to the account of that name.
func (c Client) Sends(account string, file *File, caption string) (id string, err error) {
	if c.err == nil && !c.player.Messenger().Files {
		return "", fmt.Errorf("client %s: the simulated messenger has no files", c.person.Name())
	}
	return c.deliver(account, c.person.ID, said{text: caption, file: file})
}

// WritesToGroup sends a text to the first group of the client's messenger.
func (c Client) WritesToGroup(text string) (id string, err error) {
	if c.err != nil || len(c.player.Messenger().Groups) == 0 {
		return "", cmp.Or(c.err, errors.New("the messenger has no groups"))
	}
	return c.write("", c.player.Messenger().Groups[0].ID, text)
}

func (c Client) write(name, peer, text string) (string, error) {
	return c.deliver(name, peer, said{text: text})
}

func (c Client) deliver(name, peer string, what said) (string, error) {
	if c.err != nil {
		return "", c.err
	}
	for _, a := range c.s.accounts {
		if a.player == c.player && (name == "" || name == a.Name) {
			return c.s.write(chatKey{a, peer}, c.person, what)
		}
	}
	return "", fmt.Errorf("client %s: there is no account to write to", c.person.Name())
}

// MaxText is how many characters a message may have.
const MaxText = 4096

// between is the pause between the webhooks of one message.
const between = 100 * time.Millisecond

// secondCopy is how long after a webhook a messenger sends it again for no
// reason; one that orders the webhooks of a chat does so at once.
const secondCopy = 1500 * time.Millisecond

var errFull = errors.New("too many webhooks wait for Recado")

// speak lets the people of a chat say what comes next; empty: nothing.
func (s *Simulator) speak(key chatKey, answering bool) (string, error) {
	s.mu.Lock()
	c := s.chat(key.account, key.peer)
	by := c.People[c.written%len(c.People)]
	text := s.next(c, answering)
	s.mu.Unlock()
	if text == "" {
		return "", nil
	}
	return s.write(key, by, said{text: text})
}

// said is what a person sends: a text, or a file that may have a caption.
type said struct {
	text string
	file *File
}

func (s said) String() string {
	if s.file == nil {
		return s.text
	}
	return strings.TrimSpace("(" + s.file.Name + ") " + s.text)
}

// write sends what a person writes.
func (s *Simulator) write(key chatKey, by Person, what said) (string, error) {
	if n := utf8.RuneCountInString(what.text); n == 0 && what.file == nil || n > MaxText {
		return "", fmt.Errorf("a text of %d characters", n)
	}
	id, note, err := s.plan(key, by, what)
	if err == nil {
		s.log(note)
	}
	return id, err
}

// plan makes the webhooks of what a person writes.
func (s *Simulator) plan(key chatKey, by Person, what said) (string, Note, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(key.account, key.peer)
	c.written++
	dice := s.diceOf(c, "written", c.written)
	now := time.Now()
	c.WroteAt = now
	if c.Group == nil {
		by = c.People[0] // under their present id
	}
	habit := habitOf(c.Peer, dice, s.cfg.Steady)
	p := c.Account.player.Messenger().Plays[habit.Name]
	if p.MovesTo != "" {
		c.MovesTo = strings.TrimSuffix(c.Peer, habit.Ending) + p.MovesTo
	}
	c.Sends = what.file
	id, hooks := c.Account.player.Write(c, by, what.text, p, dice, now)
	note := Note{Kind: c.Account.kind, From: by.Name(), To: c.Account.Name, Text: what.String()}
	if c.Group != nil {
		note.From += " in " + c.Title()
	}
	var plans []Planned
	for i, hook := range hooks {
		hook.about = by.Name()
		at := now.Add(p.Late + time.Duration(i)*between)
		plans = append(plans, Planned{at, hook})
		if p.Twice {
			copied := *hook
			plans = append(plans, Planned{at.Add(secondCopy), &copied})
		}
	}
	if odd := p.written(c); odd != "" {
		note.Habit, note.What = habit.Name, odd
	}
	if !c.Account.outbox.add(plans...) {
		return "", note, errFull
	}
	s.move(c)
	return id, note, nil
}

// written says in words what is odd about what a person writes; empty: nothing.
func (p Play) written(c *Chat) string {
	switch {
	case p.Twice:
		return "the webhook comes twice"
	case p.Late > 0:
		return "the webhook comes behind newer ones"
	case p.Presses:
		return "the press of a button"
	case p.Deafens:
		return "its webhook is lost, and those that follow"
	case p.Leaves:
		return "then they block the company"
	case p.MovesTo != "":
		return "then their number is " + c.MovesTo
	}
	return ""
}

// move lets a chat go on under the new id of its peer. The caller holds mu.
func (s *Simulator) move(c *Chat) {
	if c.MovesTo == "" {
		return
	}
	c.Peer, c.People[0].ID, c.MovesTo = c.MovesTo, c.MovesTo, ""
	s.chats[chatKey{c.Account, c.Peer}] = c // the old id leads to it, too
}
