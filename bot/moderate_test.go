package bot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
	"footnote/knowledge"
)

// An office is a stage whose facts may be edited: a folder of its own, a journal, a home server with a log channel, and a role whose
// members may moderate.
type office struct {
	*stage
	dir       string
	log       *discordtest.Channel // where moderators are told
	role      *discordtest.Role
	mod       *discordtest.User // has the role
	boss      *discordtest.User // has Manage Server
	alice     *discordtest.User // has nothing
	general   *discordtest.Channel
	moderates *journal.Journal
	last      string // the channel in which the last scene ended
}

// newOffice opens an office whose folder begins as a copy of another.
func newOffice(t *testing.T, from string) *office {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), journal.Options{Dir: t.TempDir(), Retention: 10 * 365 * 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	folder, err := knowledge.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	g := emptyStage(t, dir, discordtest.Options{})
	home := g.s.Home()
	o := &office{stage: g, dir: dir, moderates: j, log: home.Channel("moderators"), general: g.s.General(), role: home.Role("keepers", 0)}
	o.mod, o.boss, o.alice = g.s.User("mod"), g.s.User("boss"), g.s.User("alice")
	home.Add(o.mod, o.role)
	home.Add(o.boss, home.Role("managers", discordtest.ManageGuild))
	if _, err := j.Set(t.Context(), home.ID, func(s *journal.Settings) bool {
		s.LogChannel, s.Role = o.log.ID, o.role.ID
		return true
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(g.s.Transcript())
			t.Log(g.log)
		}
	})
	g.opts = Options{Facts: dir, Folder: folder, Journal: j, Homes: []string{home.ID}}
	g.start()
	for _, u := range []*discordtest.User{o.mod, o.alice} { // as a server's administrators may: the bot asks for itself
		g.s.SetCommandPermission("facts", u, true)
		g.s.SetCommandPermission("Make a fact", u, true)
	}
	return o
}

// file is what a file of the folder holds now.
func (o *office) file(name string) string {
	o.t.Helper()
	data, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil {
		o.t.Fatal(err)
	}
	return string(data)
}

// write changes a file of the folder as an editor would.
func (o *office) write(name, content string) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), []byte(content), 0o644); err != nil {
		o.t.Fatal(err)
	}
}

// form uses a command that opens a form.
func (o *office) form(u *discordtest.User, command string, args discordtest.Args) *discordtest.Modal {
	o.t.Helper()
	i, err := u.Slash(o.general, command, args)
	if err != nil {
		o.t.Fatal(err)
	}
	f, err := i.Form(o.ctx)
	if err != nil {
		o.t.Fatalf("%v\n%s", err, o.stage.log)
	}
	return f
}

// submit submits a form and waits for the answer.
func (o *office) submit(u *discordtest.User, f *discordtest.Modal, v discordtest.Values) discordtest.Message {
	o.t.Helper()
	return o.answer(u.Submit(f, v))
}

// told waits until the log channel is told something that holds the text.
func (o *office) told(text string) discordtest.Message {
	o.t.Helper()
	m, err := o.s.WaitMessage(o.ctx, func(m discordtest.Message) bool {
		return m.Channel == o.log && strings.Contains(m.Content, text)
	})
	if err != nil {
		o.t.Fatalf("the log channel is not told %q: %v\n%s", text, err, o.stage.log)
	}
	return m
}

// mask writes something that is another each time as "...".
func (o *office) mask(s string) {
	text := strings.ReplaceAll(o.done.String(), s, "...")
	o.done.Reset()
	o.done.WriteString(text)
}

