package domain

import (
	"cmp"
	"slices"
)

// names is what one update names.
type names struct {
	message   MessageID
	follows   MessageID // the message that a new one replies to, or tries again
	provider  ProviderID
	peers     []PeerID
	chat      ChatID
	ref       string // client_ref
	media     MediaID
	creates   bool // creates a chat if the peer has none
	mayAnswer bool // may raise the watermark of answered messages, itself or by an orphan of its message
	renames   bool // tells another name of its first peer
	onePeer   bool // the messenger says that all its peers are names of one peer
	receives  bool // and that this peer got the message
	whole     bool // concerns the chats that are merged with its own
}

// namesOf has a case for every Fact.
func namesOf(u Update) names {
	switch f := u.Fact.(type) {
	case MessageArrived:
		peers := append([]PeerID{f.Peer}, f.AlsoKnown...)
		peers = append(peers, nonEmpty(f.MovedTo)...)
		return names{provider: f.ProviderID, peers: peers, creates: true, mayAnswer: f.Direction == Outbound, onePeer: true}
	case StatusReported:
		return names{message: f.Message, provider: f.ProviderID, peers: f.Peers, mayAnswer: true, onePeer: true, receives: true}
	case MessageEdited:
		return names{provider: f.ProviderID, peers: nonEmpty(f.Peer), mayAnswer: true}
	case MessageDeleted:
		return names{provider: f.ProviderID, peers: nonEmpty(f.Peer), mayAnswer: true}
	case MessageReacted:
		return names{provider: f.ProviderID, peers: nonEmpty(f.Peer), mayAnswer: true}
	case PeerMigrated:
		return names{peers: []PeerID{f.Peer, f.To}, renames: true, onePeer: true}
	case PeerRefused:
		return names{peers: nonEmpty(f.Peer)}
	case PeerListed:
		return names{peers: append([]PeerID{f.Peer}, f.AlsoKnown...), onePeer: true}
	case ConnectionSignaled, ConnectionWatched, ConnectionReported, LookRequested:
		return names{} // they concern no chat
	case SendRequested:
		return names{follows: f.follows(), chat: f.Chat, peers: nonEmpty(f.Peer), ref: f.ClientRef, creates: f.Chat == "", whole: f.follows() != "" || f.ClientRef != ""}
	case ActionRequested:
		return names{message: f.Target}
	case SendBegun:
		return names{message: f.Message, provider: f.Name}
	case SendEnded:
		peers := append(nonEmpty(f.Result.MovedTo), f.Result.Peers...)
		return names{message: f.Message, provider: f.Result.ProviderID, peers: peers, mayAnswer: true, onePeer: true, receives: true}
	case EvidenceOverdue:
		return names{message: f.Message}
	case MediaFetched:
		return names{message: f.Message, media: f.Media}
	case PriceOverdue:
		return names{chat: f.Chat}
	case BlockRequested:
		return names{chat: f.Chat, whole: true}
	case NoReplyNeeded:
		return names{chat: f.Chat, mayAnswer: true}
	case OrphansDue:
		return names{provider: f.ProviderID, mayAnswer: true}
	}
	return names{}
}

// nonEmpty lists the peer, or nothing if it is empty.
func nonEmpty(p PeerID) []PeerID {
	if p == "" {
		return nil
	}
	return []PeerID{p}
}

// A set lists its values once each, in the order in which they were added. Zero
// values are not added.
type set[T comparable] struct {
	has  map[T]bool
	list []T
}

func (s *set[T]) add(v T) {
	var zero T
	if v == zero || s.has[v] {
		return
	}
	if s.has == nil {
		s.has = map[T]bool{}
	}
	s.has[v] = true
	s.list = append(s.list, v)
}

// sortedKeys lists the keys of a map in their order.
func sortedKeys[K cmp.Ordered](m map[K]bool) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
