package bot

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
)

// TestAttacks tries what moderators' commands must hold against, and writes down what came of each in testdata/dialogue/attacks.txt: what whoever
// tried it read, whether the fact files changed, and whether the moderators were told.
func TestAttacks(t *testing.T) {
	var table strings.Builder
	attack := func(name string, try func(o *office) string) {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, "testdata/dialogue")
			before := o.folder()
			logged := len(o.log.Messages())
			read := try(o)
			o.stop() // what is still to be told is told before the end
			changed := "unchanged"
			if o.folder() != before {
				changed = "CHANGED"
			}
			told := "not told"
			for _, m := range o.log.Messages()[logged:] {
				if !strings.HasPrefix(m.Content, editSigns[journal.OnDisk]) { // what the attack did on disk is told a moment before or after
					told = "told: " + strings.ReplaceAll(strings.ReplaceAll(m.Content, "\n", "\n            "), "<@"+o.alice.ID+">", "@alice")
				}
			}
			read, _, _ = strings.Cut(read, "**Preview**")
			fmt.Fprintf(&table, "%s\n    files: %s\n    reads: %s\n    moderators: %s\n\n", name, changed, strings.ReplaceAll(strings.TrimSpace(read), "\n", "\n        "), told)
			for _, m := range append(o.general.Messages(), o.log.Messages()...) {
				if m.Author == o.s.BotUser() && len(m.Pinged) > 0 {
					t.Errorf("%v are pinged by %q", m.Pinged, m.Content)
				}
			}
			for _, r := range o.s.Refusals() {
				t.Errorf("refused: %s", r)
			}
			if strings.Contains(o.stage.log.String(), "panicked") {
				t.Error(o.stage.log)
			}
		})
	}
	withdrawal := func(o *office) discordtest.Message { // a preview of mod's
		return o.slash(o.mod, o.general, "facts withdraw", discordtest.Args{"fact": "ferry-fate", "why": "it runs on"})
	}
	confirmOf := func(m discordtest.Message) string {
		c, _ := m.Find("Confirm")
		return c.CustomID
	}

	attack("a member replays a moderator's Confirm", func(o *office) string {
		return o.forge(o.alice, 3, map[string]any{"component_type": 2, "custom_id": confirmOf(withdrawal(o))})
	})
	attack("a member replays a moderator's form", func(o *office) string {
		f := o.form(o.mod, "facts edit", discordtest.Args{"fact": "bridge-cost"})
		return o.forge(o.alice, 5, map[string]any{"custom_id": f.CustomID, "components": []any{map[string]any{"type": 18, "component": map[string]any{"type": 4, "custom_id": "text", "value": "Free."}}}})
	})
	attack("a member whom the server lets see /facts uses it", func(o *office) string {
		return o.slash(o.alice, o.general, "facts withdraw", discordtest.Args{"fact": "ferry-fate", "why": "x"}).Content
	})
	attack("a member presses a hundred moderators' buttons", func(o *office) string {
		var last string
		for range 100 {
			last = o.forge(o.alice, 3, map[string]any{"component_type": 2, "custom_id": "fok:abc"})
		}
		if n := len(o.log.Messages()); n > refusalBurst {
			o.t.Errorf("the log channel is told %d times", n)
		}
		edits, err := o.moderates.Edits(o.ctx)
		if err != nil || len(edits) > refusalBurst {
			o.t.Errorf("%d refusals in the journal, %v", len(edits), err)
		}
		before, _, _ := strings.Cut(last, "<t:")
		return before + "..."
	})
	attack("another moderator confirms one's preview", func(o *office) string {
		return o.forge(o.boss, 3, map[string]any{"component_type": 2, "custom_id": confirmOf(withdrawal(o))})
	})
	attack("the role is taken between preview and Confirm", func(o *office) string {
		p := withdrawal(o)
		o.s.Home().Take(o.mod, o.role)
		return o.press(o.mod, p, "Confirm")
	})
	attack("Manage Server is taken between form and its submission", func(o *office) string {
		f := o.form(o.boss, "facts edit", discordtest.Args{"fact": "bridge-cost"})
		o.s.Home().Role("managers", 0).Revoke(discordtest.ManageGuild)
		return o.submit(o.boss, f, discordtest.Values{"text": "Free."}).Content
	})
	attack("the owner of another server forges /facts", func(o *office) string {
		other := o.s.Guild("Elsewhere")
		return o.forgeIn(other.Channel("general"), other.Owner(), 2, map[string]any{"id": "1", "name": "facts", "type": 1, "options": []any{
			map[string]any{"name": "withdraw", "type": 1, "options": []any{map[string]any{"name": "fact", "type": 3, "value": "ferry-fate"}, map[string]any{"name": "why", "type": 3, "value": "x"}}}}})
	})
	attack("the owner of another server replays a Confirm", func(o *office) string {
		other := o.s.Guild("Elsewhere")
		return o.forgeIn(other.Channel("general"), other.Owner(), 3, map[string]any{"component_type": 2, "custom_id": confirmOf(withdrawal(o))})
	})
	attack("a moderator confirms in another server", func(o *office) string {
		other := o.s.Guild("Elsewhere")
		other.Add(o.mod, other.Role("boss", discordtest.Administrator))
		return o.forgeIn(other.Channel("general"), o.mod, 3, map[string]any{"component_type": 2, "custom_id": confirmOf(withdrawal(o))})
	})
	attack("/facts in a direct message", func(o *office) string {
		return o.forgeIn(o.mod.DMChannel(), o.mod, 2, map[string]any{"id": "1", "name": "facts", "type": 1, "options": []any{map[string]any{"name": "status", "type": 1}}})
	})
	attack("Confirm pressed twice", func(o *office) string {
		p := withdrawal(o)
		key := confirmOf(p)
		o.press(o.mod, p, "Cancel")
		return o.forge(o.mod, 3, map[string]any{"component_type": 2, "custom_id": key})
	})
	attack("buttons with made-up keys", func(o *office) string {
		var all []string
		for _, id := range []string{"fok:>", "fok:*", "fok:../../etc/passwd", "fok:", "fundo:>", "fno:a.b", "fhist:x:99999999999999999999", "fchange: "} {
			all = append(all, id+" → "+o.forge(o.mod, 3, map[string]any{"component_type": 2, "custom_id": id}))
		}
		return strings.Join(all, "\n")
	})

	upload := func(o *office, name string, data []byte) string {
		return o.slash(o.mod, o.general, "facts upload", discordtest.Args{"file": discordtest.Upload{Name: name, Data: data}}).Content
	}
	attack("an attachment of 2 MiB", func(o *office) string { return upload(o, "big.yaml", make([]byte, 2<<20)) })
	attack("an attachment of 2 MiB that says it has 10 bytes", func(o *office) string {
		m, err := o.mod.Say(o.general, "", discordtest.Upload{Name: "big.yaml", Data: []byte(strings.Repeat("# x\n", 1<<19))})
		if err != nil {
			o.t.Fatal(err)
		}
		return o.attached(m.Files[0].URL, "big.yaml", 10)
	})
	attack("a YAML bomb", func(o *office) string {
		bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
		for c := 'b'; c < 'j'; c++ {
			bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
		}
		return upload(o, "bomb.yaml", []byte(bomb))
	})
	attack("a million lines", func(o *office) string { return upload(o, "lines.yaml", []byte(strings.Repeat("\n", 1<<20))) })
	attack("half a million opening brackets", func(o *office) string { return upload(o, "deep.yaml", []byte("facts: "+strings.Repeat("[", 1<<19))) })
	attack("a picture named as a fact file", func(o *office) string {
		return upload(o, "picture.yaml", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe"))
	})
	attack("text that is no YAML", func(o *office) string { return upload(o, "text.yaml", []byte("facts: [once: upon, a time: \"")) })
	attack("file names with a path, a link or another ending in them", func(o *office) string {
		if err := os.Symlink("/etc/hostname", filepath.Join(o.dir, "link.yaml")); err != nil {
			o.t.Fatal(err)
		}
		var all []string
		for _, name := range []string{"../../etc/cron.d/x.yaml", "/etc/x.yaml", `..\x.yaml`, ".hidden.yaml", "x.txt", "link.yaml", strings.Repeat("x", 300) + ".yaml"} {
			all = append(all, clip(name, 30)+" → "+upload(o, name, []byte("facts: []\n")))
		}
		if err := os.Remove(filepath.Join(o.dir, "link.yaml")); err != nil {
			o.t.Fatal(err)
		}
		return strings.Join(all, "\n")
	})
	attack("an attachment whose address is on another host", func(o *office) string {
		var asked atomic.Int32
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
		defer elsewhere.Close()
		var all []string
		for _, url := range []string{elsewhere.URL + "/attachments/1/2/x.yaml", "http://cdn.discordapp.com/attachments/1/2/x.yaml", "https://cdn.discordapp.com.evil.example/x.yaml",
			"https://cdn.discordapp.com@evil.example/x.yaml", "file:///etc/passwd", "http://169.254.169.254/latest/meta-data"} {
			_, path, _ := strings.Cut(url, "://")
			if strings.HasPrefix(path, "127.0.0.1") {
				url = "http://another-host"
				all = append(all, url+" → "+o.attached(elsewhere.URL+"/attachments/1/2/x.yaml", "x.yaml", 10))
				continue
			}
			all = append(all, url+" → "+o.attached(url, "x.yaml", 10))
		}
		if asked.Load() > 0 {
			o.t.Error("the other host is asked")
		}
		return strings.Join(all, "\n")
	})
	attack("an attachment that Discord's host redirects", func(o *office) string {
		var asked atomic.Int32
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
		defer elsewhere.Close()
		o.s.Fault(discordtest.Fault{Path: "/attachments/*/*/*", Status: 302, Header: map[string]string{"Location": elsewhere.URL}})
		read := upload(o, "x.yaml", []byte("facts: []\n"))
		if asked.Load() > 0 {
			o.t.Error("the other host is asked")
		}
		return read
	})
	attack("10,000 questions that the facts don't answer, from one member", func(o *office) string {
		at := o.s.Clock().Now()
		for n, user := range []string{"1", "2"} {
			if _, _, err := o.moderates.Ask(o.ctx, gapKey([]string{"queen"}), journal.Asked{Question: "Who is the queen of Sweden?", UserID: user, ChannelID: "1", At: at.Add(time.Duration(n))}); err != nil {
				o.t.Fatal(err)
			}
		}
		kept := 0
		for n := range 10_000 {
			question := "what is flood" + itoa(n) + "?"
			_, ok, err := o.moderates.Ask(o.ctx, gapKey([]string{question}), journal.Asked{Question: question, UserID: o.alice.ID, ChannelID: "1", At: at})
			if err != nil {
				o.t.Fatal(err)
			}
			if ok {
				kept++
			}
		}
		list := strings.Split(o.slash(o.mod, o.general, "facts gaps", nil).Content, "\n")
		return fmt.Sprintf("%d of them are kept. The moderators' list:\n%s\n...", kept, strings.Join(list[:4], "\n"))
	})
	attack("a fact of mentions and markdown", func(o *office) string {
		f := o.form(o.mod, "facts add", nil)
		p := o.submit(o.mod, f, discordtest.Values{"text": "@everyone @here <@" + o.alice.ID + "> <@&" + o.role.ID + "> **bold** ||spoiler|| [click](https://evil.example) # head", "sources": "courier ¶1", "why": "@everyone `x` **y**"})
		_, read, _ := strings.Cut(o.press(o.mod, p, "Confirm"), "\n")
		o.told("added")
		id := regexpID.FindString(read)
		o.slash(o.alice, o.general, "fact", discordtest.Args{"id": strings.Trim(id, "`")})
		return read
	})
	attack("fact ids and files with a path in them", func(o *office) string {
		var all []string
		for _, x := range []struct{ command, option, value string }{
			{"facts edit", "fact", "../../etc/passwd"}, {"facts history", "fact", "../*"}, {"facts undo", "edit", "../>"},
			{"facts add", "file", "../../etc/x.yaml"}, {"facts add", "file", "bridge_test.yaml"}, {"facts download", "file", "../../../../etc/passwd"}, {"facts download", "file", "/etc/passwd"},
		} {
			all = append(all, "/"+x.command+" "+x.value+" → "+o.slash(o.mod, o.general, x.command, discordtest.Args{x.option: x.value}).Content)
		}
		return strings.Join(all, "\n")
	})
	attack("two moderators edit one fact: the second Confirm", func(o *office) string {
		p := o.slash(o.boss, o.general, "facts withdraw", discordtest.Args{"fact": "bridge-cost", "why": "y"})
		f := o.form(o.mod, "facts edit", discordtest.Args{"fact": "bridge-cost"})
		q := o.submit(o.mod, f, discordtest.Values{"text": "The bridge is to cost 52 million crowns."})
		o.press(o.mod, q, "Confirm")
		read := o.press(o.boss, p, "Confirm")
		if f := o.file("bridge.yaml"); !strings.Contains(f, "52 million") || strings.Contains(f, "withdrawn") {
			o.t.Error("the first edit is lost, or the second made")
		}
		return read
	})
	attack("the file is changed on disk between preview and Confirm", func(o *office) string {
		p := withdrawal(o)
		o.write("bridge.yaml", o.file("bridge.yaml")+"# by hand\n")
		read := o.press(o.mod, p, "Confirm")
		if !strings.HasSuffix(o.file("bridge.yaml"), "# by hand\n") || strings.Contains(o.file("bridge.yaml"), "withdrawn") {
			o.t.Error("the change on disk is lost, or the edit made")
		}
		return read
	})
	attack("the folder is read-only", func(o *office) string {
		p := withdrawal(o)
		if err := os.Chmod(o.dir, 0o555); err != nil {
			o.t.Fatal(err)
		}
		defer os.Chmod(o.dir, 0o755)
		return o.press(o.mod, p, "Confirm")
	})
	attack("the result has problems", func(o *office) string {
		f := o.form(o.mod, "facts edit", discordtest.Args{"fact": "bridge-cost"})
		return o.submit(o.mod, f, discordtest.Values{"text": strings.Repeat("x", 900), "sources": "courier ¶5", "details": "as of: tomorrow\nstatus: sure\nsuperseded by: nothing-there"}).Content
	})
	attack("the built-in facts", func(o *office) string {
		o.leave()
		o.opts.Folder = nil
		o.start()
		return o.slash(o.mod, o.general, "facts add", nil).Content + "\n" + withdrawal(o).Content
	})
	compare(t, filepath.Join("testdata", "dialogue", "attacks.txt"), table.String())
}

