package bot

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/bot/discordtest"
	"footnote/knowledge"
)

// A stage is a Discord with the bot on it, whose transcript is written down scene by scene.
type stage struct {
	t    *testing.T
	s    *discordtest.Server
	base *knowledge.Base
	log  *bytes.Buffer
	ctx  context.Context
	opts Options // of the bot, beside Discord's address, the log and the clock

	bot  *Bot       // the running one
	prep func(*Bot) // done to each before it runs; may be nil
	stop func()     // ends it
	done strings.Builder
	seen int // of the transcript
}

// newStage opens the base and starts the bot. Discord's own description of its API is held against all it sends.
func newStage(t *testing.T, folder string, o discordtest.Options) *stage {
	t.Helper()
	g := emptyStage(t, folder, o)
	g.start()
	return g
}

// emptyStage is newStage with no bot on it yet.
func emptyStage(t *testing.T, folder string, o discordtest.Options) *stage {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel)
	base, problems, err := knowledge.Open(ctx, os.DirFS(folder))
	if err != nil || knowledge.HasErrors(problems) {
		t.Fatal(err, problems)
	}
	t.Cleanup(func() { base.Close() })
	o.Spec = discordtest.FindSpec(t)
	return &stage{t: t, s: discordtest.New(t, o), base: base, log: &bytes.Buffer{}, ctx: ctx}
}

// start starts a bot: another process, for all it knows.
func (g *stage) start() {
	g.t.Helper()
	o := g.opts
	o.Discord, o.Log, o.Now = g.s.URL(), slog.New(slog.NewTextHandler(&locked{w: g.log}, nil)), g.s.Clock().Now
	b, err := New(g.base, g.s.Token(), o)
	if err != nil {
		g.t.Fatal(err)
	}
	g.bot = b
	if g.prep != nil {
		g.prep(b)
	}
	ctx, cancel := context.WithCancel(g.ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	if err := g.s.WaitReady(g.ctx, 1); err != nil {
		cancel()
		g.t.Fatalf("the bot is not ready: %v\n%s", err, g.log)
	}
	var once sync.Once
	g.stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				g.t.Errorf("the bot ended with: %v", err)
			}
		})
	}
	g.t.Cleanup(func() { g.stop() })
	if _, err := g.s.WaitRequest(g.ctx, func(r discordtest.Request) bool {
		return strings.HasSuffix(r.Path, "/commands") && (r.Method == "PUT" || r.Method == "GET" && len(g.s.Commands()) > 0)
	}); err != nil {
		g.t.Fatal("no commands were registered:", err)
	}
	for _, home := range o.Homes {
		if _, err := g.s.WaitRequest(g.ctx, func(r discordtest.Request) bool {
			return strings.Contains(r.Path, "/guilds/"+home+"/commands") && r.Method == "PUT"
		}); err != nil {
			g.t.Fatal("no moderators' commands were registered:", err)
		}
	}
}

// leave ends the bot's process, and waits until Discord has seen that.
func (g *stage) leave() {
	g.t.Helper()
	g.stop()
	if err := g.s.WaitGone(g.ctx); err != nil {
		g.t.Fatal(err)
	}
}

// restart ends the bot's process and starts another.
func (g *stage) restart() {
	g.t.Helper()
	g.leave()
	g.start()
}

// scene writes down what was seen since the last one, and lets a minute pass.
func (g *stage) scene(title string) {
	g.t.Helper()
	all := g.s.Transcript()
	g.done.WriteString("# " + title + "\n\n" + strings.Trim(all[g.seen:], "\n") + "\n\n")
	g.seen = len(all)
	g.s.Advance(time.Minute)
}

// sceneAs is scene with what came since put in another order, for where several things happen at once.
func (g *stage) sceneAs(title string, order func(scene string) string) {
	g.t.Helper()
	from := g.done.Len()
	g.scene(title)
	before, scene := g.done.String()[:from], g.done.String()[from:]
	head := "# " + title + "\n\n"
	g.done.Reset()
	g.done.WriteString(before + head + order(strings.TrimPrefix(scene, head)))
}

var botSaid = regexp.MustCompile(`(?m)^Footnote.*\n(?: .*\n)*`)

