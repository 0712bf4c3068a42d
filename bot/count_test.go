package bot

import (
	"context"
	"sync"
	"testing"
	"time"

	"footnote/bot/journal"
)

// TestTally holds that every question is counted once, however many are asked at once and however often it is written, also past a journal that was
// away; and that processes add up.
func TestTally(t *testing.T) {
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	j, err := journal.Open(t.Context(), journal.Options{Dir: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	b := &Bot{opts: Options{Journal: j}, metrics: newMetrics()}
	one, two := newTally(b, func() time.Time { return now }), newTally(b, func() time.Time { return now.AddDate(0, 0, 1) })
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for range 50 {
				one.asked()
				one.answered("a")
				two.asked()
				two.declined()
			}
			if err := one.flush(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	away, cancel := context.WithCancel(t.Context())
	cancel()
	if err := two.flush(away); err == nil {
		t.Error("written while the journal was away")
	}
	two.asked()
	if err := two.flush(t.Context()); err != nil {
		t.Error(err)
	}
	days, err := j.Counts(t.Context(), now, now.AddDate(0, 0, 2))
	if err != nil || len(days) != 3 {
		t.Fatal(days, err)
	}
	if d := days[0]; d.Asked != 500 || d.Answered != 500 || d.Declined != 0 || d.Facts["a"] != 500 {
		t.Errorf("the first day: %+v", d)
	}
	if d := days[1]; d.Asked != 501 || d.Declined != 500 || len(d.Facts) != 0 {
		t.Errorf("the second day: %+v", d)
	}
	if days[2].Asked != 0 {
		t.Errorf("the third day: %+v", days[2])
	}
	var none *tally // without a journal nothing is counted
	none.asked()
}
