package main

import (
	"strings"
	"testing"
	"time"
)

func TestTimesOfFlagsHaveDays(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90m": 90 * time.Minute, "2d": 48 * time.Hour, "1d12h": 36 * time.Hour, "0": 0, "0s": 0, "1.5h": 90 * time.Minute,
		"": -1, "d": -1, "2x": -1, "-1h": -1, "1d-1h": -1, "-1d": -1, "1.5d": -1, "99999d": -1, "2d3d": -1,
	} {
		got, err := parseTime(text)
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
}

// What names nothing is a mistake: an empty list, or nothing erased, would look as if
// all were well.
func TestCommandsRefuseWhatDoesNotExist(t *testing.T) {
	w := newWorld(t, "embedded")
	w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")
	for command, want := range map[string]string{
		"erase --company acne --peer 1 --yes":                                "there is no company acne; did you mean acme?",
		"erase --company somebody --peer 1 --dry-run":                        "there is no company somebody",
		"deliveries --endpoint crn":                                          `no endpoint has the id "crn"`,
		"deliveries --type message.create":                                   `--type: no event has the type "message.create"; did you mean message.created?`,
		"deliveries --type invoice":                                          `--type: no event has the type "invoice"; the types are message.created, `,
		"deliveries --state lost":                                            "--state must be one of ",
		"deliveries --chat chat_none":                                        `no chat has the id "chat_none"`,
		"deliveries --endpoint crm --chat chat_none":                         `no chat has the id "chat_none"`,
		"deliveries --since 2x":                                              `--since: expected a time such as 90m, 36h or 2d, and not "2x"`,
		"deliveries --since=-2h":                                             `--since: expected a time such as 90m, 36h or 2d, and not "-2h"`,
		"deliveries show dlv_7":                                              `no delivery has the id "dlv_7"`,
		"deliveries replay --endpoint crn":                                   `no endpoint has the id "crn"`,
		"deliveries replay --endpoint crm --chat chat_none":                  `no chat has the id "chat_none"`,
		"deliveries replay --endpoint crm --type chat.blocked,message.statu": `--type: no event has the type "message.statu"; did you mean message.status?`,
		"parked show inbox:7":                                                `no parked item has the id "inbox:7"`,
		"hooks bot-7":                                                        "connection bot-7: there is no such connection",
		"login wa-7":                                                         "there is no connection wa-7",
	} {
		out, err := w.run(strings.Fields(command)...)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("recado %s: ends with %v, want %s; it prints %q", command, err, want, out)
		}
	}
	for _, command := range []string{
		"erase --company acme --peer 1 --yes", "deliveries --since 2d --type message.created", "deliveries replay --endpoint crm --since 1d12h --type message.created,message.status",
	} {
		if out, err := w.run(strings.Fields(command)...); err != nil {
			t.Errorf("recado %s: %v %s", command, err, out)
		}
	}
}
