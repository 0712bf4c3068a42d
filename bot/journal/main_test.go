//go:build unix

package journal_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets the test program be its own child, which is killed; and checks that a journal leaves no goroutine behind.
func TestMain(m *testing.M) {
	if what := os.Getenv("JOURNAL_CHILD"); what != "" {
		os.Exit(child(what))
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}
