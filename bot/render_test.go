package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"

	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"
	"golang.org/x/tools/txtar"

	"footnote/knowledge"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The files in testdata/render each hold facts, what is asked to be shown of them, and the message as it is posted, with its
// buttons below.
func TestRenderGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/render/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var out []txtar.File
			var facts []byte
			for _, f := range a.Files {
				if strings.HasSuffix(f.Name, ".yaml") {
					facts = f.Data
				}
				if f.Name != "posted" {
					out = append(out, f)
				}
			}
			want := section(a, "posted")
			got := renderCase(t, facts, section(a, "show"))
			a.Files = append(out, txtar.File{Name: "posted", Data: []byte(got)})
			if *update {
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("posted:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func section(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// renderCase shows what a golden file asks for, one "key: value" a line.
func renderCase(t *testing.T, facts []byte, show string) string {
	t.Helper()
	set := loadFacts(t, facts)
	v := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(show), "\n") {
		key, value, _ := strings.Cut(line, ":")
		v[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	named := func(ids string) []*knowledge.Fact {
		var fs []*knowledge.Fact
		for _, id := range strings.Fields(ids) {
			f := set.Fact(id)
			if f == nil {
				t.Fatalf("no fact %q", id)
			}
			fs = append(fs, f)
		}
		return fs
	}
	p := speak(v["locale"])
	h := head{question: v["question"], reading: v["reading"]}
	var r Response
	switch {
	case v["answer"] != "":
		fs := named(v["answer"])
		r.Content = renderAnswer(p, h, knowledge.Tell(fs...))
		r.Components = answerButtons(p, fs, "42", v["private"] == "true")
	case v["context"] != "":
		fs := named(v["context"])
		target := named(v["of"])[0]
		r.Content = renderContext(p, target.Cites[0].Source, fs, target)
	case v["fact"] != "":
		r.Content = renderFact(p, named(v["fact"])[0])
	default:
		t.Fatalf("nothing to show in %q", show)
	}
	checkPost(t, r)
	return r.Content + "\n" + buttonsIn(r.Components)
}

// buttonsIn writes rows of buttons as a person sees them.
func buttonsIn(rows []discordgo.MessageComponent) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString("  ")
		for _, c := range r.(discordgo.ActionsRow).Components {
			switch c := c.(type) {
			case discordgo.Button:
				fmt.Fprintf(&b, " [%s]", c.Label)
			case menu:
				fmt.Fprintf(&b, " [%s ▾]", c.Placeholder)
				for _, o := range c.Options {
					fmt.Fprintf(&b, "\n      %s · %s", o.Label, o.Description)
				}
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func loadFacts(t testing.TB, yaml []byte) *knowledge.Set {
	t.Helper()
	set, problems, err := knowledge.Load(context.Background(), fstest.MapFS{"facts.yaml": {Data: yaml}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.Level == knowledge.Error {
			t.Fatal(p)
		}
	}
	return set
}

var (
	sourceLine = regexp.MustCompile(`^-# \[(\d+)\] “`)
	cited      = regexp.MustCompile(`((?:\[\d+\])+)$`)
	number     = regexp.MustCompile(`\[(\d+)\]`)
)

// checkPost holds what is true of any message: it fits, it is made of valid components, and nothing in it is live.
func checkPost(t testing.TB, r Response) {
	t.Helper()
	if n := units(r.Content); n > maxContent && utf8.RuneCountInString(r.Content) > maxContent {
		t.Errorf("%d characters are posted:\n%s", n, r.Content)
	}
	if !utf8.ValidString(r.Content) {
		t.Errorf("invalid UTF-8 is posted: %q", r.Content)
	}
	if m := rawMention.FindString(r.Content); m != "" {
		t.Errorf("%s is posted in:\n%s", m, r.Content)
	}
	checkComponents(t, r.Components)
}

// checkComponents holds Discord's limits of rows, labels and custom ids.
func checkComponents(t testing.TB, rows []discordgo.MessageComponent) {
	t.Helper()
	if len(rows) > maxRows {
		t.Errorf("%d rows", len(rows))
	}
	seen := map[string]bool{}
	id := func(s string) {
		if s == "" || utf8.RuneCountInString(s) > maxCustomID || seen[s] {
			t.Errorf("custom_id %q is empty, too long or there twice", s)
		}
		seen[s] = true
	}
	for _, r := range rows {
		ar, ok := r.(discordgo.ActionsRow)
		if !ok {
			t.Errorf("%T in place of a row", r)
			continue
		}
		if len(ar.Components) == 0 || len(ar.Components) > 5 {
			t.Errorf("a row of %d", len(ar.Components))
		}
		for _, c := range ar.Components {
			switch c := c.(type) {
			case discordgo.Button:
				id(c.CustomID)
				if c.Label == "" || units(c.Label) > maxLabel {
					t.Errorf("a button's label is %q", c.Label)
				}
			case menu:
				id(c.CustomID)
				if len(c.Options) == 0 || len(c.Options) > maxOptions || units(c.Placeholder) > 150 {
					t.Errorf("a menu of %d, placeholder %q", len(c.Options), c.Placeholder)
				}
				values := map[string]bool{}
				for _, o := range c.Options {
					if o.Label == "" || units(o.Label) > 100 || units(o.Value) > 100 || units(o.Description) > 100 || values[o.Value] {
						t.Errorf("a menu's option is %+v", o)
					}
					values[o.Value] = true
				}
			default:
				t.Errorf("%T in a row", c)
			}
		}
	}
}

// checkCited holds that each sentence line ends in citations, that each [n] stands before one source, and that no source is spare.
// It returns the sentences as displayed.
func checkCited(t testing.TB, content string) []string {
	t.Helper()
	cites, sources := map[int]bool{}, map[int]bool{}
	var sentences []string
	code := ""
	for _, line := range strings.Split(content, "\n") {
		if m := sourceLine.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1])
			if sources[n] {
				t.Errorf("[%d] is explained twice in:\n%s", n, content)
			}
			sources[n] = true
			continue
		}
		if line == "```" {
			code = "open"
			continue
		}
		if code == "open" && !strings.HasPrefix(line, "```") {
			code = line
			continue
		}
		if strings.HasPrefix(line, "-# ") || line == "" {
			continue
		}
		m := cited.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("a sentence stands without citation: %q in:\n%s", line, content)
			continue
		}
		for _, n := range number.FindAllStringSubmatch(m[1], -1) {
			k, _ := strconv.Atoi(n[1])
			cites[k] = true
		}
		said := strings.TrimSuffix(line, " "+m[1])
		if said == "```" {
			sentences, code = append(sentences, strings.ReplaceAll(code, zeroWidth, "")), ""
			continue
		}
		said = strings.TrimSuffix(strings.TrimPrefix(said, "**"), "**")
		text, live := displayed(said)
		if len(live) > 0 {
			t.Errorf("live: %q in:\n%s", live, content)
		}
		sentences = append(sentences, text)
	}
	for n := range cites {
		if !sources[n] {
			t.Errorf("[%d] resolves to nothing in:\n%s", n, content)
		}
	}
	for n := range sources {
		if !cites[n] {
			t.Errorf("source [%d] is spare in:\n%s", n, content)
		}
	}
	return sentences
}

// made is a fact with n citations of one source.
func made(id, text, title, extra, url string, n int, status knowledge.Status) *knowledge.Fact {
	src := &knowledge.Source{ID: "s", Title: title, URL: url, Published: "2023"}
	f := &knowledge.Fact{ID: id, Text: text, SaidBy: extra, AsOf: "2023-05", Status: status, SupersededBy: "other", Asks: []string{text}}
	for k := range max(n, 1) {
		f.Cites = append(f.Cites, knowledge.Cite{Source: src, Paragraph: k + 1, Section: extra, Quote: extra})
	}
	return f
}

// checkRender shows facts in every way there is.
func checkRender(t testing.TB, text, other, title, extra, url, question string, n int, status knowledge.Status) {
	t.Helper()
	// No longer than the files and members can have them: what is longer takes seconds, and never comes.
	title, extra, url, question = atMost(title, knowledge.MaxLine), atMost(extra, knowledge.MaxLine), atMost(url, knowledge.MaxURL), atMost(question, maxQuestion)
	a, b, c := made("one", text, title, extra, url, n, status), made("two", other, title, extra, url, 1, knowledge.Disputed), made("three", text+other, title, extra, url, 2, knowledge.Stated)
	facts := []*knowledge.Fact{a, b, c}
	for _, f := range facts {
		if f.Text = visible(atMost(visible(f.Text), knowledge.MaxText)); f.Text == "" {
			return // no fact can be so
		}
	}
	p := speak("en")
	for _, h := range []head{{}, {question: question}, {question: question, reading: question}} {
		for k := 1; k <= len(facts); k++ {
			content := renderAnswer(p, h, knowledge.Tell(facts[:k]...))
			checkPost(t, Response{Content: content, Components: answerButtons(p, facts[:k], "42", false)})
			said := checkCited(t, content)
			if len(said) == 0 || len(said) > k {
				t.Errorf("%d sentences of %d in:\n%s", len(said), k, content)
			}
			for i := range said {
				if said[i] != facts[i].Text {
					t.Errorf("displayed %q, want %q in:\n%s", said[i], facts[i].Text, content)
				}
			}
			if got := readHead(content); units(question) < 80 && units(content) < 1000 {
				if h.question != "" && h.reading == "" && got.question != visible(h.question) || h.reading != "" && got.reading != visible(h.reading) {
					t.Errorf("the head %+v is read back as %+v from:\n%s", h, got, content)
				}
			}
		}
	}
	for _, f := range facts {
		content := renderContext(p, f.Cites[0].Source, facts, f)
		checkPost(t, Response{Content: content})
		checkCited(t, content)
		if !slices.Contains(checkCited(t, content), f.Text) {
			t.Errorf("the fact is not in its own context:\n%s", content)
		}
		content = renderFact(p, f)
		checkPost(t, Response{Content: content})
		if said := checkCited(t, content); len(said) != 1 || said[0] != f.Text {
			t.Errorf("the fact is shown as %q:\n%s", said, content)
		}
	}
	near := []knowledge.Suggestion{{Question: question, Fact: a}, {Question: text, Fact: b}, {Question: question, Fact: a}, {Question: other, Fact: c}, {Question: "x", Fact: c}}
	checkComponents(t, pickButtons(near, "42", button("None", "none:42"), removeButton("42")))
	ans := knowledge.Tell(a)
	ans.Candidates = []knowledge.Candidate{{Fact: a, Score: 1, Parts: []knowledge.Part{{Name: extra, Adds: 1}}}, {Fact: b}}
	ans.Matched, ans.Missed, ans.Reading = strings.Fields(question), strings.Fields(other), question
	checkPost(t, Response{Content: renderWhy(p, question, nil, facts[:1], ans, true)})
}

// atMost cuts a text to so many characters.
func atMost(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// TestRenderHostile shows hostile text in every place there is.
func TestRenderHostile(t *testing.T) {
	for i, s := range hostile {
		checkRender(t, s, "It is so.", s, s, s, s, 1, knowledge.Stated)
		checkRender(t, "It is so.", s, "Title", "", "https://example.com/"+s, s, 1+i%5*10, knowledge.Superseded)
		checkRender(t, strings.Repeat("long words ", 90), s, s, s, s, s, 3, knowledge.Disputed)
	}
}

func FuzzRender(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, "It is so.", hostile[(i+7)%len(hostile)], s, "https://example.com/"+s, s, uint8(i))
	}
	f.Fuzz(func(t *testing.T, text, other, title, extra, url, question string, n uint8) {
		checkRender(t, text, other, title, extra, url, question, int(n%50), knowledge.Statuses[int(n)%(len(knowledge.Statuses)-1)])
	})
}

// TestCitationLine holds that a source's line is the one the command line prints.
func TestCitationLine(t *testing.T) {
	f := made("id", "It is so.", "A title", "Somebody", "", 1, knowledge.Reported)
	for _, c := range knowledge.Tell(f).Citations() {
		if got := renderCitation(c, wholeSource); got != c.String() {
			t.Errorf("renderCitation = %q, want %q", got, c.String())
		}
	}
}

// TestComponentsMarshal holds what our own components are on the wire, where discordgo's would be refused.
func TestComponentsMarshal(t *testing.T) {
	b, err := json.Marshal([]discordgo.MessageComponent{
		labelled{Label: "Why?", Component: menu{CustomID: "r", Options: []menuOption{{Label: "Wrong", Value: "wrong"}}}},
		labelled{Label: "Note", Component: textField{CustomID: "n", Style: discordgo.TextInputShort}},
	})
	want := `[{"type":18,"label":"Why?","component":{"type":3,"custom_id":"r","options":[{"label":"Wrong","value":"wrong"}]}},` +
		`{"type":18,"label":"Note","component":{"type":4,"custom_id":"n","style":1,"required":false}}]`
	if err != nil || !bytes.Equal(b, []byte(want)) {
		t.Errorf("%s, %v; want %s", b, err, want)
	}
}
