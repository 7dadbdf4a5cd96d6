// Package spool accepts webhooks while the database is away. It appends them to files,
// and moves them to the inbox, in their order, when the database is back.
//
// Open [Spool.Append] first.
package spool
