package main

import (
	"fmt"
	"testing"

	"recado/cmd/recado-telegram/dc"
	"recado/cmd/recado-telegram/mtproto"
	"recado/domain"
)

// A basic group that becomes a supergroup has another id from then on. Recado is told by
// both, so that its chat moves with its blacklist; what it sends to the old id arrives.
func TestAGroupBecomesASupergroup(t *testing.T) {
	old, now := domain.PeerID(fmt.Sprint(-dc.Family)), domain.PeerID(fmt.Sprint(-1_000_000_000_000-dc.Shop))
	for name, upgrade := range map[string]func(*world){
		"while the gateway is connected": func(w *world) { w.dc.Upgrade(false) },
		"while it is not": func(w *world) {
			w.stop()
			w.dc.Upgrade(true)
			w.start()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *mtproto.Config) { c.Groups = true })
			w.logIn()
			w.dc.SaysInFamily("uno", false)
			w.dc.SaysInShop("dos", false)
			w.eventually("both groups are told", func() bool {
				return count(w, func(m domain.MessageArrived) bool { return m.Peer == old || m.Peer == now }) == 2
			})
			upgrade(w)
			w.eventually("Recado is told by both groups", func() bool {
				return count(w, func(m domain.PeerMigrated) bool { return m.Peer == old && m.To == now }) == 2
			})
			if sent := w.sends(hello("msg_1", old)); sent.Fate != domain.FateAccepted || sent.MovedTo != now {
				t.Errorf("a message to the old id: %+v, %+v", sent, sent.Failure)
			}
		})
	}
}
