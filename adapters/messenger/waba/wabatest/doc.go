// Package wabatest plays Meta in tests: it signs webhooks, takes messages, and
// knows the examples that Meta publishes.
package wabatest
