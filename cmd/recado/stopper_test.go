package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"recado/adapters/blob/s3/s3test"
)

// A stopper stops a server of the test at a joint, so that the program can be killed
// there.
type stopper struct {
	joint atomic.Value       // a string; empty: none
	at    chan chan struct{} // gets, at the joint, what ends the wait there
}

func newStopper() *stopper {
	s := &stopper{at: make(chan chan struct{}, 1)}
	s.joint.Store("")
	return s
}

// pass stops at a joint if the program is to die there.
func (s *stopper) pass(joint string) {
	if s.joint.CompareAndSwap(joint, "") {
		dead := make(chan struct{})
		s.at <- dead
		<-dead
	}
}

// dieAt does something that comes to the joint, kills the program there and starts it
// again. Without a joint it only does it.
func (w *world) dieAt(s *stopper, joint string, do func()) {
	w.t.Helper()
	s.joint.Store(joint)
	do()
	if joint == "" {
		return
	}
	select {
	case dead := <-s.at:
		if joint == lastByteOfIt {
			close(dead) // it dies while it stores the file or records it
			w.kill()
		} else {
			w.kill()
			close(dead)
		}
	case <-time.After(30 * time.Second):
		w.t.Fatal("it never came to where " + joint)
	}
	w.start()
}

// The joints of storing a file in a bucket at which the program can die.
const (
	storesIt = "the bucket is asked to take the file"
	storedIt = "the bucket has the file, no answer yet"
)

// front stops before and behind what a bucket stores.
func (s *stopper) front(bucket http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			s.pass(storesIt)
			defer s.pass(storedIt)
		}
		bucket.ServeHTTP(w, r)
	})
}

// stoppedPlaces are where an installation keeps its files. They count them, and name
// their joints.
var stoppedPlaces = map[string]func(*world, *stopper) (files func() int, joints []string){
	"a folder": func(w *world, _ *stopper) (func() int, []string) { return w.files, nil },
	"a bucket": func(w *world, s *stopper) (func() int, []string) {
		b := s3test.Fake(w.t, s.front)
		maps.Copy(w.env, b.Env)
		w.env["RECADO_MEDIA_URL"] = b.Location
		return b.Objects, []string{storesIt, storedIt}
	},
}

// serve runs a server until the test ends, and returns its URL.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}