// TestModerate is a moderator's day, written down in testdata/dialogue/moderate.txt.
func TestModerate(t *testing.T) {
	o := newOffice(t, "testdata/dialogue")
	mod, general := o.mod, o.general

	if cs, err := mod.Type(o.ctx, general, "facts edit", "fact", "cost", nil); err != nil || len(cs) != 1 {
		t.Errorf("completions: %v, %v", cs, err)
	}
	if cs, err := mod.Type(o.ctx, general, "facts add", "file", "", nil); err != nil || len(cs) != 1 {
		t.Errorf("completions: %v, %v", cs, err)
	}
	f := o.form(mod, "facts add", nil)
	p := o.submit(mod, f, discordtest.Values{"text": "Mina Abara is the conductor of the choir.", "sources": "courier ¶4\ngazette ¶2", "details": "said by: the mayor\nsettled: yes"})
	f2, err := mod.Click(p, "Change")
	if err != nil {
		t.Fatal(err)
	}
	if f, err = f2.Form(o.ctx); err != nil {
		t.Fatal(err)
	}
	p = o.submit(mod, f, discordtest.Values{"sources": "courier ¶4\nThe Gazette on the conductor | https://gazette.example/abara | 2023-06-01 | ¶2",
		"asks": "Who is the conductor of the choir?\nWho leads the choir?", "details": "said by: the mayor\nas of: 2023-06", "why": "members ask"})
	o.scene("A moderator adds a fact: the first form can't be read, the second can")
	o.click(mod, p, "Confirm")
	o.told("added")
	o.slash(o.alice, general, "ask", discordtest.Args{"question": "who is the conductor of the choir?"})
	o.scene("Confirmed, and in use")

	f = o.form(mod, "facts edit", discordtest.Args{"fact": "ferry-fate"})
	e := o.submit(mod, f, discordtest.Values{"text": "The ferry stops running a year after the bridge opens.", "details": "said by: the council\nas of: 2024\nstatus: planned", "why": "new timetable"})
	o.click(mod, e, "Confirm")
	o.told("a year after")
	o.scene("A correction")

	w := o.slash(o.boss, general, "facts withdraw", discordtest.Args{"fact": "bridge-cost", "why": "nobody has said so"})
	o.click(o.boss, w, "Confirm")
	o.told("withdrew")
	o.slash(o.alice, general, "ask", discordtest.Args{"question": "How much will the bridge cost?"})
	r := o.slash(mod, general, "facts restore", discordtest.Args{"fact": "bridge-cost"})
	o.click(mod, r, "Cancel")
	r = o.slash(mod, general, "facts restore", discordtest.Args{"fact": "bridge-cost"})
	o.click(mod, r, "Confirm")
	o.told("restored")
	o.scene("Withdrawn by who has Manage Server, and restored")

	o.slash(mod, general, "facts history", discordtest.Args{"fact": "ferry-fate"})
	h := o.slash(mod, general, "facts history", nil)
	u := o.answer(mod.Select(h, "Undo an edit", h.Components[0].Components[0].Options[2].Label))
	o.click(mod, u, "Confirm")
	o.told("undid")
	o.scene("History, and an undo")
	cs, err := mod.Type(o.ctx, general, "facts undo", "edit", "conductor", nil)
	if err != nil || len(cs) != 1 {
		t.Fatalf("completions: %v, %v", cs, err)
	}
	o.slash(mod, general, "facts undo", discordtest.Args{"edit": cs[0].Value})
	o.slash(mod, general, "facts undo", discordtest.Args{"edit": "../../x"})
	o.scene("Undo by command")
	o.mask(cs[0].Value.(string))

	said, err := o.alice.Say(general, "the bridge will have 3 lanes, I saw the plans @everyone")
	if err != nil {
		t.Fatal(err)
	}
	mf, err := mod.MessageCommand(said, "Make a fact")
	if err != nil {
		t.Fatal(err)
	}
	if f, err = mf.Form(o.ctx); err != nil {
		t.Fatal(err)
	}
	m := o.submit(mod, f, discordtest.Values{"text": "The bridge is to have three lanes."})
	o.click(mod, m, "Confirm")
	o.told("three lanes")
	o.scene("A fact of a member's message")

	o.slash(mod, general, "facts download", nil)
	old := o.file("bridge.yaml")
	new := strings.Replace(old, "first in a century", "first since 1911", 1) + "  - id: bridge-name\n    text: The bridge has no name yet.\n    cite: [{source: courier, paragraph: 8}]\n"
	up := o.slash(mod, general, "facts upload", discordtest.Args{"file": discordtest.Upload{Name: "bridge.yaml", Data: []byte(new)}, "why": "the spring clean"})
	o.click(mod, up, "Confirm")
	o.told("uploaded")
	bad := o.slash(mod, general, "facts upload", discordtest.Args{"file": discordtest.Upload{Name: "tunnel.yaml", Data: []byte("facts:\n  - id: Tunnel One\n    txt: no\n")}})
	if len(bad.Components) > 0 {
		t.Error("a file with problems can be confirmed")
	}
	o.scene("Download and upload")
	if got := o.file("bridge.yaml"); got != new {
		t.Errorf("the file is not the one uploaded:\n%s", got)
	}

	o.slash(mod, general, "facts status", nil)
	o.scene("Status")
	o.golden("moderate.txt")
}
