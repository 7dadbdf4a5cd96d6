// Package postgres keeps the truth in PostgreSQL, natively: what a batch loads
// and writes are a few set-based statements, and statements that need no
// answer of one another share a round trip.
package postgres