// byWords is an order for sceneAs: what the bot says stands by its words, in the places where it says something.
func byWords(scene string) string {
	said := botSaid.FindAllString(scene, -1)
	slices.Sort(said)
	return botSaid.ReplaceAllStringFunc(scene, func(string) string {
		first := said[0]
		said = said[1:]
		return first
	})
}

// say writes a message and waits for the bot's reply.
func (g *stage) say(u *discordtest.User, c *discordtest.Channel, text string) (said, answer discordtest.Message) {
	g.t.Helper()
	said, err := u.Say(c, text)
	if err != nil {
		g.t.Fatal(err)
	}
	return said, g.replyTo(said)
}

func (g *stage) reply(u *discordtest.User, to discordtest.Message, text string) discordtest.Message {
	g.t.Helper()
	said, err := u.Reply(to, text, true)
	if err != nil {
		g.t.Fatal(err)
	}
	return g.replyTo(said)
}

func (g *stage) replyTo(said discordtest.Message) discordtest.Message {
	g.t.Helper()
	m, err := g.s.WaitMessage(g.ctx, g.s.ReplyTo(said.ID))
	if err != nil {
		g.t.Fatalf("no reply to %q: %v\n%s", said.Content, err, g.log)
	}
	return m
}

func (g *stage) slash(u *discordtest.User, c *discordtest.Channel, command string, args discordtest.Args) discordtest.Message {
	g.t.Helper()
	return g.answer(u.Slash(c, command, args))
}

func (g *stage) click(u *discordtest.User, m discordtest.Message, button string) discordtest.Message {
	g.t.Helper()
	return g.answer(u.Click(m, button))
}

// answer waits for the message that an interaction is answered with.
func (g *stage) answer(i *discordtest.Interaction, err error) discordtest.Message {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
	m, err := i.Answer(g.ctx)
	if err != nil {
		g.t.Fatalf("%v\n%s", err, g.log)
	}
	return m
}

// fill presses a button, fills in the form it opens, and waits for the answer.
func (g *stage) fill(u *discordtest.User, m discordtest.Message, button string, v discordtest.Values) discordtest.Message {
	g.t.Helper()
	i, err := u.Click(m, button)
	if err != nil {
		g.t.Fatal(err)
	}
	f, err := i.Form(g.ctx)
	if err != nil {
		g.t.Fatalf("%v\n%s", err, g.log)
	}
	return g.answer(u.Submit(f, v))
}

// golden compares what was written down with the file, and holds that the fake refused nothing.
func (g *stage) golden(name string) {
	g.t.Helper()
	for _, r := range g.s.Refusals() {
		if r.Status != 404 { // a question that was deleted is asked for in vain
			g.t.Errorf("refused: %s", r)
		}
	}
	compare(g.t, filepath.Join("testdata", "dialogue", name), g.done.String())
}

// compare holds a text against a file, which -update writes.
func compare(t *testing.T, file, got string) {
	t.Helper()
	got = strings.TrimRight(got, "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the dialogue is not that of %s:\n%s", file, diff(string(want), got))
	}
}

// diff is the first lines that differ.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return "want:\n" + strings.Join(w[min(i, len(w)):min(i+8, len(w))], "\n") + "\ngot:\n" + strings.Join(g[i:min(i+8, len(g))], "\n")
		}
	}
	return "it ends early"
}

