// Package declaration reads the YAML file of `recado apply`, in which an operator
// declares companies with their subscriptions, hooks, connections, employees and
// endpoints, into a domain.Registry.
package declaration

import (
	"bytes"

	"recado/domain"
)

// Read reads the file's data; file is its name, for messages. ${NAME} in a value
// is replaced by getenv(NAME). The kinds in connectors can be declared. The error
// has a line for each mistake, with its place in the file, and shows no secret.
func Read(
	file string, data []byte, getenv func(string) string, connectors map[domain.Kind]domain.Connector,
) (domain.Registry, error) {
	d := &document{
		reader:     &reader{file: file, getenv: getenv, idLines: map[string]int{}},
		connectors: connectors,
		registry:   domain.Registry{APIKeys: map[domain.EmployeeID]domain.Secret{}},
		accounts:   map[account]domain.ConnectionID{},
		identities: map[string]domain.ConnectionID{},
		keys:       map[domain.Secret]domain.EmployeeID{},
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // editors on Windows write it
	if top := d.parse(data); top != nil {
		top.mappings("hooks", "hook", d.hook)
		top.mappings("companies", "company", d.company)
		d.checkMoves()
		top.rejectUnknownKeys()
	}
	if err := d.err(); err != nil {
		return domain.Registry{}, err
	}
	d.registry.ConnectionSettings = map[domain.Kind][]domain.Setting{}
	for kind, c := range connectors {
		d.registry.ConnectionSettings[kind] = c.ConnectionSettings()
	}
	return d.registry, nil
}

// A document is the file while Read adds its parts to the registry.
type document struct {
	*reader
	connectors map[domain.Kind]domain.Connector
	registry   domain.Registry
	accounts   map[account]domain.ConnectionID
	moves      []move
	identities map[string]domain.ConnectionID // by kind and what names the account at the messenger
	keys       map[domain.Secret]domain.EmployeeID
}

// An account is what a webhook is routed by.
type account struct {
	hook domain.HookID
	name string
}
