package journal_test

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"footnote/bot/journal"
)

// open gives a journal in a folder.
func open(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func closed(t *testing.T, j *journal.Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestReopen holds that what was kept is there after a restart, and that nothing is left running.
func TestReopen(t *testing.T) {
	defer goleak.VerifyNone(t)
	ctx, dir := t.Context(), t.TempDir()
	j := open(t, dir)
	posted := journal.Posted{MessageID: "1", ChannelID: "2", Asker: "3", At: time.Unix(1, 0).UTC(), Facts: []journal.Shown{{Fact: "a", Posted: "r", Now: "r"}}}
	if err := j.Posting(ctx, journal.Pending{Trigger: "9", Posted: posted}); err != nil {
		t.Fatal(err)
	}
	if err := j.Post(ctx, "9", posted); err != nil {
		t.Fatal(err)
	}
	if _, _, err := j.Ask(ctx, "k", journal.Asked{Question: "q?", UserID: "3", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	e, err := j.Begin(ctx, journal.Edit{Kind: journal.Edited, Fact: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Remember(ctx, []byte("facts")); err != nil {
		t.Fatal(err)
	}
	closed(t, j)

	j = open(t, dir)
	defer closed(t, j)
	if p, ok, err := j.Answer(ctx, "1"); !ok || err != nil || p.Facts[0].Fact != "a" {
		t.Errorf("answer: %+v %v %v", p, ok, err)
	}
	if ps, err := j.Pendings(ctx); len(ps) != 0 || err != nil {
		t.Errorf("pending: %v %v", ps, err)
	}
	if gs, err := j.Gaps(ctx); len(gs) != 1 || err != nil || gs[0].Count != 1 {
		t.Errorf("gaps: %v %v", gs, err)
	}
	if es, err := j.Edits(ctx); len(es) != 1 || err != nil || es[0].ID != e.ID || es[0].State != journal.Begun {
		t.Errorf("edits: %v %v", es, err)
	}
	if b, ok, err := j.Remembered(ctx); string(b) != "facts" || !ok || err != nil {
		t.Errorf("remembered: %q %v %v", b, ok, err)
	}
	k, err := j.Forget(ctx, "3")
	if want := (journal.Kept{Answers: 1, Gaps: 1}); k != want || err != nil {
		t.Errorf("forgot %+v %v", k, err)
	}
	if k, err := j.Kept(ctx, "3"); k != (journal.Kept{}) || err != nil {
		t.Errorf("kept still %+v %v", k, err)
	}
}

// TestLocked holds that a second process on the same folder is told so.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	defer closed(t, j)
	_, err := journal.Open(t.Context(), journal.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Error(err)
	}
}
