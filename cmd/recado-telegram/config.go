package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"

	"github.com/goccy/go-yaml"
)

// A config is the file of the gateway.
type config struct {
	APIID    int       `yaml:"api_id"`
	APIHash  string    `yaml:"api_hash"`
	Recado   string    `yaml:"recado"`   // its public URL
	Database string    `yaml:"database"` // the URL of PostgreSQL; empty: SQLite in the data directory
	Accounts []account `yaml:"accounts"`
}

// An account is one that Recado reaches; Recado has the same token and the same secret.
type account struct {
	Connection string `yaml:"connection"`
	Token      string `yaml:"token"`
	Secret     string `yaml:"secret_token"`
	Groups     bool   `yaml:"groups"`
	Import     bool   `yaml:"import_contacts"`
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// readConfig reads the file. ${NAME} is read from the environment.
func readConfig(file string, getenv func(string) string) (c config, err error) {
	data, err := os.ReadFile(file) //nolint:gosec // the operator names it
	if err != nil {
		return c, err
	}
	var missing []error
	text := variable.ReplaceAllStringFunc(string(data), func(found string) string {
		name := found[2 : len(found)-1]
		value := getenv(name)
		if value == "" {
			missing = append(missing, fmt.Errorf("%s: the environment has no %s", file, name))
		}
		return value
	})
	if err := errors.Join(missing...); err != nil {
		return c, err
	}
	if err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()); err != nil {
		return c, fmt.Errorf("%s: %s", file, yaml.FormatError(err, false, false)) // without the source: it has secrets
	}
	return c, c.check(file)
}

// check lists every mistake.
func (c config) check(file string) error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(file+": "+format, args...)) }
	if c.APIID == 0 || c.APIHash == "" {
		say("api_id and api_hash must be your own, from my.telegram.org")
	}
	if u, err := url.Parse(c.Recado); err != nil || u.Host == "" {
		say("recado must be the public URL of Recado")
	}
	if u, err := url.Parse(c.Database); c.Database != "" && (err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql") {
		say("database must be postgres://user:password@host:5432/name")
	}
	if len(c.Accounts) == 0 {
		say("it has no accounts")
	}
	seen := map[string]bool{}
	for i, a := range c.Accounts {
		switch {
		case a.Connection == "" || a.Token == "" || a.Secret == "":
			say("account %d needs a connection, a token and a secret_token", i+1)
		case seen[a.Connection] || seen["token "+a.Token]:
			say("account %s has the connection or the token of another", a.Connection)
		}
		seen[a.Connection], seen["token "+a.Token] = true, true
	}
	return errors.Join(wrong...)
}
