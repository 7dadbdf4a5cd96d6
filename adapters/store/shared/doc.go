// Package shared is what both stores have in common: how values of the domain
// are rows of a database, and the queries that read the same in each.
package shared
