package postgres

import (
	"testing"
	"time"

	"recado/domain"
)

// An endpoint that works leaves a version of its row a second, not one with every
// record. What it took is counted all the same, until another process stores its health.
func TestAnEndpointThatWorksIsStoredOnceASecond(t *testing.T) {
	const records = 200
	q := newQueues(t)
	q.exec(queueOfCalls, 2*records)
	due, err := q.DueDeliveries(t.Context(), "crm", nil, 2*records)
	if err != nil || len(due) != 2*records {
		t.Fatalf("%d deliveries are due, %v", len(due), err)
	}
	var e domain.Endpoint
	record := func(deliveries []domain.Delivery) {
		t.Helper()
		for _, d := range deliveries {
			if e, _, err = q.Record(t.Context(), "crm", []domain.Try{{Delivery: d, OK: true, Status: 200}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	began := time.Now()
	record(due[:records])
	if e.Successes < records*3/4 { // the first count little, since there was none before
		t.Errorf("of %d successes %v are counted", records, e.Successes)
	}
	versions := 0
	if _, err = (weighed{q.Store}).Read(t.Context()); err == nil { // which makes the counts current
		err = q.pool.QueryRow(t.Context(), `SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'endpoints'`).Scan(&versions)
	}
	if ramp := 16; err != nil || versions > ramp+int(time.Since(began).Seconds())+1 {
		t.Errorf("%d records in %v left %d versions of the endpoint, %v", records, time.Since(began), versions, err)
	}
	q.exec(`UPDATE endpoints SET health = '', status = 'disabled'`)
	record(due[records : records+1])
	if e.Status != domain.EndpointDisabled || e.Successes != 1 {
		t.Errorf("after another process stored its health it is %+v", e.EndpointHealth)
	}
}
