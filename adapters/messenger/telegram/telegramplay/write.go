package telegramplay

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"recado/adapters/messenger/simulator"
)

// Write makes the updates of what a person writes. Who blocked the bot unblocks it first.
func (Player) Write(
	c *simulator.Chat, by simulator.Person, text string, p simulator.Play, dice *rand.Rand, now time.Time,
) (id string, hooks []*simulator.Webhook) {
	if c.Left {
		hooks = append(hooks, leave(c, by, false, now))
	}
	var said update
	if p.Presses && c.Sends == nil {
		id, said = pressed(c, by, text, dice, now)
	} else {
		id, said = written(c, by, text, dice, now)
	}
	hooks = append(hooks, webhook(c, said))
	if p.Leaves {
		hooks = append(hooks, leave(c, by, true, now))
	}
	return id, hooks
}

// written makes the update of a text or a file.
func written(c *simulator.Chat, by simulator.Person, text string, dice *rand.Rand, now time.Time) (string, update) {
	c.Number++
	m := &message{ID: c.Number, From: userOf(by), Chat: chatOf(c), Date: now.Unix(), Text: text}
	if c.Sends != nil {
		m.carry(c.Sends)
	}
	if c.Last.Number != 0 && dice.IntN(4) == 0 {
		m.ReplyTo = ownMessage(c, c.Last.Number, c.Last.Text, now)
	}
	return fmt.Sprintf("%s/%d", c.Peer, c.Number), update{Message: m}
}

// pressed makes the update of a press: of a button under the last message of the
// bot, or under one that it sent before Recado.
func pressed(c *simulator.Chat, by simulator.Person, words string, dice *rand.Rand, now time.Time) (string, update) {
	id := strconv.FormatUint(dice.Uint64(), 10)
	under := ownMessage(c, max(c.Last.Number, 1), cmp.Or(c.Last.Text, "¿Qué desea?"), now)
	data := fmt.Sprintf("option-%d", 1+dice.IntN(3))
	under.Markup = &markup{[][]button{{{Text: words, Data: data}}}}
	return c.Peer + "/q" + id, update{Press: &press{
		ID: id, From: userOf(by), Message: under, Instance: strconv.FormatInt(dice.Int64(), 10), Data: data,
	}}
}

// leave makes the update of who blocks the bot, or unblocks it.
func leave(c *simulator.Chat, by simulator.Person, blocks bool, now time.Time) *simulator.Webhook {
	c.Left = blocks
	bot := botUser(c)
	in, out := member{User: bot, Status: "member"}, member{User: bot, Status: "kicked", Until: new(int64)}
	m := &membership{Chat: chatOf(c), From: userOf(by), Date: now.Unix(), Old: out, New: in}
	if blocks {
		m.Old, m.New = in, out
	}
	return webhook(c, update{Membership: m})
}
