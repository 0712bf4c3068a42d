//go:build unix

package journal_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"footnote/bot/journal"
)

// child writes to the journal in JOURNAL_DIR from several goroutines, and says on a line of its own what was acknowledged.
func child(what string) int {
	ctx := context.Background()
	j, err := journal.Open(ctx, journal.Options{Dir: os.Getenv("JOURNAL_DIR"), Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	from, _ := strconv.Atoi(os.Getenv("JOURNAL_FROM"))
	if what == "full" {
		if err := limitFiles(1<<20, 1<<20); err != nil {
			fmt.Println("error", err)
			return 1
		}
	}
	if what == "again" {
		return fullAndAgain(ctx, j)
	}
	var mu sync.Mutex
	said := func(line string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(line)
	}
	said("open")
	failed := func(err error) bool {
		if err != nil {
			said("error " + strings.ReplaceAll(err.Error(), "\n", " "))
		}
		return err != nil
	}
	var all sync.WaitGroup
	for w := range 3 {
		all.Go(func() {
			for n := from; ; n++ {
				id := fmt.Sprintf("%d-%d", w, n)
				p := posted(id)
				switch w {
				case 0: // what an answer takes
					if failed(j.Posting(ctx, journal.Pending{Trigger: "t" + id, Posted: p})) || failed(j.Post(ctx, "t"+id, p)) {
						return
					}
				case 1: // an edit
					e, err := j.Begin(ctx, journal.Edit{Kind: journal.Edited, Fact: id, Before: bytes.Repeat([]byte("x"), 2000)})
					if failed(err) {
						return
					}
					said("begun " + e.ID)
					if failed(j.Finish(ctx, e.ID, journal.Done, "")) {
						return
					}
					id = e.ID
				case 2: // one value that is changed again and again
					_, _, err := j.Ask(ctx, "gap", journal.Asked{Question: "q", UserID: "u", At: time.Unix(int64(n), 0)})
					if failed(err) {
						return
					}
				}
				said(fmt.Sprintf("done %d %s", w, id))
			}
		})
	}
	all.Wait()
	return 0
}

// limitFiles lets this process write no file past so many bytes, as a full disk does; most is what it may raise that to again.
func limitFiles(bytes, most uint64) error {
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: most})
}

// fullAndAgain fills the disk with each kind of value till none is taken any more, makes room, and goes on till all are taken again.
func fullAndAgain(ctx context.Context, j *journal.Journal) int {
	fmt.Println("open")
	settings := j.MirrorSettings()
	fctx, end := context.WithCancel(ctx)
	defer end()
	var following sync.WaitGroup
	following.Go(func() { _ = settings.Follow(fctx) })
	n := 0
	long := strings.Repeat("x", 3000)
	writes := map[string]func(id string) error{
		"answers": func(id string) error {
			p := posted(id)
			p.Lost = long
			err := j.Posting(ctx, journal.Pending{Trigger: "t" + id, Posted: p})
			if err == nil {
				err = j.Post(ctx, "t"+id, p)
			}
			return err
		},
		"waits": func(id string) error {
			_, err := j.Tell(ctx, journal.Wait{Key: id, UserID: "u", Question: long})
			return err
		},
		"counts": func(id string) error {
			return j.Add(ctx, id, journal.Count{Day: "2026-01-05", Asked: 1, Facts: map[string]int{long: 1}})
		},
		"gaps": func(id string) error {
			_, _, err := j.Ask(ctx, id, journal.Asked{Question: long, UserID: "u" + id, At: time.Now()})
			return err
		},
		"settings": func(id string) error {
			_, err := j.Set(ctx, "g", func(s *journal.Settings) bool { s.By, s.Role = id, long; return true })
			return err
		},
		"files": func(id string) error {
			_, err := j.Keep(ctx, []byte(id+long))
			return err
		},
	}
	if err := limitFiles(256<<10, unix.RLIM_INFINITY); err != nil {
		fmt.Println("error", err)
		return 1
	}
	one := func(short time.Duration, name string) error {
		n++
		was := ctx
		c, cancel := context.WithTimeout(ctx, short)
		defer cancel()
		ctx = c
		defer func() { ctx = was }()
		return writes[name](fmt.Sprint("id", n))
	}
	for name := range writes {
		taken := 0
		for one(300*time.Millisecond, name) == nil {
			taken++
		}
		fmt.Println("full", name, taken)
	}
	for {
		if _, err := j.Broken(); err != nil {
			fmt.Println("broken", strings.ReplaceAll(err.Error(), "\n", " "))
			break
		}
	}
	if err := limitFiles(unix.RLIM_INFINITY, unix.RLIM_INFINITY); err != nil {
		fmt.Println("error", err)
		return 1
	}
	for {
		if _, err := j.Broken(); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	for name := range writes {
		if err := one(time.Minute, name); err != nil {
			fmt.Println("error", name, err)
		} else {
			fmt.Println("again", name, 0)
		}
	}
	by := fmt.Sprint("id", n+1)
	if err := one(time.Minute, "settings"); err != nil {
		fmt.Println("error", err)
	}
	for { // till what follows the settings has it
		if s, _, err := settings.Get(ctx, "g"); err == nil && s.By == by {
			break
		}
		time.Sleep(time.Millisecond)
	}
	end()
	following.Wait()
	fmt.Println("again followed 0")
	if err := j.Close(); err != nil {
		fmt.Println("error", err)
	}
	return 0
}

func posted(id string) journal.Posted {
	return journal.Posted{MessageID: id, ChannelID: "c", Asker: "u", At: time.Now().UTC(), Facts: []journal.Shown{{Fact: id, Posted: "r", Now: "r"}}}
}

// An acknowledgement is what a child said before it ended.
type acknowledged struct {
	answers, begun, done []string
	asked                int
	errors               []string
}

// runChild runs a child for a while after it has opened the journal, and kills it.
func runChild(t *testing.T, what, dir string, from int, kill time.Duration, all *acknowledged) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "JOURNAL_CHILD="+what, "JOURNAL_DIR="+dir, fmt.Sprint("JOURNAL_FROM=", from))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	opened := false
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		switch {
		case f[0] == "open":
			opened = true
			if kill > 0 {
				time.AfterFunc(kill, func() { _ = cmd.Process.Kill() })
			}
		case f[0] == "error":
			all.errors = append(all.errors, lines.Text())
		case f[0] == "begun":
			all.begun = append(all.begun, f[1])
		case f[1] == "0":
			all.answers = append(all.answers, f[2])
		case f[1] == "1":
			all.done = append(all.done, f[2])
		default:
			all.asked++
		}
	}
	_ = cmd.Wait() // it was killed
	if !opened {
		t.Fatalf("the child did not open the journal: %v", all.errors)
	}
}

