// Package simulator plays messengers from their side: it takes what Recado
// sends, reports what became of it, and its clients write. A [Player] beside each
// connector speaks the messenger's protocol; this package decides who writes,
// when, and what goes wrong. It speaks HTTP only and shares no code with the
// connectors.
//
// A connection comes here by the setting that its player names: the address of
// the simulator with the player's Path.
//
// Messengers have odd habits, and so has the simulator. A peer whose id has one
// of these endings always meets the habit; a player says in its own words what
// it is there:
//
//	0000  no-account     The peer has no account.
//	0001  payment        The messenger refuses for good: nobody pays, or the peer left.
//	0002  throttled      Refused twice, with a delay, then taken.
//	0003  lost-answer    Taken, then the connection is cut.
//	0004  disorder       What the messenger reports comes out of order, or twice.
//	0005  fails-later    Fails after it was taken, or once before.
//	0006  blocked-us     The peer blocked the company, and does so again after each message of theirs.
//	0007  repeated       Every webhook of what they write comes twice.
//	0008  late           Webhooks of what they write come behind newer ones.
//	0010  presses        They press buttons instead of writing.
//	0011  moves          After their first message they have another number.
//	0012  reports-us     The messenger restricts the company's account, and frees it again.
//	0013  deafens        From their message on the messenger sends no webhooks for a while.
//
// Any other peer meets those that are not about the peer itself once in a while.
// Every webhook is sent again after a slow answer, or an answer that the
// messenger does not want. Where a player orders the webhooks of a chat, one that
// is not taken holds back that chat only.
//
// With the same seed, the same calls in the same order give the same names,
// texts, ids and habits; chats do not disturb one another. Times differ, and so
// do numbers that a player counts over all chats of an account.
package simulator