// locked lets goroutines write to one buffer.
type locked struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// TestDialogue is a whole dialogue: each way to ask, each button, and a restart in between. It is written down in
// testdata/dialogue/dialogue.txt as members saw it.
func TestDialogue(t *testing.T) {
	g := newStage(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, bob, mod := s.User("alice"), s.User("bob"), s.User("mod")
	s.Home().Add(mod, s.Home().Role("moderators", discordtest.ManageMessages))
	general := s.General()
	me := s.BotUser().Mention()

	if cs, err := alice.Type(g.ctx, general, "ask", "question", "where", nil); err != nil || len(cs) == 0 {
		t.Errorf("completions: %v, %v", cs, err)
	}
	slashed := g.slash(alice, general, "ask", discordtest.Args{"question": "Where will the bridge be built?"})
	g.scene("A question by slash command")

	_, mentioned := g.say(alice, general, me+" when will the bridge open?")
	g.scene("By mention")

	g.say(bob, bob.DMChannel(), "how much will the bridge cost?")
	g.scene("By direct message")

	followed := g.reply(alice, mentioned, "and what happens to the ferry?")
	g.reply(alice, followed, "and where is it built?")
	g.scene("A follow-up by reply to the answer, and one more")

	g.fill(alice, slashed, "Follow up", discordtest.Values{"question": "and when will it open?"})
	g.scene("A follow-up with the button, below the answer to the slash command")

	g.fill(bob, slashed, "Follow up", discordtest.Values{"question": "and how much will it cost?"})
	g.reply(bob, mentioned, "and what happens to the ferry then?")
	g.scene("Somebody else goes on with her answers: only what stands in them is used")

	said, err := alice.Say(general, "is northwick getting a bridge?")
	if err != nil {
		t.Fatal(err)
	}
	g.answer(bob.MessageCommand(said, "Ask the facts"))
	g.scene("The message command, on a message that was not meant for the bot")

	g.reply(bob, said, me)
	g.scene("A bare mention in reply to a message that Discord doesn't show the bot")

	tie := g.slash(alice, general, "ask", discordtest.Args{"question": "how was the vote on the bridge?"})
	g.click(bob, tie, "How did the county council vote on the bridge?")
	g.click(alice, tie, "How did the town council vote on the bridge?")
	g.scene("Two facts close together: bob picks for himself, alice picks, and the message becomes the answer")

	tie = g.slash(alice, general, "ask", discordtest.Args{"question": "how was the vote on the bridge?"})
	g.click(bob, tie, "None of these")
	g.click(alice, tie, "None of these")
	g.scene("None of these")

	_, declined := g.say(alice, general, me+" who is the conductor of the choir?")
	g.say(alice, general, me+" did the neighbours announce the summer?")
	g.scene("The facts don't say")
	if len(declined.Components) > 1 {
		if _, err := alice.Click(declined, declined.Buttons()[0]); err != nil {
			t.Fatal(err)
		}
	}

	_, near := g.say(bob, general, me+" what is the toll for lorries?")
	g.click(bob, near, near.Buttons()[0])
	g.scene("The facts don't say, but answer a question near it, which bob picks")

	g.say(alice, general, me+" hello!")
	g.say(alice, general, me+" thanks!")
	g.say(alice, general, me+" who are you?")
	g.say(alice, general, me+" ???")
	g.say(alice, general, me)
	g.scene("No questions")

	g.say(bob, general, me+" what is this about?")
	g.scene("What it is about, in the facts that the moderators chose")

	g.say(bob, general, me+" what opening date was first announced?")
	if _, loud := g.say(bob, general, me+" how loud will the bridge be?"); !strings.Contains(loud.Content, "the mayor says. [1]") || !strings.Contains(loud.Content, "its neighbours say. [2]") {
		t.Errorf("of what is disputed is said: %s", loud.Content)
	}
	g.scene("A fact that was superseded, after the one in its place; and facts that disagree, each with its date")

	g.click(bob, slashed, "In context")
	g.click(bob, slashed, "Why this?")
	g.click(mod, mentioned, "Why this?")
	g.sceneAs("In context, and why; a moderator sees the scores", func(scene string) string {
		return scores.ReplaceAllString(scene, "$1 0.000 · part +0.00 …") // which are the model's, and change with it
	})

	private := g.slash(alice, general, "ask", discordtest.Args{"question": "How much will the bridge cost?", "private": true})
	i, err := alice.Click(private, "Share in channel")
	if err != nil {
		t.Fatal(err)
	}
	shared, err := i.Followups(g.ctx, 1)
	if err != nil {
		t.Fatalf("%v\n%s", err, g.log)
	}
	g.scene("Private first, then shared")

	g.click(bob, slashed, "👍")
	g.fill(bob, slashed, "👎", discordtest.Values{"reason": "outdated", "note": "it was moved last week"})
	g.scene("Votes")
	if !strings.Contains(g.log.String(), "up=false reason=outdated") || strings.Contains(g.log.String(), "moved last week") {
		t.Errorf("the vote is logged otherwise:\n%s", g.log)
	}

	topics := g.slash(bob, general, "topics", nil)
	money := g.answer(bob.Select(topics, "Choose a topic", "money"))
	g.answer(bob.Select(money, "Choose a fact to read it with its sources", "The bridge is to cost 40 million crowns."))
	g.click(bob, money, "All topics")
	g.scene("Topics: one of them, one fact of it, and back")

	g.slash(bob, general, "fact", discordtest.Args{"id": "bridge-opening"})
	g.slash(bob, general, "fact", discordtest.Args{"id": "@everyone"})
	g.slash(bob, general, "sources", nil)
	g.slash(bob, general, "help", nil)
	g.scene("One fact, one that isn't there, the sources, help")

	carol, elsewhere := s.User("carol"), s.GuildWithoutBot("Elsewhere")
	carol.Install()
	elsewhere.Add(carol)
	mine := g.slash(carol, elsewhere.Channel("lobby"), "ask", discordtest.Args{"question": "how loud will the bridge be?", "private": true})
	g.click(carol, mine, "In context")
	if i, err = carol.Click(mine, "Share in channel"); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Followups(g.ctx, 1); err != nil {
		t.Fatalf("%v\n%s", err, g.log)
	}
	silent := elsewhere.Channel("silent")
	silent.Deny(carol, discordtest.UseExternalApps)
	g.click(carol, g.slash(carol, silent, "ask", discordtest.Args{"question": "Where will the bridge be built?", "private": true}), "Share in channel")
	g.scene("A member who installed the bot for herself, on a server that it is not in; and in a channel where such apps may not write for all")

	for range askBurst {
		g.say(carol, carol.DMChannel(), "How much will the bridge cost?")
	}
	g.say(carol, carol.DMChannel(), "How much will the bridge cost?")
	g.scene("Too fast")

	tie = g.slash(alice, general, "ask", discordtest.Args{"question": "how was the vote on the bridge?"})
	private = g.slash(alice, general, "ask", discordtest.Args{"question": "Where will the bridge be built?", "private": true})
	if i, err = alice.Click(private, "👎"); err != nil {
		t.Fatal(err)
	}
	form, err := i.Form(g.ctx)
	if err != nil {
		t.Fatal(err)
	}
	g.scene("Before a restart: a choice is offered, an answer is private, a form is open")
	g.restart()
	g.answer(alice.Submit(form, discordtest.Values{"reason": "wrong"}))
	g.click(alice, tie, "How did the county council vote on the bridge?")
	g.click(alice, private, "In context")
	g.click(alice, private, "Why this?")
	g.fill(alice, private, "Follow up", discordtest.Values{"question": "and when will it open?"})
	if i, err = alice.Click(private, "Share in channel"); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Followups(g.ctx, 1); err != nil {
		t.Fatalf("%v\n%s", err, g.log)
	}
	g.answer(bob.Select(topics, "Choose a topic", "votes"))
	g.scene("After it: the form is sent, the choice is made, and every button still knows its answer")

	g.click(bob, slashed, "🗑")
	asked, err := alice.Say(general, me+" when will the bridge open?")
	if err != nil {
		t.Fatal(err)
	}
	last := g.replyTo(asked)
	if err := alice.Delete(asked); err != nil {
		t.Fatal(err)
	}
	g.click(alice, last, "Why this?")
	for _, gone := range []struct {
		by *discordtest.User
		m  discordtest.Message
	}{{alice, slashed}, {alice, last}, {mod, shared[0]}} {
		if _, err := gone.by.Click(gone.m, "🗑"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.WaitMessage(g.ctx, func(m discordtest.Message) bool { return m.ID == gone.m.ID && m.Deleted }); err != nil {
			t.Fatalf("%s's 🗑 removed nothing: %v\n%s", gone.by.Name, err, g.log)
		}
	}
	g.reply(alice, followed, "and how much will it cost?")
	g.scene("🗑, after that restart: not bob's to remove; alice removes her answer, and one whose question she deleted; a moderator removes another; a reply still knows what came before")

	if q := questionText.FindString(g.log.String()); q != "" {
		t.Errorf("the log holds text of a question: %q", q)
	}
	g.golden("dialogue.txt")
}

// scores is a fact's score with its parts, as moderators see them.
var scores = regexp.MustCompile("(?m)^(    -# `[a-z-]+`) [01]\\.[0-9]{3}(?: · [a-z-]+ [+-][0-9]+\\.[0-9]{2})+$")

// questionText is words of the questions above.
var questionText = regexp.MustCompile(`(?i)conductor|how much|where will|northwick getting`)
