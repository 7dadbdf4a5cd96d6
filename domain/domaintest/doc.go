// Package domaintest generates updates for the property that every store has:
// updates may come twice, late, or in another order, and the chats, messages,
// statuses and counters after them are the same.
//
// A test draws a [Story], applies it to one store in order and to another one
// shuffled, and compares the two by their [View]:
//
//	story := domaintest.History(t, "run-1")
//	story.Apply(one, story.InOrder()...)
//	story.Apply(other, story.Shuffled(t)...)
//	if diff := domaintest.Diff(view(one), view(other)); diff != "" { … }
//
// A View is the [Snapshot] of the company's chats and messages. Two databases are
// enough for all the stories of a test, if each story has a run of its own.
//
// A Story avoids the cases in which the order matters: `failed` against a later
// status, the time of a block, and echoes that cannot be matched to a send (two
// sends with the same text, a text that the messenger rewrote, an echo after the
// wait for evidence). A View leaves out the numbers `seq` and `inbound_seq`, and
// no test compares the sequence of events.
package domaintest
