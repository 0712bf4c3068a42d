// Package journaltest starts a NATS server on loopback for tests of what keeps its journal on a cluster, and of what happens when that goes away.
package journaltest

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Serve starts a server with JetStream on a free port. stop ends it and waits for that; the test's end does so too.
func Serve(t testing.TB) (url string, stop func()) {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start() // ends with Shutdown
	stop = func() {
		s.Shutdown()
		s.WaitForShutdown()
	}
	t.Cleanup(stop)
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	return s.ClientURL(), stop
}
