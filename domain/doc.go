// Package domain holds the rules of Recado and the words they are told in.
//
// It does no I/O, reads no clock and imports only the standard library.
// [Decide] is the heart: what is known and one update give one change. A [Book]
// runs Decide over a batch of updates for a store, which loads before and
// writes after. The contracts with several implementations ([Connector], the
// ports of the store) stand here too; a need with one caller stands beside it.
package domain
