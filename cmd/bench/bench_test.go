package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary run as a part, which bench starts as a process.
func TestMain(m *testing.M) {
	if os.Getenv(partVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// The short run measures every row with real servers. Its figures mean nothing, since
// the machine is busy with tests.
func TestShortRun(t *testing.T) {
	database, redis := os.Getenv("TEST_DATABASE_URL"), os.Getenv("TEST_REDIS_URL")
	switch {
	case database != "" && redis != "":
	case os.Getenv("CI") == "true":
		t.Fatal("TEST_DATABASE_URL or TEST_REDIS_URL is not set, and in CI nothing is left out")
	default:
		t.Skip(`NOTHING IS MEASURED: TEST_DATABASE_URL or TEST_REDIS_URL is not set; eval "$(deploy/services env)" sets them`)
	}
	program := filepath.Join(t.TempDir(), "recado")
	if out, err := exec.Command("go", "build", "-o", program, "../recado").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	b := &bench{plan: plans["short"], program: program, database: database, redis: redis, profiles: t.TempDir(), progress: testLog{t}}
	text, err := b.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(text)
	for _, row := range []string{
		rowBare, rowDurable, rowNaive, rowBurst, rowCarried, rowCommitted, rowStatuses, rowStatusesOnly, rowSends, rowBacklog, rowBatches, rowBatchBacklog, rowBatchP99, rowNoneBad, rowBesideBad, rowNoneWaits, rowBesideOne,
		rowCampaignAlone, rowCampaignPeople, rowSpooled, rowUnspooled, rowAlone, rowPinned, rowUnpinned, rowReaders, rowDumped,
		rowWorkers(1), rowWorkers(2), rowWorkers(3),
		rowAckP99, rowCallbackP99, rowMemory, rowGrown(b.plan.history[0]),
	} {
		if v := b.table.median(row); !(v > 0) { // nor not a number
			t.Errorf("%s: %v", row, v)
		}
	}
	if strings.Contains(text, "%!") {
		t.Error("the report is not formatted well")
	}
}

// testLog is the log of a test.
type testLog struct{ t *testing.T }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(line)))
	return len(line), nil
}

func TestNumbersAreShownWithThreeDigitsOrMore(t *testing.T) {
	for v, want := range map[float64]string{0.126: "0.13", 12.34: "12.3", 123.4: "123", 1234.5: "1,235", 1_000_000: "1,000,000"} {
		if got := number(v); got != want {
			t.Errorf("%v is shown as %s, want %s", v, got, want)
		}
	}
}

func TestACallbackTellsItsNumber(t *testing.T) {
	created := `{"type":"message.created","data":{"message":{"provider_id":"` + messageID("5210", 1234) + `"}}}`
	if got := ofMessage([]byte(created)); got != 1234 {
		t.Errorf("message: %d", got)
	}
	read := `{"type":"message.status","data":{"provider_id":"` + sentID("5210", 7) + `","status":"read"}}`
	if got := ofStatus("read")([]byte(read)); got != 7 {
		t.Errorf("status: %d", got)
	}
	if got := ofStatus("delivered")([]byte(read)); got != -1 {
		t.Errorf("a status is taken for another: %d", got)
	}
	if got := ofMessage([]byte(read)); got != -1 {
		t.Errorf("a status is taken for a message: %d", got)
	}
}

func TestNotesAreTheEndOfAnEarlierReport(t *testing.T) {
	tests := []struct{ name, earlier, want string }{
		{"a report with notes", "# Measured speed\n\n## Notes\n\nCPU\n", "\n## Notes\n\nCPU\n"},
		{"a report without", "# Measured speed\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "BENCH.md")
			if err := os.WriteFile(file, []byte(tt.earlier), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := notes(file); got != tt.want {
				t.Errorf("notes %q, want %q", got, tt.want)
			}
		})
	}
	if got := notes(filepath.Join(t.TempDir(), "none.md")); got != "" {
		t.Errorf("notes %q of no report", got)
	}
}
