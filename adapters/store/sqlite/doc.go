// Package sqlite keeps the truth in one file, for a trial, development or a
// small office: the embedded store, which behaves as the one in PostgreSQL
// does. A writer has the file for itself during its turn, so that what a
// transaction read stays true; rows are written one by one with prepared
// statements.
package sqlite
