// Package domaintest generates what messengers may tell, for the property that
// holds of every store: updates may come twice, late, or in another order, and
// the chats, messages, statuses and counters after them are the same.
//
// A test draws a [Story], tells it to one store in order and to another one
// shuffled, and compares the two by their [View]:
//
//	story := domaintest.History(t, "run-1")
//	story.Tell(one, story.InOrder()...)
//	story.Tell(other, story.Shuffled(t)...)
//	if diff := domaintest.Diff(view(one), view(other)); diff != "" { … }
//
// Where a View is the [Snapshot] of the company's chats and messages. Two
// databases do for all the stories of a test, if each has a name of its own.
//
// A Story keeps clear of what the order may decide: `failed` against a later
// status, the moment of a block, and which echo belongs to which of our sends
// when that cannot be read from it (two that read the same, one that the
// messenger rewrote, one that comes after the wait for evidence). A View leaves
// out the numbers `seq` and `inbound_seq`; nobody compares the sequence of events.
package domaintest