// check holds that all that was acknowledged is there.
func (all acknowledged) check(t *testing.T, dir string) {
	t.Helper()
	ctx := t.Context()
	j := open(t, dir)
	defer closed(t, j)
	have := map[string]bool{}
	for p, err := range j.Answers(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		have[p.MessageID] = true
	}
	lost := 0
	for _, id := range all.answers {
		if !have[id] {
			lost++
		}
	}
	edits, err := j.Edits(ctx)
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]journal.EditState{}
	for _, e := range edits {
		state[e.ID] = e.State
	}
	for _, id := range all.begun {
		if state[id] == "" {
			lost++
		}
	}
	for _, id := range all.done {
		if state[id] != journal.Done {
			lost++
		}
	}
	gap, _, err := j.Gap(ctx, "gap")
	if err != nil {
		t.Fatal(err)
	}
	if lost > 0 || gap.Count < all.asked {
		t.Errorf("%d acknowledged writes are lost, and %d of %d askings", lost, max(0, all.asked-gap.Count), all.asked)
	}
}

// TestKilled kills a process at random moments of its writing, again and again, on one folder. All that was acknowledged must be there, and the
// journal must open each time. JOURNAL_KILLS says how often; by default 8 times.
func TestKilled(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("JOURNAL_KILLS"))
	if err != nil {
		kills = 8
	}
	dir := t.TempDir()
	var all acknowledged
	for n := range kills {
		runChild(t, "write", dir, n*1_000_000, time.Duration(1+rand.IntN(150))*time.Millisecond, &all)
		if len(all.errors) > 0 {
			t.Fatal(all.errors)
		}
		all.check(t, dir)
	}
	t.Logf("killed %d times; acknowledged and there: %d answers, %d edits begun and %d done, %d askings", kills, len(all.answers), len(all.begun), len(all.done), all.asked)
	if len(all.answers) == 0 || len(all.done) == 0 || all.asked == 0 {
		t.Error("nothing was written")
	}
}

// TestDiskFull holds that a disk that takes no more is told in an error, at once, and costs nothing that was acknowledged.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	var all acknowledged
	runChild(t, "full", dir, 0, time.Minute, &all)
	if len(all.errors) == 0 || !strings.Contains(all.errors[0], "journal: write") || !strings.Contains(all.errors[0], "file too large") {
		t.Errorf("errors: %q", all.errors)
	}
	t.Logf("%d answers, then: %.300s", len(all.answers), all.errors)
	all.check(t, dir)
}

// TestDiskFullThenNot holds that a journal whose disk was full for a while takes all kinds of writes again once there is room, that it says so in between, and
// that what follows a bucket goes on.
func TestDiskFullThenNot(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "JOURNAL_CHILD=again", "JOURNAL_DIR="+dir)
	var said, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &log
	err := cmd.Run()
	for _, want := range []string{"full answers", "full waits", "full counts", "full gaps", "full settings", "full files", "broken ", "file too large",
		"again answers", "again waits", "again counts", "again gaps", "again settings", "again files", "again followed"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the child does not say %q", want)
		}
	}
	if err != nil || strings.Contains(said.String(), "\nerror") || t.Failed() {
		t.Errorf("%v\n%s\n%s", err, &said, &log)
	}
	t.Logf("%s", &said)
	j := open(t, dir)
	defer closed(t, j)
	if s, err := j.Settings(t.Context(), "g"); err != nil || s.By == "" {
		t.Errorf("the settings afterwards: %+v, %v", s, err)
	}
}

// TestFolder holds what is said of a folder that can't be used.
func TestFolder(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, dir, want string }{
		{"a file", file, "not a directory"},
		{"below a file", file + "/journal", "not a directory"},
		{"none", "", "no folder was given"},
		{"the kernel's", "/proc/journal", "/proc/journal"},
	} {
		if _, err := journal.Open(t.Context(), journal.Options{Dir: c.dir}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		} else {
			t.Logf("%s: %v", c.name, err)
		}
	}
}
