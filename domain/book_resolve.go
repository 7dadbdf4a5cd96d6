package domain

import "time"

// RouteNeeds is how the updates name their connections.
type RouteNeeds struct {
	Accounts    []AccountKey
	Connections []ConnectionID
	Chats       []ChatID // the connections of these chats are needed too
	Hooks       []HookID // all connections of these hooks are needed too
}

// NeedRoutes lists the connections that are to be found.
func (b *Book) NeedRoutes() RouteNeeds {
	b.enter("NeedRoutes")
	var accounts set[AccountKey]
	var connections set[ConnectionID]
	var chats set[ChatID]
	var hooks set[HookID]
	for i := range b.entries {
		e := &b.entries[i]
		connections.add(e.Connection)
		chats.add(e.chat)
		if e.concernsBusiness() {
			hooks.add(e.Hook)
		} else if e.Connection == "" && e.Hook != "" {
			accounts.add(AccountKey{e.Hook, e.Account})
		}
	}
	return RouteNeeds{accounts.list, connections.list, chats.list, hooks.list}
}

// SetRoutes takes the connections that exist, and the database's time.
func (b *Book) SetRoutes(now time.Time, routes []Route) {
	b.enter("SetRoutes")
	b.now = now
	for _, r := range routes {
		b.routes[r.Connection] = r
		b.accounts[r.Account] = r.Connection
	}
	for i := range b.entries {
		e := &b.entries[i]
		e.route, e.routed = b.route(e.Update)
	}
}

// Names is what the updates name and may exist already, each once.
type Names struct {
	Messages  []MessageID
	Providers []ProviderKey
	Peers     []PeerKey
	Refs      []RefKey
	Media     []MediaID
}

// NeedNames lists the names whose chats and messages are to be found.
func (b *Book) NeedNames() Names {
	b.enter("NeedNames")
	var messages set[MessageID]
	var providers set[ProviderKey]
	var peers set[PeerKey]
	var refs set[RefKey]
	var media set[MediaID]
	for i := range b.entries {
		e := &b.entries[i]
		messages.add(e.message)
		messages.add(e.follows)
		media.add(e.media)
		if e.ref != "" {
			refs.add(RefKey{e.Company, e.ref})
		}
		if key, ok := e.key(); ok {
			providers.add(key)
		}
		if !e.routed {
			continue
		}
		for _, p := range e.peers {
			peers.add(PeerKey{e.route.Connection, p})
			for _, v := range e.variants(p) {
				peers.add(PeerKey{e.route.Connection, v})
			}
		}
	}
	b.names = Names{messages.list, providers.list, peers.list, refs.list, media.list}
	return b.names
}

// A MessageLocation is where a message was found before the locks.
type MessageLocation struct {
	ID         MessageID
	Chat       ChatID
	Connection ConnectionID
	ProviderID ProviderID
	Status     DeliveryStatus
	Target     MessageID // see Message.Target
}

// SetNames takes what was found of the Names, and plans the chats that the
// updates create.
func (b *Book) SetNames(messages []MessageLocation, peers map[PeerKey]ChatID) {
	b.enter("SetNames")
	byName := map[ProviderKey]MessageID{}
	for _, m := range messages {
		b.locations[m.ID] = location{m.Chat, m.Status}
		b.targets.add(m.Target)
		if m.ProviderID != "" {
			byName[ProviderKey{m.Connection, m.ProviderID}] = m.ID
		}
	}
	for key, chat := range peers {
		b.peers[key] = chat
	}
	for i := range b.entries {
		b.resolve(&b.entries[i], byName)
	}
}

// resolve finds the chats that an update concerns, so that they are locked.
func (b *Book) resolve(e *bookEntry, byName map[ProviderKey]MessageID) {
	known, isKnown := b.locations[byName[ProviderKey{e.route.Connection, e.provider}]]
	if isKnown {
		b.chats[known.chat] = nil // the key alone: SetChats fills it
	}
	if byID, ok := b.locations[e.message]; ok {
		known, isKnown = byID, true
	}
	if e.routed && (e.creates && !isKnown || e.renames) {
		b.plan(e)
	}
	chat := known.chat
	if chat == "" {
		chat = e.chat
	}
	if chat == "" {
		chat = b.findPeer(e)
	}
	if chat == "" {
		return
	}
	b.chats[chat] = nil
	answers := e.mayAnswer && (!isKnown || known.status == Queued || known.status == Failed)
	if answers {
		b.answerable[chat] = true
	}
	for _, p := range e.peers {
		if other := b.peers[PeerKey{e.route.Connection, p}]; e.onePeer && other != "" && other != chat {
			b.chats[other] = nil // it may turn out to be the same peer's, and the one that goes on
			if answers {
				b.answerable[other] = true
			}
		}
	}
	if e.whole {
		b.whole[chat] = true
	}
}

// plan makes a chat for a peer that has none, if the update creates chats, and
// gives the chat those names of its peer that no other chat has.
func (b *Book) plan(e *bookEntry) {
	r := e.route
	chat := b.findPeer(e)
	if chat == "" {
		if !e.creates || e.Company != "" && e.Company != r.Company {
			return
		}
		chat = ChatID(chatPrefix + b.newID())
		b.planned[chat] = &Chat{
			ID: chat, Company: r.Company, Connection: r.Connection, Kind: r.Kind, Peer: e.peers[0], CreatedAt: b.now,
		}
		b.peers[PeerKey{r.Connection, e.peers[0]}] = chat
	}
	if !e.onePeer { // a number that an employee wrote is no name that the messenger gave
		return
	}
	for _, p := range e.peers {
		if key := (PeerKey{r.Connection, p}); b.peers[key] == "" {
			b.peers[key] = chat
			b.fresh[key] = true
			b.writes.aliases = append(b.writes.aliases, Alias{key, chat})
		}
	}
}
