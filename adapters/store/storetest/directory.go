package storetest

import (
	"errors"
	"fmt"
	"strings"

	"recado/domain"
)

var directoryRows = []row{
	{"hooks and connections come back with their settings", func(t lab) {
		for _, want := range everything().Hooks {
			got, err := t.store.Hook(t.Context(), want.ID)
			t.must(err)
			t.same("hook", got, want)
		}
		for _, want := range everything().Connections {
			got, err := t.store.Connection(t.Context(), want.ID)
			t.must(err)
			want.Status = domain.ConnectionOK
			t.same("connection", got, want)
		}
	}},
	{"an employee is found by his API key", func(t lab) {
		for _, want := range everything().Employees {
			got, err := t.store.Employee(t.Context(), everything().APIKeys[want.ID])
			t.must(err)
			want.HasKey = true
			t.same("employee", got, want)
		}
	}},
	{"what is not declared is not found", func(t lab) {
		_, hook := t.store.Hook(t.Context(), "nowhere")
		_, connection := t.store.Connection(t.Context(), "nowhere")
		_, wrong := t.store.Employee(t.Context(), "key-of-nobody")
		_, none := t.store.Employee(t.Context(), "")
		for i, err := range []error{hook, connection, wrong, none} {
			if !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("lookup %d gave %v, want ErrNotFound", i, err)
			}
		}
	}},
	{"an employee without a key is found by none", func(t lab) {
		t.declare(domain.Registry{Employees: []domain.Employee{{ID: "keyless", Company: acme, Name: "K", Role: "manager"}, {ID: "keyless-2", Company: acme, Name: "K", Role: "manager"}}})
		if e, err := t.store.Employee(t.Context(), ""); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("no key gave %+v, %v", e, err)
		}
	}},
	{"an employee keeps his key when none is declared, and loses it for another", func(t lab) {
		ana := everything().Employees[0]
		ana.Name = "Ana María"
		t.declare(domain.Registry{Employees: []domain.Employee{ana}})
		got, err := t.store.Employee(t.Context(), "key-of-ana")
		t.must(err)
		kept := ana
		kept.HasKey = true
		t.same("employee", got, kept)

		t.declare(domain.Registry{Employees: []domain.Employee{ana}, APIKeys: map[domain.EmployeeID]domain.Secret{"ana": "another key"}})
		got, err = t.store.Employee(t.Context(), "another key")
		t.must(err)
		t.same("employee", got, kept)
		if _, err := t.store.Employee(t.Context(), "key-of-ana"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the key before gave %v", err)
		}
	}},
	{"any value of a setting comes back", func(t lab) {
		h := domain.Hook{ID: meta, Kind: domain.WhatsAppBusiness, Secrets: domain.Settings{"a": "\x00\xf0\x9f\x98\x80 \"\\", "b": "", "ñ": "x"}}
		t.declare(domain.Registry{Hooks: []domain.Hook{h}})
		got, err := t.store.Hook(t.Context(), meta)
		t.must(err)
		t.same("hook", got, h)
	}},
	{"no secret is stored as it is", func(t lab) {
		for _, open := range []string{"Ana", "https://crm.example/hooks", "America/Mexico_City"} {
			if t.stored(open) == 0 {
				t.Errorf("the store shows nothing of %s", open)
			}
		}
		for _, s := range secrets(everything()) {
			if t.stored(string(s)) != 0 {
				t.Errorf("a secret is stored in clear")
			}
		}
	}},
}

// secrets lists all that nobody may read in the store.
func secrets(r domain.Registry) (list []domain.Secret) {
	for _, h := range r.Hooks {
		for _, s := range h.Secrets {
			list = append(list, s)
		}
	}
	for _, c := range r.Connections {
		for name, s := range c.Settings {
			if name != "phone_number_id" { // which the account tells too
				list = append(list, s)
			}
		}
	}
	for _, s := range r.APIKeys {
		list = append(list, s)
	}
	for _, e := range r.Endpoints {
		list = append(list, e.Secret)
		if e.Previous != "" {
			list = append(list, e.Previous)
		}
	}
	return list
}

// reveals reports whether a text shows a secret of the world.
func reveals(text any) bool {
	for _, s := range secrets(everything()) {
		if strings.Contains(fmt.Sprint(text), string(s)) {
			return true
		}
	}
	return false
}
