package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"Luz 👩‍🔧\tñ\n":         "Luz 👩‍🔧\tñ\n",
		"\x1b[2J\r\a\x00\x7f":  `\u001b[2J\u000d\u0007\u0000\u007f`,
		"\u009b2J, and \x9b2J": `\u009b2J, and \x9b2J`,
		"invoice\u202egnp.exe": `invoice\u202egnp.exe`,
	} {
		if diff := cmp.Diff(want, printable(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// Whatever a stranger wrote, a subcommand prints no character that a terminal
// would act on.
func TestSubcommandsPrintNoControlCharacters(t *testing.T) {
	env := map[string]string{"RECADO_DATA_DIR": t.TempDir(), "RECADO_SECRET_KEY": aKey}
	const strange = "\x1b]0;title\a \u009b31m\u202e"
	config, err := readConfig(environ(env))
	if err != nil {
		t.Fatal(err)
	}
	store, err := openStore(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Apply(t.Context(), domain.Batch{Parked: []domain.ParkedItem{
		{Hook: "meta", Kind: domain.WABA, Account: strange, Body: []byte(`{"text":"` + "\u009b31m" + `"}`), Error: "unknown " + strange},
	}})
	store.Close()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"parked"}, {"parked", "show", "inbox:1"}} {
		var printed bytes.Buffer
		if err := run(context.Background(), args, environ(env), &printed, new(bytes.Buffer)); err != nil {
			t.Fatal(err)
		}
		if got := printed.String(); got != printable(got) || !bytes.Contains(printed.Bytes(), []byte("31m")) {
			t.Errorf("recado %q prints %q", args, got)
		}
	}
}
