package bot

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
	"footnote/knowledge"
)

// childBot is a bot in a process of its own, that says on standard output which steps it takes, and kills itself at the one that BOT_CRASH names:
// "edit 2" is the second time it is about to edit an answer.
func childBot() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	dir := os.Getenv("BOT_FACTS")
	base, problems, err := knowledge.Open(ctx, os.DirFS(dir))
	if err != nil || knowledge.HasErrors(problems) {
		return fail(fmt.Errorf("%v %v", problems, err))
	}
	defer base.Close()
	folder, err := knowledge.OpenFolder(dir)
	if err != nil {
		return fail(err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	kept, err := journal.Open(ctx, journal.Options{Dir: os.Getenv("BOT_JOURNAL"), Log: log})
	if err != nil {
		return fail(err)
	}
	defer kept.Close()
	b, err := New(base, discordtest.DefaultToken, Options{Discord: os.Getenv("BOT_DISCORD"), Facts: dir, Folder: folder, Journal: kept, Homes: []string{os.Getenv("BOT_HOME")}, Listen: os.Getenv("BOT_LISTEN"), Log: log})
	if err != nil {
		return fail(err)
	}
	at, count, _ := strings.Cut(os.Getenv("BOT_CRASH"), " ")
	left, _ := strconv.Atoi(count)
	var mu sync.Mutex
	b.step = func(step string) {
		mu.Lock()
		defer mu.Unlock()
		if step == at {
			if left--; left <= 0 {
				p, _ := os.FindProcess(os.Getpid())
				_ = p.Kill()
				select {} // till it is
			}
		}
		fmt.Println(step)
	}
	b.living.every = 0
	if err := b.Run(ctx); err != nil {
		return fail(err)
	}
	return 0
}

// A process is a bot that may crash, on a fake Discord that does not.
type process struct {
	t     *testing.T
	ctx   context.Context
	s     *discordtest.Server
	facts string
	kept  string
	log   *bytes.Buffer

	cmd   *exec.Cmd
	steps chan string // closed when the process has ended
}

func newProcess(t *testing.T, ctx context.Context) *process {
	p := &process{t: t, ctx: ctx, s: discordtest.New(t, discordtest.Options{}), facts: t.TempDir(), kept: t.TempDir(), log: &bytes.Buffer{}}
	if err := os.CopyFS(p.facts, os.DirFS("testdata/dialogue")); err != nil {
		t.Fatal(err)
	}
	return p
}

// start starts a bot, which crashes at the step, if there is one.
func (p *process) start(crash string) {
	p.t.Helper()
	p.cmd = exec.CommandContext(p.ctx, os.Args[0])
	p.cmd.Env = append(os.Environ(), "BOT_CHILD=1", "BOT_DISCORD="+p.s.URL(), "BOT_FACTS="+p.facts, "BOT_JOURNAL="+p.kept, "BOT_HOME="+p.s.Home().ID, "BOT_CRASH="+crash)
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	steps := make(chan string, 10_000)
	p.steps = steps
	go func() { // ends with the process
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			steps <- lines.Text()
		}
		close(steps)
	}()
}

// until waits until the bot has taken the step, and reports false when it ended before.
func (p *process) until(step string) bool {
	for s := range p.steps {
		if s == step {
			return true
		}
	}
	return false
}

// ended waits until the bot has crashed, and Discord has seen it.
func (p *process) ended() {
	p.t.Helper()
	for range p.steps {
	}
	_ = p.cmd.Wait() // it was killed, or has said why it ended
	if err := p.s.WaitGone(p.ctx); err != nil {
		p.t.Fatalf("%v\n%s", err, p.log)
	}
}

// end tells the bot to end.
func (p *process) end() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(os.Interrupt)
	p.ended()
}

// open opens the journal that a bot has left.
func (p *process) open() *journal.Journal {
	p.t.Helper()
	j, err := journal.Open(p.ctx, journal.Options{Dir: p.kept})
	if err != nil {
		p.t.Fatal(err)
	}
	return j
}

// crashes says which tests of this file run: each takes seconds for every crash, so by default there is one at each step.
func crashes() int {
	n, err := strconv.Atoi(os.Getenv("BOT_CRASHES"))
	if err != nil {
		return 1
	}
	return n
}

