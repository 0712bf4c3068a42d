package bot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
	"footnote/knowledge"
)

// TestTogether has fifty moderators edit at once, ten files between them, while another process edits the same files, files come and go, and one
// is spoilt and mended. Each edit that was confirmed must be in its file and in the log, or have been refused to whoever confirmed it.
func TestTogether(t *testing.T) {
	const files, each = 10, 5
	from := t.TempDir()
	for f := range files {
		text := "sources:\n  a: {title: An article}\nfacts:\n"
		for n := range each + 1 {
			text += fmt.Sprintf("  # about %d\n  - id: fact-%d-%d\n    text: The lamp %d of street %d is off.\n    cite: [{paragraph: %d}]\n", n, f, n, n, f, n+1)
		}
		if err := os.WriteFile(filepath.Join(from, fmt.Sprintf("street-%d.yaml", f)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o := newOffice(t, from)
	other, err := knowledge.OpenFolder(o.dir) // another process
	if err != nil {
		t.Fatal(err)
	}
	var mods []*discordtest.User
	for n := range files * each {
		u := o.s.User(fmt.Sprintf("mod-%d", n))
		o.s.Home().Add(u, o.role)
		o.s.SetCommandPermission("facts", u, true)
		mods = append(mods, u)
	}
	var made, refused, onDisk, clashed, tries atomic.Int32
	turns := make([]chan bool, files) // a change of each file on disk is due: at about every twelfth Confirm
	for f := range turns {
		turns[f] = make(chan bool, 1)
	}
	var all, disk sync.WaitGroup
	over := make(chan struct{})
	done := make([]bool, len(mods))
	text := func(n int) string { return fmt.Sprintf("The lamp %d of street %d is on.", n/files, n%files) }
	for n, u := range mods {
		all.Go(func() {
			fact := fmt.Sprintf("fact-%d-%d", n%files, n/files)
			m, err := o.previewed(u, fact, text(n))
			if err != nil {
				t.Error(err)
				return
			}
			pressed := map[string]bool{} // Confirms of this message: each new preview has another
			for range 8 {
				if tries.Add(1)%12 == 0 {
					select {
					case turns[n%files] <- true:
					default:
					}
				}
				c, ok := m.Find("Confirm")
				if !ok { // there was a problem at that moment, of a file that is spoilt
					refused.Add(1)
					if m, err = o.previewed(u, fact, text(n)); err != nil {
						t.Error(err)
						return
					}
					continue
				}
				if _, err := u.Click(m, "Confirm"); err != nil {
					t.Error(err)
					return
				}
				id := m.ID
				pressed[c.CustomID] = true
				if m, err = o.s.WaitMessage(o.ctx, func(x discordtest.Message) bool {
					next, _ := x.Find("Confirm")
					return x.ID == id && x.Edited && !pressed[next.CustomID]
				}); err != nil {
					t.Errorf("%s gets no word on a Confirm: %v", u.Name, err)
					return
				}
				switch {
				case strings.HasPrefix(m.Content, "✅"), strings.HasPrefix(m.Content, "⚠️"):
					made.Add(1)
					done[n] = true
					return
				case strings.HasPrefix(m.Content, "⛔"):
					refused.Add(1)
				default:
					t.Errorf("%s reads: %s", u.Name, m.Content)
					return
				}
			}
		})
	}
	last := make([]string, files)
	for f := range files {
		disk.Go(func() {
			name := fmt.Sprintf("street-%d.yaml", f)
			for round := 0; ; round++ {
				select {
				case <-over:
					return
				case <-turns[f]:
				}
				old, err := other.Read(name)
				if err != nil {
					t.Error(err)
					return
				}
				say := fmt.Sprintf("The lamp %d of street %d was off in round %d.", each, f, round)
				new, err := knowledge.EditFact(old, fmt.Sprintf("fact-%d-%d", f, each), knowledge.Patch{Text: &say})
				if err == nil {
					err = other.Write(name, old, new)
				}
				switch {
				case err == nil:
					onDisk.Add(1)
					last[f] = say
				case errors.Is(err, knowledge.ErrChanged):
					clashed.Add(1)
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	disk.Go(func() { // a checkout: a file comes, is spoilt for a moment, and goes
		name := filepath.Join(o.dir, "alley.yaml")
		for round := range 20 {
			text := "sources:\n  a: {title: An article}\nfacts:\n  - id: alley\n    text: The alley is dark.\n    cite: [{paragraph: 1}]\n"
			if round%3 == 1 {
				text = strings.Replace(text, "cite", "site", 1)
			}
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Error(err)
			}
			if err := os.Remove(name); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	close(over)
	disk.Wait()
	o.stop()
	edits, err := o.moderates.Edits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]int{}
	for _, e := range edits {
		if e.State == journal.Begun {
			t.Errorf("an edit of %s is left as begun", e.Fact)
		}
		if e.State == journal.Done && e.By != "" {
			in[e.AfterText]++
		}
	}
	for n := range mods {
		there := strings.Contains(o.file(fmt.Sprintf("street-%d.yaml", n%files)), text(n))
		if there != done[n] || (in[text(n)] == 1) != done[n] || in[text(n)] > 1 {
			t.Errorf("the edit of moderator %d: told so %v, in the file %v, in the log %d times", n, done[n], there, in[text(n)])
		}
	}
	for f := range files {
		if last[f] != "" && !strings.Contains(o.file(fmt.Sprintf("street-%d.yaml", f)), last[f]) {
			t.Errorf("the last change on disk of file %d is lost: %s", f, last[f])
		}
	}
	if _, _, problems, err := o.base.Reload(t.Context()); err != nil || knowledge.HasErrors(problems) {
		t.Errorf("the files at the end: %v %v", problems, err)
	}
	for n := range mods {
		if f := o.base.Set().Fact(fmt.Sprintf("fact-%d-%d", n%files, n/files)); done[n] && f.Text != text(n) {
			t.Errorf("in use: %s", f.Text)
		}
	}
	t.Logf("%d moderators: %d edits made, %d times refused and told so; %d changes on disk, %d times another came between", len(mods), made.Load(), refused.Load(), onDisk.Load(), clashed.Load())
	if int(made.Load()) < len(mods)/2 {
		t.Errorf("only %d of %d moderators got their edit in after eight tries", made.Load(), len(mods))
	}
}

// previewed has a moderator correct a fact's text, up to the preview.
func (o *office) previewed(u *discordtest.User, fact, text string) (discordtest.Message, error) {
	i, err := u.Slash(o.general, "facts edit", discordtest.Args{"fact": fact})
	if err != nil {
		return discordtest.Message{}, err
	}
	f, err := i.Form(o.ctx)
	if err != nil {
		return discordtest.Message{}, err
	}
	if i, err = u.Submit(f, discordtest.Values{"text": text}); err != nil {
		return discordtest.Message{}, err
	}
	return i.Answer(o.ctx)
}
