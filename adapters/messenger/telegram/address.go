package telegram

import (
	"strconv"
	"strings"

	"recado/domain"
)

// businessMark stands between the chat and the business connection in a peer's name.
const businessMark = "/b:"

// An address is what a peer's name says: the chat, and what else Telegram must
// be told to reach the peer in it.
type address struct {
	chat     string
	topic    int64  // of the direct messages of a channel
	business string // the connection through which the bot writes for a business
	messages string // where the numbers of the peer's messages count
}

func addressOf(p domain.PeerID) address {
	chat, rest, _ := strings.Cut(string(p), "/")
	a := address{chat: chat, messages: chat}
	if topic, ok := strings.CutPrefix(rest, "t:"); ok {
		a.topic, _ = strconv.ParseInt(topic, 10, 64) // as peer writes it
	}
	if business, ok := strings.CutPrefix(rest, businessMark[1:]); ok {
		a.business, a.messages = business, string(p)
	}
	return a
}
