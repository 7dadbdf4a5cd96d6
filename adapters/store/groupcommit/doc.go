// Package groupcommit lets concurrent callers of a store share a transaction:
// many commits cost nearly the same as one.
package groupcommit
