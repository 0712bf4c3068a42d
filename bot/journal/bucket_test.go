package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// inDir opens a journal whose log can be read.
func inDir(t testing.TB, dir string, o Options) (*Journal, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	o.Dir, o.Log = dir, slog.New(slog.NewTextHandler(&log, nil))
	j, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j, &log
}

// TestLaterVersion holds that a value which can't be read, as a later version of the bot may write, costs no other: it is logged and passed over in lists,
// and an error where it alone is asked for; and it is not overwritten.
func TestLaterVersion(t *testing.T) {
	ctx := t.Context()
	j, log := inDir(t, t.TempDir(), Options{})
	if err := j.Post(ctx, "t", Posted{MessageID: "1"}); err != nil {
		t.Fatal(err)
	}
	for key, raw := range map[string]string{"2": `{"message": 7}`, "3": `[]`, "4": "\x00"} {
		if _, err := j.answers.kv.Put(ctx, key, []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Post(ctx, "t", Posted{MessageID: "5"}); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for p, err := range j.Answers(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, p.MessageID)
	}
	if slices.Sort(ids); !slices.Equal(ids, []string{"1", "5"}) {
		t.Errorf("listed %q", ids)
	}
	if n := strings.Count(log.String(), "can't be read and is passed over"); n != 3 {
		t.Errorf("%d are logged:\n%s", n, log)
	}
	if _, _, err := j.Answer(ctx, "2"); err == nil {
		t.Error("one that can't be read is read")
	}
	if err := j.Amend(ctx, "2", func(*Posted) bool { return true }); err == nil {
		t.Error("one that can't be read is changed")
	}
	if e, err := j.answers.kv.Get(ctx, "2"); err != nil || string(e.Value()) != `{"message": 7}` {
		t.Errorf("it is now %v, %v", e, err)
	}
	// A key more is no matter.
	if _, err := j.answers.kv.Put(ctx, "6", []byte(`{"message": "6", "mood": "fine"}`)); err != nil {
		t.Fatal(err)
	}
	if p, ok, err := j.Answer(ctx, "6"); !ok || err != nil || p.MessageID != "6" {
		t.Error(p, ok, err)
	}
}

// TestRace has many change one value at once, and take one key.
func TestRace(t *testing.T) {
	ctx := t.Context()
	j, _ := inDir(t, t.TempDir(), Options{})
	const goroutines, each = 32, 5
	var all sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	p, err := j.Propose(ctx, Proposal{By: "u"})
	if err != nil {
		t.Fatal(err)
	}
	for g := range goroutines {
		all.Go(func() {
			for range each {
				if _, _, err := j.Ask(ctx, "gap", Asked{Question: "q", UserID: fmt.Sprint(g), At: time.Now()}); err != nil {
					t.Error(err)
				}
			}
			if err := j.Add(ctx, "p", Count{Day: "2026-01-01", Asked: 1, Facts: map[string]int{"a": 2}}); err != nil {
				t.Error(err)
			}
			if ok, err := j.Take(ctx, p.Key); err != nil {
				t.Error(err)
			} else if ok {
				mu.Lock()
				taken++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	gap, ok, err := j.Gap(ctx, "gap")
	if err != nil || !ok || gap.Count != goroutines*each || gap.Askers() != min(goroutines, MaxAsked) {
		t.Errorf("asked %d times by at least %d; %v %v", gap.Count, gap.Askers(), ok, err)
	}
	if taken != 1 {
		t.Errorf("one proposal was taken %d times", taken)
	}
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if c, err := j.Counts(ctx, day, day.AddDate(0, 0, 1)); err != nil || len(c) != 2 || c[0].Asked != goroutines || c[0].Facts["a"] != 2*goroutines || c[1].Asked != 0 {
		t.Errorf("counted %+v %v", c, err)
	}
}

// TestRetention holds that what is older than is kept goes by itself, and what is kept for ever does not.
func TestRetention(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	j, _ := inDir(t, t.TempDir(), Options{Retention: 300 * time.Millisecond})
	at := time.Now()
	errs := []error{
		j.Posting(ctx, Pending{Trigger: "t"}),
		j.Post(ctx, "u", Posted{MessageID: "1", At: at}),
		j.Vote(ctx, Vote{MessageID: "1", UserID: "2"}),
		j.Renew(ctx, Version{Revision: "r", Text: "x"}),
		j.SetScope(ctx, Scope{Key: "k", Question: "q?", At: at}),
	}
	_, _, err := j.Ask(ctx, "gap", Asked{UserID: "u", At: at})
	errs = append(errs, err)
	_, err = j.Record(ctx, Edit{Kind: OnDisk, State: Done})
	errs = append(errs, err)
	_, err = j.Set(ctx, "g", func(s *Settings) bool { s.Role = "r"; return true })
	for _, err := range append(errs, err) {
		if err != nil {
			t.Fatal(err)
		}
	}
	left := func() (n int) {
		for _, err := range j.Answers(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		gaps, err1 := j.Gaps(ctx)
		votes, err2 := j.Votes(ctx)
		pending, err3 := j.Pendings(ctx)
		for _, err := range []error{err1, err2, err3} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return n + len(gaps) + len(votes) + len(pending)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for left() > 0 {
		<-tick.C
	}
	if _, ok, err := j.Version(ctx, "r"); !ok || err != nil {
		t.Error("a version is gone", err)
	}
	if es, err := j.Edits(ctx); len(es) != 1 || err != nil {
		t.Error("an edit is gone", err)
	}
	if s, err := j.Settings(ctx, "g"); s.Role != "r" || err != nil {
		t.Error("settings are gone", err)
	}
	fresh := Scope{Key: "l", Question: "r?", At: time.Now().Add(time.Hour)}
	if err := errors.Join(j.SetScope(ctx, fresh), j.ForgetScopes(ctx)); err != nil {
		t.Fatal(err)
	}
	if s, ok, err := j.OutOfScope(ctx, "k"); !ok || err != nil || s.Question != "" {
		t.Errorf("a scope is gone, or a member's words in it are kept: %+v, %v, %v", s, ok, err)
	}
	if s, ok, err := j.OutOfScope(ctx, "l"); !ok || err != nil || s.Question != "r?" {
		t.Errorf("the words of a new scope are gone: %+v, %v, %v", s, ok, err)
	}
}

// TestListWhileGoing holds that a list ends though the time of values is over while it is made.
func TestListWhileGoing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	j, _ := inDir(t, t.TempDir(), Options{Retention: 300 * time.Millisecond})
	for round := range 3 {
		for n := range 100 {
			if err := j.Vote(ctx, Vote{MessageID: fmt.Sprint(round), UserID: fmt.Sprint(n)}); err != nil {
				t.Fatal(err)
			}
		}
		for left := 100; left > 0; {
			votes, err := j.Votes(ctx)
			if err != nil {
				t.Fatal(err)
			}
			left = len(votes)
		}
	}
}

// TestPruned holds that of a gap that is asked on and on, the texts that are older than is kept are not given out.
func TestPruned(t *testing.T) {
	ctx := t.Context()
	at := time.Now()
	now := at
	j, _ := inDir(t, t.TempDir(), Options{Retention: 24 * time.Hour, Now: func() time.Time { return now }})
	for n, text := range []string{"first", "second"} {
		if _, _, err := j.Ask(ctx, "gap", Asked{Question: text, UserID: fmt.Sprint(n), At: at.Add(time.Duration(n) * time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	now = at.Add(24*time.Hour + time.Minute)
	g, _, err := j.Gap(ctx, "gap")
	if err != nil || len(g.Asked) != 1 || g.Asked[0].Question != "second" {
		t.Errorf("%+v %v", g, err)
	}
	if gs, err := j.Gaps(ctx); err != nil || len(gs) != 1 || len(gs[0].Asked) != 1 {
		t.Errorf("%+v %v", gs, err)
	}
	if g, _, err = j.Ask(ctx, "gap", Asked{Question: "third", UserID: "3", At: now}); err != nil || g.Count != 3 || g.Question != "second" {
		t.Errorf("%+v %v", g, err)
	}
}

// TestAnswerLife is all that becomes of an answer.
func TestAnswerLife(t *testing.T) {
	ctx := t.Context()
	j, _ := inDir(t, t.TempDir(), Options{})
	p := Posted{ChannelID: "c", Asker: "u", At: time.Unix(1, 0).UTC(), Facts: []Shown{{"a", "r1", "r1"}, {"b", "r2", "r2"}}}
	for part := range 2 {
		if err := j.Posting(ctx, Pending{Trigger: "9", Part: part, Posted: p}); err != nil {
			t.Fatal(err)
		}
	}
	if ps, err := j.Pendings(ctx); err != nil || len(ps) != 2 {
		t.Fatal(ps, err)
	}
	p.MessageID = "1"
	if err := j.PostPart(ctx, Pending{Trigger: "9", Part: 1, Posted: p}); err != nil {
		t.Fatal(err)
	}
	if ps, err := j.Pendings(ctx); err != nil || len(ps) != 1 || ps[0].Part != 0 {
		t.Fatal(ps, err)
	}
	if err := j.NotPosted(ctx, Pending{Trigger: "9"}); err != nil {
		t.Fatal(err)
	}
	if ps, err := j.Pendings(ctx); err != nil || len(ps) != 0 {
		t.Fatal(ps, err)
	}
	if err := j.Amend(ctx, "1", func(p *Posted) bool { p.Facts[1].Now = Gone; return true }); err != nil {
		t.Fatal(err)
	}
	if err := j.Amend(ctx, "1", func(p *Posted) bool { p.Lost = "x"; return false }); err != nil {
		t.Fatal(err)
	}
	if err := j.Amend(ctx, "2", func(p *Posted) bool { return true }); err != nil {
		t.Fatal(err)
	}
	p.Facts[1].Now = Gone
	if got, ok, err := j.Answer(ctx, "1"); err != nil || !ok || fmt.Sprint(got) != fmt.Sprint(p) {
		t.Errorf("%v %v %v, want %v", got, ok, err, p)
	}
	for range 2 {
		if err := j.Drop(ctx, "1"); err != nil {
			t.Fatal(err)
		}
	}
	for p, err := range j.Answers(ctx) {
		t.Errorf("left: %v %v", p, err)
	}
	for n, want := range []bool{true, false} {
		if isNew, err := j.See(ctx, Version{Revision: "r", Text: fmt.Sprint(n)}); err != nil || isNew != want {
			t.Error(isNew, err)
		}
	}
	if v, ok, err := j.Version(ctx, "r"); err != nil || !ok || v.Text != "0" {
		t.Error(v, ok, err)
	}
	if err := j.Renew(ctx, Version{Revision: "r", Text: "2"}); err != nil {
		t.Fatal(err)
	}
	if v, _, err := j.Version(ctx, "r"); err != nil || v.Text != "2" {
		t.Error(v, err)
	}
	if _, ok, err := j.Version(ctx, GoneRevision("no-such-fact")); err != nil || ok {
		t.Error(ok, err)
	}
}

// TestEditLife is all that becomes of an edit, and of a proposal.
func TestEditLife(t *testing.T) {
	ctx := t.Context()
	at := time.UnixMilli(1_700_000_000_000).UTC()
	j, _ := inDir(t, t.TempDir(), Options{Now: func() time.Time { return at }})
	var ids []string
	began := at
	for n := range 5 {
		at = began.Add(time.Duration(n) * time.Second)
		e, err := j.Begin(ctx, Edit{Fact: fmt.Sprint(n), State: Done})
		if err != nil || e.State != Begun {
			t.Fatal(e, err)
		}
		ids = append(ids, e.ID)
	}
	if err := j.Finish(ctx, ids[0], Done, ""); err != nil {
		t.Fatal(err)
	}
	if err := j.Finish(ctx, ids[1], Refused, "because"); err != nil {
		t.Fatal(err)
	}
	if err := j.Finish(ctx, "none", Done, ""); err != nil {
		t.Fatal(err)
	}
	all, err := j.Edits(ctx)
	if err != nil || len(all) != 5 || all[0].State != Done || all[1].State != Refused || all[1].Refusal != "because" || all[2].State != Begun {
		t.Errorf("%+v %v", all, err)
	}
	for n, e := range all {
		if e.ID != ids[n] {
			t.Errorf("edit %d is not in order", n)
		}
	}
	if e, err := j.Record(ctx, Edit{State: Done}); err != nil || !e.At.Equal(at) {
		t.Error(e, err)
	}
	if e, ok, err := j.Edit(ctx, ids[3]); err != nil || !ok || e.Fact != "3" {
		t.Error(e, ok, err)
	}
	if _, ok, err := j.Edit(ctx, "none"); err != nil || ok {
		t.Error(ok, err)
	}
	p, err := j.Propose(ctx, Proposal{By: "u", Op: []byte(`{"a":1}`)})
	if err != nil || p.Key == "" || !p.At.Equal(at) {
		t.Fatal(p, err)
	}
	if q, ok, err := j.Proposed(ctx, p.Key); err != nil || !ok || string(q.Op) != `{"a":1}` {
		t.Error(q, ok, err)
	}
	for n, want := range []bool{true, false} {
		if ok, err := j.Take(ctx, p.Key); err != nil || ok != want {
			t.Errorf("take %d: %v %v", n, ok, err)
		}
	}
	if _, ok, err := j.Proposed(ctx, p.Key); err != nil || ok {
		t.Error(ok, err)
	}
}

// TestBlobs keeps bytes of every size, and what is remembered anew each time.
func TestBlobs(t *testing.T) {
	ctx := t.Context()
	j, _ := inDir(t, t.TempDir(), Options{})
	for _, n := range []int{0, 1, 1 << 10, 3 << 20} {
		data := bytes.Repeat([]byte("x"), n)
		for range 2 {
			name, err := j.Keep(ctx, data)
			if err != nil || name != Hash(data) {
				t.Fatal(name, err)
			}
		}
		if got, ok, err := j.Blob(ctx, Hash(data)); err != nil || !ok || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: %d, %v %v", n, len(got), ok, err)
		}
		if _, _, err := j.Remembered(ctx); err != nil {
			t.Error(err)
		}
		if err := j.Remember(ctx, data); err != nil {
			t.Fatal(err)
		}
		if got, ok, err := j.Remembered(ctx); err != nil || !ok || !bytes.Equal(got, data) {
			t.Errorf("%d bytes remembered: %d, %v %v", n, len(got), ok, err)
		}
	}
	if _, ok, err := j.Blob(ctx, "none"); err != nil || ok {
		t.Error(ok, err)
	}
}

// TestBlobStopped stops the reading of bytes at every moment of it: whatever is answered, no goroutine is left behind.
func TestBlobStopped(t *testing.T) {
	j, _ := inDir(t, t.TempDir(), Options{})
	data := bytes.Repeat([]byte("x"), 1<<10)
	name, err := j.Keep(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	running := goleak.IgnoreCurrent()
	var stopped, read int
	for after := time.Duration(0); after < 4*time.Millisecond; after += 10 * time.Microsecond {
		ctx, stop := context.WithCancel(t.Context())
		timer := time.AfterFunc(after, stop)
		if got, ok, err := j.Blob(ctx, name); err != nil {
			stopped++
		} else if read++; !ok || !bytes.Equal(got, data) {
			t.Fatalf("%d bytes, %v", len(got), ok)
		}
		timer.Stop()
		stop()
	}
	t.Logf("%d stopped, %d read", stopped, read)
	if err := goleak.Find(running); err != nil {
		t.Error(err)
	}
}

// BenchmarkPost is what a posted answer costs: three synced writes.
func BenchmarkPost(b *testing.B) {
	j, _ := inDir(b, b.TempDir(), Options{})
	p := Posted{ChannelID: "c", GuildID: "g", Asker: "u", Locale: "en", At: time.Now(), Facts: []Shown{{"some-fact-id", "0123456789abcdef", "0123456789abcdef"}}}
	n := 0
	for b.Loop() {
		n++
		trigger := fmt.Sprint(n)
		if err := j.Posting(b.Context(), Pending{Trigger: trigger, Posted: p}); err != nil {
			b.Fatal(err)
		}
		p.MessageID = trigger
		if err := j.Post(b.Context(), trigger, p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPut is one synced write.
func BenchmarkPut(b *testing.B) {
	j, _ := inDir(b, b.TempDir(), Options{})
	n := 0
	for b.Loop() {
		n++
		if err := j.answers.put(b.Context(), fmt.Sprint(n), Posted{MessageID: "m", ChannelID: "c", Facts: []Shown{{"some-fact-id", "0123456789abcdef", "0123456789abcdef"}}}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAnswers reads 100,000 answers.
func BenchmarkAnswers(b *testing.B) {
	const answers = 100_000
	j, _ := inDir(b, b.TempDir(), Options{})
	var all sync.WaitGroup
	for w := range 16 { // the writes wait for the disk, so many at once
		all.Go(func() {
			for n := w; n < answers; n += 16 {
				if err := j.answers.put(b.Context(), fmt.Sprint(n), Posted{MessageID: fmt.Sprint(n), ChannelID: "c", Facts: []Shown{{"some-fact-id", "0123456789abcdef", "0123456789abcdef"}}}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	for b.Loop() {
		n := 0
		for _, err := range j.Answers(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != answers {
			b.Fatalf("%d answers", n)
		}
	}
}
