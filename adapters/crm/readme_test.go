package crm

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"recado/adapters/porttest"
	"recado/domain"
)

// The receivers that README.md offers to CRM developers, run as they stand there.
var receivers = []struct {
	name string
	file string
	run  func(t *testing.T, dir, file string) *exec.Cmd
}{
	{"Go", "verify.go", runGo},
	{"Node", "verify.mjs", runNode},
	{"Python", "verify.py", runPython},
}

func runGo(t *testing.T, dir, file string) *exec.Cmd {
	program := filepath.Join(dir, "receiver")
	if out, err := exec.Command("go", "build", "-o", program, file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exec.Command(program)
}

func runNode(t *testing.T, dir, file string) *exec.Cmd {
	install := exec.Command("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "standardwebhooks@1.1.1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("npm cannot install standardwebhooks: %v\n%s", err, out)
	}
	return exec.Command("node", file)
}

func runPython(t *testing.T, _, file string) *exec.Cmd {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no Python here")
	}
	return exec.Command("python3", file)
}

const otherSecret = domain.Secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")

func TestReceiversOfTheReadme(t *testing.T) {
	single := []domain.Delivery{{Event: "evt_1", Body: []byte(`{"id":"evt_1",  "type":"message.created","data":{"text":"hola, ¿qué tal?"}}`)}}
	batch := append(single, domain.Delivery{Event: "evt_2", Body: []byte(`{"id":"evt_2","type":"message.created","data":{}}`)})
	for _, r := range receivers {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			url := startReceiver(t, r.file, r.run)
			d := home(t)
			for _, tt := range []struct {
				name       string
				secret     domain.Secret
				previous   domain.Secret
				until      time.Duration // from now; zero: without an end
				deliveries []domain.Delivery
				ok         bool
			}{
				{"its secret", secret, "", 0, single, true},
				{"its secret is the new one", secret, otherSecret, time.Hour, single, true},
				{"its secret is the previous one", otherSecret, secret, time.Hour, single, true},
				{"its secret is the previous one of a file", otherSecret, secret, 0, single, true},
				{"its secret is the previous one, and the overlap is over", otherSecret, secret, -time.Second, single, false},
				{"its secret is the new one, and the overlap is over", secret, otherSecret, -time.Second, single, true},
				{"another secret", otherSecret, "", 0, single, false},
				{"the event again", secret, "", 0, single, true},
				{"a batch", secret, "", 0, batch, true},
				{"a batch while the secret rotates", otherSecret, secret, time.Hour, batch, true},
				{"a batch with another secret", otherSecret, "", 0, batch, false},
			} {
				e := domain.Endpoint{URL: url, Secret: tt.secret, Previous: tt.previous, Batch: len(tt.deliveries) > 1}
				if tt.until != 0 {
					e.PreviousUntil = time.Now().Add(tt.until)
				}
				for _, try := range d.Deliver(t.Context(), e, tt.deliveries) {
					if try.OK != tt.ok {
						t.Errorf("%s: %s accepted %v, want %v (%s)", tt.name, try.Delivery.Event, try.OK, tt.ok, try.Error)
					}
				}
			}
		})
	}
}

// The examples of what a message can carry have the fields that messages have.
func TestExamplesOfTheReadme(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?m)^\\| `\\w+` \\|[^|]*\\| `(\".*)` \\|$").FindAllSubmatch(page, -1)
	shown := map[string]bool{}
	for _, e := range examples {
		d := json.NewDecoder(strings.NewReader("{" + string(e[1]) + "}"))
		d.DisallowUnknownFields()
		var message struct {
			Author   *domain.Author   `json:"author"`
			Media    *domain.Media    `json:"media"`
			Template *domain.Template `json:"template"`
			domain.Content
		}
		if err := d.Decode(&message); err != nil {
			t.Errorf("%s: %v", e[1], err)
		}
		name, _, _ := strings.Cut(string(e[1][1:]), `"`)
		shown[name] = true
	}
	content := reflect.TypeFor[domain.Content]()
	for i := range content.NumField() {
		if name, _, _ := strings.Cut(content.Field(i).Tag.Get("json"), ","); !shown[name] {
			t.Errorf("README.md has no example of %s", name)
		}
	}
}

// What README.md shows of the data of events is as the schemas show it.
func TestEventsOfTheReadme(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?m)^- `([a-z_.]+)`, with `({.*})`").FindAllSubmatch(page, -1)
	if len(shown) < 5 {
		t.Fatalf("README.md shows %d events", len(shown))
	}
	for _, e := range shown {
		example, known := domain.ExampleOf(domain.EventType(e[1]))
		data, err := json.Marshal(example.Data)
		if !known || err != nil || string(data) != string(e[2]) {
			t.Errorf("README.md shows %s with %s, want %s", e[1], e[2], data)
		}
	}
}

// startReceiver runs an example until the test ends, and returns its address.
func startReceiver(t *testing.T, name string, command func(t *testing.T, dir, file string) *exec.Cmd) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(example(t, name)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, dir, file)
	address := porttest.Address(t)
	cmd.Env = append(os.Environ(), "LISTEN="+address, "RECADO_SECRET="+string(secret))
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(output.String())
		}
	})
	waitForListener(t, address)
	return "http://" + address + "/hooks"
}

// example returns the block of README.md with the name.
func example(t *testing.T, name string) string {
	t.Helper()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```\\w+ " + regexp.QuoteMeta(name) + "$\n(.*?)^```$").FindSubmatch(page)
	if block == nil {
		t.Fatalf("README.md has no example %s", name)
	}
	return string(block[1])
}

func waitForListener(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the example does not listen: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