// TestCrashEdit kills the bot at every step of a moderator's Confirm and of the corrections that follow. After the next start the file must be the old or
// the new one, whole; the log of edits must agree with it; and of the answers that show the fact none may be edited twice or forgotten.
func TestCrashEdit(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	old, err := os.ReadFile("testdata/dialogue/bridge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, crash := range []string{"begin 1", "begun 1", "written 1", "loaded 1", "finished 1", "remember 2", "fetch 1", "fetch 3", "edit 1", "edit 2", "amend 1", "amend 3", "amended 1", "amended 2", "random"} {
		for range crashes() {
			t.Run(crash, func(t *testing.T) {
				p := newProcess(t, ctx)
				s := p.s
				alice, mod := s.User("alice"), s.User("mod")
				s.Home().Add(mod, s.Home().Role("moderators", discordtest.ManageGuild))
				p.start(crash)
				if err := s.WaitReady(ctx, 1); err != nil || !p.until("passed") {
					t.Fatalf("%v\n%s", err, p.log)
				}
				if _, err := s.WaitRequest(ctx, func(r discordtest.Request) bool {
					return r.Method == "PUT" && strings.Contains(r.Path, "/guilds/")
				}); err != nil {
					t.Fatalf("%v\n%s", err, p.log)
				}
				var answers []discordtest.Message
				say := func(c *discordtest.Channel, text string) discordtest.Message {
					m, err := alice.Say(c, text)
					if err != nil {
						t.Fatal(err)
					}
					a, err := s.WaitMessage(ctx, s.ReplyTo(m.ID))
					if err != nil || !p.until("noted") {
						t.Fatalf("%v\n%s", err, p.log)
					}
					return a
				}
				answer := func(in *discordtest.Interaction, err error) discordtest.Message {
					t.Helper()
					if err != nil {
						t.Fatal(err)
					}
					m, err := in.Answer(ctx)
					if err != nil {
						t.Fatalf("%v\n%s", err, p.log)
					}
					return m
				}
				answers = append(answers, say(s.General(), s.BotUser().Mention()+" when will the bridge open?"), say(alice.DMChannel(), "when will the bridge open?"),
					answer(alice.Slash(s.General(), "ask", discordtest.Args{"question": "when will the bridge open?"})))
				p.until("noted")
				other := say(s.General(), s.BotUser().Mention()+" how much will the bridge cost?")

				preview := answer(mod.Slash(s.General(), "facts withdraw", discordtest.Args{"fact": "bridge-opening", "why": "it is off"}))
				if _, err := mod.Click(preview, "Confirm"); err != nil {
					t.Fatalf("%v: %s", err, preview.Content)
				}
				if crash == "random" {
					time.AfterFunc(time.Duration(rand.IntN(60_000))*time.Microsecond, func() { _ = p.cmd.Process.Kill() })
				}
				p.ended() // it crashes
				p.start("")
				if !p.until("passed") {
					t.Fatalf("it does not start again:\n%s", p.log)
				}
				p.end()

				file, err := os.ReadFile(filepath.Join(p.facts, "bridge.yaml"))
				if err != nil {
					t.Fatal(err)
				}
				isOld := bytes.Equal(file, old)
				set, problems, err := knowledge.Load(ctx, os.DirFS(p.facts))
				if err != nil || set == nil || !isOld && set.Fact("bridge-opening").Status != knowledge.Withdrawn {
					t.Fatalf("the file is neither the old nor the new one: %v %v\n%s", problems, err, file)
				}
				if isOld != (crash == "begin 1" || crash == "begun 1") && crash != "random" {
					t.Errorf("the file is the old one: %v", isOld)
				}
				left, err := filepath.Glob(filepath.Join(p.facts, ".*"))
				if len(left) > 0 || err != nil {
					t.Errorf("left behind: %v %v", left, err)
				}

				j := p.open()
				defer j.Close()
				edits, err := j.Edits(ctx)
				if err != nil {
					t.Fatal(err)
				}
				want := []journal.EditState{journal.Done}
				switch crash {
				case "begin 1":
					want = nil
				case "begun 1":
					want = []journal.EditState{journal.Refused}
				}
				if crash == "random" && isOld {
					if want = nil; len(edits) > 0 {
						want = []journal.EditState{journal.Refused}
					}
				}
				var states []journal.EditState
				for _, e := range edits {
					states = append(states, e.State)
					if e.Kind != journal.Withdrew || e.By != mod.ID {
						t.Errorf("an edit more: %+v", e)
					}
				}
				if !slices.Equal(states, want) {
					t.Errorf("the log of edits: %v, want %v", states, want)
				}

				patched := map[string]int{}
				for _, r := range s.Requests() {
					if r.Method == "PATCH" && r.Route == "/channels/{channel_id}/messages/{message_id}" {
						patched[r.Path[strings.LastIndexByte(r.Path, '/')+1:]]++
					}
				}
				twice, forgotten := 0, 0
				for _, a := range answers {
					m, _ := s.Message(a.ID)
					if strings.Contains(m.Content, "~~The bridge is planned to open in June 2025.~~") == isOld {
						forgotten++
					}
					if patched[a.ID] > 1 {
						twice++
					}
					kept, ok, err := j.Answer(ctx, a.ID)
					if err != nil || !ok || kept.Facts[0].Now != revision(set.Fact("bridge-opening")) {
						t.Errorf("the answer is kept as %+v, %v, %v", kept, ok, err)
					}
				}
				if twice > 0 || forgotten > 0 || patched[other.ID] > 0 {
					t.Errorf("%d answers were edited twice, %d forgotten; the other one %d times", twice, forgotten, patched[other.ID])
				}
				if ps, err := j.Pendings(ctx); err != nil || len(ps) > 0 {
					t.Errorf("pending: %v %v", ps, err)
				}
				fmt.Fprintf(&table, "%-12s file %-4s log %-10v edited once: %d, twice: %d, forgotten: %d\n", crash, map[bool]string{true: "old", false: "new"}[isOld], states, len(patched), twice, forgotten)
				if t.Failed() {
					t.Log(p.log)
				}
			})
		}
	}
	t.Log("\n" + table.String())
}