// forge sends a made-up interaction and gives what is answered.
func (o *office) forge(u *discordtest.User, kind int, data map[string]any) string {
	o.t.Helper()
	return o.forgeIn(o.general, u, kind, data)
}

func (o *office) forgeIn(c *discordtest.Channel, u *discordtest.User, kind int, data map[string]any) string {
	o.t.Helper()
	on := discordtest.Message{}
	if kind == 3 { // a button is on a message, whichever
		on = discordtest.Message{Channel: c}
		if m, err := u.Say(c, "x"); err == nil {
			on = m
		}
	}
	return o.answer(u.Forge(c, on, kind, data)).Content
}

// press clicks a button and gives what is answered: the message as it is then, or a new one.
func (o *office) press(u *discordtest.User, m discordtest.Message, button string) string {
	o.t.Helper()
	return o.click(u, m, button).Content
}

// attached forges /facts upload with an attachment of an address.
func (o *office) attached(url, name string, size int) string {
	o.t.Helper()
	return o.forge(o.mod, 2, map[string]any{"id": "1", "name": "facts", "type": 1, "options": []any{
		map[string]any{"name": "upload", "type": 1, "options": []any{map[string]any{"name": "file", "type": 11, "value": "7"}}}},
		"resolved": map[string]any{"attachments": map[string]any{"7": map[string]any{"id": "7", "filename": name, "size": size, "url": url}}}})
}

// folder is all files together.
func (o *office) folder() string {
	o.t.Helper()
	names, err := filepath.Glob(filepath.Join(o.dir, "*"))
	if err != nil {
		o.t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			o.t.Fatal(err)
		}
		fmt.Fprintf(&all, "== %s\n%s", filepath.Base(name), data)
	}
	return all.String()
}

var regexpID = regexp.MustCompile("`[a-z0-9-]+`")
