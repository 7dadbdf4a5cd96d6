// Package domain holds the rules of Recado and its vocabulary.
//
// It does no I/O, reads no clock and imports only the standard library.
// [Decide] is the heart: a [State] and an [Update] give a [Change]. A [Book] runs
// Decide over a batch of updates for a store, which loads what the rules need and
// writes what they change. The contracts with several implementations are here
// too: [Connector] and the ports of the [Store].
package domain