// TestCrashPosting kills the bot between noting that an answer is about to be posted, posting it, and noting which message it is. After the next start it must
// be kept if it was posted, and corrected as the others are.
func TestCrashPosting(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for _, crash := range []string{"posting 1", "posted 1", "noted 1"} {
		for _, way := range []string{"mention", "slash", "direct"} {
			t.Run(crash+" "+way, func(t *testing.T) {
				p := newProcess(t, ctx)
				s, alice := p.s, p.s.User("alice")
				p.start(crash)
				if err := s.WaitReady(ctx, 1); err != nil || !p.until("passed") {
					t.Fatalf("%v\n%s", err, p.log)
				}
				if _, err := s.WaitRequest(ctx, func(r discordtest.Request) bool { return r.Method == "PUT" }); err != nil {
					t.Fatal(err)
				}
				room := s.General()
				var err error
				switch way {
				case "mention":
					_, err = alice.Say(room, s.BotUser().Mention()+" when will the bridge open?")
				case "direct":
					room = alice.DMChannel()
					_, err = alice.Say(room, "when will the bridge open?")
				case "slash":
					_, err = alice.Slash(room, "ask", discordtest.Args{"question": "when will the bridge open?"})
				}
				if err != nil {
					t.Fatal(err)
				}
				p.ended()
				file := filepath.Join(p.facts, "bridge.yaml")
				data, err := os.ReadFile(file)
				if err == nil {
					err = os.WriteFile(file, bytes.Replace(data, []byte("June 2025"), []byte("May 2026"), 1), 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
				p.start("")
				if !p.until("passed") {
					t.Fatalf("it does not start again:\n%s", p.log)
				}
				p.end()
				var posted []discordtest.Message
				for _, m := range room.Messages() {
					if m.Author.ID == s.BotUser().ID && !m.Deleted {
						posted = append(posted, m)
					}
				}
				if want := crash != "posting 1"; (len(posted) == 1) != want {
					t.Fatalf("%d answers were posted", len(posted))
				}
				j := p.open()
				defer j.Close()
				n := 0
				for a, err := range j.Answers(ctx) {
					if err != nil {
						t.Fatal(err)
					}
					if n++; len(posted) == 0 || a.MessageID != posted[0].ID || a.Asker != alice.ID || a.ChannelID != room.ID || len(a.Facts) != 1 || a.Facts[0].Posted == a.Facts[0].Now {
						t.Errorf("kept: %+v", a)
					}
				}
				if n != len(posted) {
					t.Errorf("%d answers are kept of %d posted", n, len(posted))
				}
				for _, m := range posted {
					if !strings.Contains(m.Content, "open in May 2026. [1]") {
						t.Errorf("not corrected: %s", m.Content)
					}
				}
				if ps, err := j.Pendings(ctx); err != nil || len(ps) > 0 {
					t.Errorf("pending: %v %v", ps, err)
				}
				if t.Failed() {
					t.Log(p.log)
				}
			})
		}
	}
}
