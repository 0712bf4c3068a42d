package journal_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot/journal"
)

// TestManyGaps holds that one member opens no more than so many gaps a day, whatever they ask, and that asking again moves nobody else out of a gap.
func TestManyGaps(t *testing.T) {
	ctx := t.Context()
	j := open(t, t.TempDir())
	defer closed(t, j)
	at := time.Now()
	ask := func(key, user string, at time.Time) bool {
		t.Helper()
		_, kept, err := j.Ask(ctx, key, journal.Asked{Question: key, UserID: user, At: at})
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	for n := range 10_000 {
		if kept := ask(fmt.Sprint("flood", n), "mallory", at); kept != (n < journal.MaxOpened) {
			t.Fatalf("gap %d of one member: kept %v", n, kept)
		}
	}
	if gaps, err := j.Gaps(ctx); err != nil || len(gaps) != journal.MaxOpened {
		t.Errorf("%d gaps after 10,000 of one member, want %d: %v", len(gaps), journal.MaxOpened, err)
	}
	if !ask("other", "alice", at) {
		t.Error("another member's gap was not kept")
	}
	if !ask("other", "mallory", at) {
		t.Error("what somebody else asked before was not counted for a member who has opened many")
	}
	if !ask("tomorrow", "mallory", at.AddDate(0, 0, 1)) {
		t.Error("the next day nothing was kept")
	}
	for range 1000 {
		ask("other", "mallory", at)
	}
	g, ok, err := j.Gap(ctx, "other")
	if err != nil || !ok || g.Askers() != 2 || g.Count != 1002 || g.Question != "other" {
		t.Errorf("asked a thousand times by one of two: %d askers, %d times, %v", g.Askers(), g.Count, err)
	}
	if _, err := j.Forget(ctx, "mallory"); err != nil {
		t.Fatal(err)
	}
	if gaps, _ := j.Gaps(ctx); len(gaps) != 1 || gaps[0].Askers() != 1 {
		t.Errorf("after mallory had hers forgotten: %+v", gaps)
	}
}

// TestTelling holds that of many who would tell a member one does, and that an old claim is handed on.
func TestTelling(t *testing.T) {
	ctx := t.Context()
	j := open(t, t.TempDir())
	defer closed(t, j)
	at := time.Now()
	w := journal.Wait{Key: "k", UserID: "1", Question: "q?", At: at}
	for n := range 2 {
		if fresh, err := j.Tell(ctx, w); err != nil || fresh != (n == 0) {
			t.Errorf("wish %d: new %v, %v", n, fresh, err)
		}
	}
	claim := func(at time.Time) (journal.Wait, bool) {
		before, mine, err := j.StartTelling(ctx, w, journal.Telling{At: at, ChannelID: "c"})
		if err != nil {
			t.Error(err)
		}
		return before, mine
	}
	var mine atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, ok := claim(at); ok {
				mine.Add(1)
			}
		})
	}
	all.Wait()
	if n := mine.Load(); n != 1 {
		t.Errorf("%d of 20 tell the member", n)
	}
	if _, ok := claim(at.Add(journal.TellingLasts - 1)); ok {
		t.Error("a fresh claim was handed on")
	}
	if before, ok := claim(at.Add(journal.TellingLasts)); !ok || before.Telling == nil || !before.Telling.At.Equal(at) {
		t.Errorf("an old claim was not handed on: %v, %+v", ok, before.Telling)
	}
	if err := j.Told(ctx, w); err != nil {
		t.Error(err)
	}
	if _, ok := claim(at.Add(time.Hour)); ok {
		t.Error("a wish that was granted can be claimed")
	}
}

// TestMirror holds that a copy tells what is there now, before, while and after it is followed.
func TestMirror(t *testing.T) {
	ctx := t.Context()
	j := open(t, t.TempDir())
	defer closed(t, j)
	m := j.MirrorSettings()
	set := func(mode journal.Mode) {
		t.Helper()
		if _, err := j.Set(ctx, "g", func(s *journal.Settings) bool { s.Mode = mode; return true }); err != nil {
			t.Fatal(err)
		}
		if err := m.Refresh(ctx, "g"); err != nil {
			t.Fatal(err)
		}
	}
	want := func(mode journal.Mode, there bool) {
		t.Helper()
		if s, ok, err := m.Get(ctx, "g"); err != nil || ok != there || s.Mode != mode {
			t.Errorf("%+v, %v, %v; want %q, %v", s, ok, err, mode, there)
		}
	}
	want("", false)
	set(journal.Off)
	want(journal.Off, true)
	follow, stop := context.WithCancel(ctx)
	over := make(chan error, 1)
	go func() { over <- m.Follow(follow) }()
	for n := range 50 {
		mode := []journal.Mode{journal.Commands, journal.Off}[n%2]
		set(mode)
		want(mode, true)
	}
	stop()
	if err := <-over; err != nil {
		t.Error(err)
	}
	want(journal.Off, true)
}
