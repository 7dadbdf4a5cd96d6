package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	otlp "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"recado/adapters/messenger/waba/wabatest"
)

// A collector takes traces as those of OpenTelemetry do.
type collector struct {
	url string

	mu     sync.Mutex
	traces map[string][]string // the names of the spans of each
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{traces: map[string][]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request otlp.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
			t.Errorf("%s is no export of traces, %v", r.URL, err)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, s := range scope.Spans {
					id := fmt.Sprintf("%x", s.TraceId)
					c.traces[id] = append(c.traces[id], s.Name)
				}
			}
		}
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// whole reports whether a trace has spans of all the names.
func (c *collector) whole(names ...string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, spans := range c.traces {
		if !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(spans, name) }) {
			return true
		}
	}
	return false
}

// What happens to a message, in whichever process, is one trace; the slow ones are found
// from the histograms.
func TestAMessageIsOneTrace(t *testing.T) {
	t.Parallel()
	w, crm, meta, traces := newWorld(t, "embedded"), newCRM(t), wabatest.NewServer(t), newCollector(t)
	w.env["OTEL_EXPORTER_OTLP_ENDPOINT"], w.env["OTEL_BSP_SCHEDULE_DELAY"] = traces.url, "100"
	w.declare(meta.URL, crm.url)
	w.start()
	if status := w.post(textBody("106540352242922", "34600000001", "Hola")); status != http.StatusOK {
		t.Fatalf("a webhook is answered %d", status)
	}
	eventually(t, "webhook, commit and callback are one trace", 20*time.Second, func() bool { return traces.whole("webhook", "apply", "callback") })
	status, err := w.call(anaKey, http.MethodPost, "/v1/messages", map[string]any{"connection_id": "waba-1", "peer_id": "34600000001", "type": "text", "text": "Hola"}, nil)
	if err != nil || status != http.StatusAccepted {
		t.Fatalf("the message is answered %d, %v", status, err)
	}
	eventually(t, "request, send and callback are one trace", 20*time.Second, func() bool { return traces.whole("request", "send", "callback") })

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.private+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, histogram := range []string{"recado_apply_delay_seconds_bucket", "recado_callback_delay_seconds_bucket"} {
		if !slices.ContainsFunc(strings.Split(string(page), "\n"), func(l string) bool {
			return strings.HasPrefix(l, histogram) && strings.Contains(l, `# {trace_id="`)
		}) {
			t.Errorf("%s has no exemplar", histogram)
		}
	}
}
