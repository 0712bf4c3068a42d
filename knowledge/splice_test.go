package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

func ptr(s string) *string { return &s }

// An author writes fact files in all the ways that people and programs do.
type author struct {
	*rand.Rand
	eol string
	b   bytes.Buffer
}

// nasty are texts that YAML reads otherwise when they are not in quotation marks, or that are hard to find the end of.
var nasty = []string{
	"One is a number.", "a: b", "a:", "#1 of all", "a #b", "a # b", "'quoted'", `"quoted"`, `say "hi" and 'ho'`, "[brackets]", "{braces}", "- dash", "-", "--- three", "...",
	"true", "null", "~", "yes", "No", "2023", "2023-05-31", "1e3", "0x1F", ".5", "12:30:45", "? question", "Is it?", "Is it? Yes", "what, and why?", "*star", "&and", "!bang", "%percent",
	"@at", "`tick`", "|pipe", "> greater", `back\slash`, `a\/b`, `C:\new\table`, `\`, `"`, "'", "it's", "''", `""`, "emoji 😀🏢", "日本語の文。", "Ångström: é", "a\u00a0b", "zero\u200bwidth", "e\u0301",
	"a, b]", "a} b", "key: [x, {y: z}]", "http://example.org/a#b?c=d", "<<", "=", "a\u202eb", "x - y", "x: y # z", "ends with colon:", "- a\tb", strings.Repeat("long words ", 80) + "end",
	"id: other", "facts:", "text", "  ", "tab\there", "a:\tb", "a\t# b", "\"a\tb\", c",
}

// text returns a text of one line that a fact may have.
func (a *author) textOf(form string) string {
	for {
		s := nasty[a.IntN(len(nasty))]
		if a.IntN(3) == 0 {
			s += " " + nasty[a.IntN(len(nasty))]
		}
		if form != "note" { // a tab is allowed in notes alone
			s = strings.ReplaceAll(s, "\t", " ")
		}
		if s = strings.TrimSpace(s); s != "" && (len(s) < 250 || form == "text" && len(s) < MaxText) {
			return s
		}
	}
}

// scalar writes a text in one of the forms that YAML has. Lines of its own get the indent.
func (a *author) scalar(s string, indent int, flow bool) string {
	pad := a.eol + strings.Repeat(" ", indent)
	words := strings.Split(s, " ")
	plainWords := func() bool {
		return len(words) > 2 && !slices.ContainsFunc(words, func(w string) bool { return w == "" || !textOf(w+"x").readsPlain(true) })
	}
	switch n := a.IntN(9); {
	case n == 0 && !flow && !slices.Contains(words, ""):
		at := 1 + a.IntN(len(words))
		return ">-" + a.comment() + pad + strings.Join(words[:at], " ") + tail(pad, words[at:])
	case n == 1 && !flow && s[0] != ' ':
		return "|-" + a.comment() + pad + s
	case n == 2 && len(words) > 1 && !slices.Contains(words, ""):
		at := 1 + a.IntN(len(words)-1)
		return quoted(strings.Join(words[:at], " ") + "x")[:len(quoted(strings.Join(words[:at], " ")+"x"))-2] + pad + quoted("x" + strings.Join(words[at:], " "))[2:]
	case n == 3 && plainWords():
		at := 1 + a.IntN(len(words)-1)
		return strings.Join(words[:at], " ") + pad + strings.Join(words[at:], " ")
	case n <= 5 && textOf(s).readsPlain(flow):
		return s
	case n <= 6:
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	case n == 7 && strings.Contains(s, "/"):
		return strings.ReplaceAll(quoted(s), "/", `\/`)
	}
	return quoted(s)
}

func tail(pad string, words []string) string {
	if len(words) == 0 {
		return ""
	}
	return pad + strings.Join(words, " ")
}

// comment writes one after something on a line, or nothing.
func (a *author) comment() string {
	return []string{"", "", "", " # why", "  #", "\t# it's \"so\": [x"}[a.IntN(6)]
}

// between writes lines that say nothing.
func (a *author) between(indent int) {
	for a.IntN(4) == 0 {
		switch a.IntN(4) {
		case 0:
			a.b.WriteString(a.eol)
		case 1:
			a.b.WriteString("   " + a.eol)
		default:
			a.b.WriteString(strings.Repeat(" ", indent) + "# - id: not-a-fact" + a.eol)
		}
	}
}

// A key of a fact with its value, as it is to be written: a string, a list of strings, or a list of cites.
type keyed struct {
	key   string
	value any
}

// fact writes a fact and returns the offsets of its lines.
func (a *author) fact(indent int, keys []keyed) span {
	from := a.b.Len()
	gap := 1 + a.IntN(3)
	a.b.WriteString(strings.Repeat(" ", indent) + "-")
	in := indent + 1 + gap
	if a.IntN(3) == 0 {
		a.b.WriteString(strings.Repeat(" ", gap))
		a.brackets(in+2, a.IntN(3) == 0, keys)
	} else {
		if a.IntN(6) == 0 {
			a.b.WriteString([]string{"", " # the fact"}[a.IntN(2)] + a.eol)
			a.between(in)
			a.b.WriteString(strings.Repeat(" ", in))
		} else {
			a.b.WriteString(strings.Repeat(" ", gap))
		}
		for i, k := range keys {
			if i > 0 {
				a.between(in)
				a.b.WriteString(strings.Repeat(" ", in))
			}
			a.lines(in, k)
		}
	}
	return span{from, a.b.Len()}
}

// lines writes a key outside brackets, with the line end.
func (a *author) lines(in int, k keyed) {
	key := k.key
	if a.IntN(6) == 0 {
		key = quoted(key)
	}
	a.b.WriteString(key + ":")
	pad := a.eol + strings.Repeat(" ", in+a.IntN(3))
	switch v := k.value.(type) {
	case nil:
		a.b.WriteString([]string{"", " null", " ~"}[a.IntN(3)] + a.comment())
	case string:
		s := a.scalar(v, in+1+a.IntN(4), false)
		if a.IntN(8) == 0 && !strings.HasPrefix(s, "|") && !strings.HasPrefix(s, ">") {
			a.b.WriteString(a.comment() + a.eol + strings.Repeat(" ", in+1) + s)
		} else {
			a.b.WriteString(strings.Repeat(" ", 1+a.IntN(3)) + s)
		}
		if strings.HasPrefix(s, "|") || strings.HasPrefix(s, ">") {
			break
		}
		a.b.WriteString(a.comment())
	case []string:
		if a.IntN(2) == 0 {
			a.b.WriteString(" " + a.list(in+2, v) + a.comment())
			break
		}
		a.b.WriteString(a.comment())
		for _, s := range v {
			if a.IntN(5) == 0 {
				a.b.WriteString(pad + "# among")
			}
			s = a.scalar(s, len(pad)+2, false)
			a.b.WriteString(pad + "- " + s)
			if s[0] != '|' && s[0] != '>' {
				a.b.WriteString(a.comment())
			}
		}
	case [][]keyed:
		if a.IntN(3) == 0 {
			a.b.WriteString(" [")
			for i, c := range v {
				if i > 0 {
					a.b.WriteString(", ")
				}
				a.brackets(in+4, a.IntN(3) == 0, c)
				a.b.Truncate(a.b.Len() - len(a.eol))
			}
			a.b.WriteString("]")
			break
		}
		a.b.WriteString(a.comment())
		for _, c := range v {
			a.b.WriteString(pad + "- ")
			a.brackets(in+4, a.IntN(3) == 0, c)
			a.b.Truncate(a.b.Len() - len(a.eol))
		}
	}
	a.b.WriteString(a.eol)
}

// list writes a list in brackets.
func (a *author) list(indent int, v []string) string {
	var parts []string
	for _, s := range v {
		parts = append(parts, a.scalar(s, indent, true))
	}
	sep := []string{",", ", ", " , ", "," + a.eol + strings.Repeat(" ", indent)}[a.IntN(4)]
	return "[" + []string{"", " "}[a.IntN(2)] + strings.Join(parts, sep) + []string{"", " ", ","}[a.IntN(3)] + "]"
}

// brackets writes a mapping in brackets, with the line end.
func (a *author) brackets(indent int, wrap bool, keys []keyed) {
	quote := a.IntN(3) == 0
	a.b.WriteString("{")
	for i, k := range keys {
		key := k.key
		if quote {
			key = quoted(key)
		}
		if i > 0 {
			a.b.WriteString(",")
			if wrap && a.IntN(2) == 0 {
				a.b.WriteString(a.comment() + a.eol + strings.Repeat(" ", indent))
			} else {
				a.b.WriteString(" ")
			}
		}
		a.b.WriteString(key + ":")
		if !quote || a.IntN(2) == 0 {
			a.b.WriteString(" ")
		}
		switch v := k.value.(type) {
		case nil:
			a.b.WriteString(" null")
		case string:
			s := a.scalar(v, indent, true)
			if !strings.HasPrefix(s, `"`) {
				a.b.WriteString(" ")
			}
			a.b.WriteString(s)
		case []string:
			a.b.WriteString(" " + a.list(indent, v))
		case [][]keyed:
			a.b.WriteString(" [")
			for j, c := range v {
				if j > 0 {
					a.b.WriteString(", ")
				}
				a.brackets(indent, false, c)
				a.b.Truncate(a.b.Len() - len(a.eol))
			}
			a.b.WriteString("]")
		}
	}
	a.b.WriteString("}" + a.eol)
}

// keys makes the keys of a fact.
func (a *author) keys(id string, sources []string) []keyed {
	cite := func() []keyed {
		return []keyed{{"source", sources[a.IntN(len(sources))]}, {"section", a.textOf("section")}}
	}
	keys := []keyed{{"id", id}, {"text", a.textOf("text")}, {"cite", [][]keyed{cite(), cite()}[:1+a.IntN(2)]}}
	for _, k := range []string{"said_by", "note"} {
		if a.IntN(2) == 0 {
			keys = append(keys, keyed{k, a.textOf(k)})
		}
	}
	for _, k := range []keyed{{"as_of", "2023-05-31"}, {"status", "reported"}, {"review_by", "2030-01-01"}, {"superseded_by", nil}} {
		if a.IntN(3) == 0 {
			keys = append(keys, k)
		}
	}
	for _, k := range []string{"asks", "not_asks", "topics"} {
		if a.IntN(2) == 0 {
			list := []string{k + " " + a.textOf(k), k + " two " + a.textOf(k)}
			keys = append(keys, keyed{k, list[:1+a.IntN(2)]})
		}
	}
	if a.IntN(3) == 0 {
		a.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	}
	return keys
}

// file writes a file, and returns where the lines of each fact are.
func (a *author) file() (data []byte, facts map[string]span) {
	a.b.Reset()
	a.eol = []string{"\n", "\n", "\r\n"}[a.IntN(3)]
	if a.IntN(6) == 0 {
		a.b.WriteString("\ufeff")
	}
	if a.IntN(6) == 0 {
		a.b.WriteString("---" + a.eol)
	}
	a.between(0)
	sources := []string{"article", "b.2"}[:1+a.IntN(2)]
	facts = map[string]span{}
	writeSources := func() {
		a.between(0)
		a.b.WriteString("sources:")
		if a.IntN(3) == 0 {
			a.b.WriteString(" {article: {title: An article}")
			for _, s := range sources[1:] {
				a.b.WriteString(", " + s + ": {title: 'B: the second'}")
			}
			a.b.WriteString("}" + a.comment() + a.eol)
			return
		}
		in := strings.Repeat(" ", 1+a.IntN(4))
		a.b.WriteString(a.comment() + a.eol)
		for _, s := range sources {
			a.between(3)
			a.b.WriteString(in + s + ":" + a.comment() + a.eol + in + "  title: An article" + a.comment() + a.eol + in + "  publisher:" + a.eol)
		}
	}
	writeFacts := func() {
		a.between(0)
		a.b.WriteString([]string{"facts:", "facts:", `"facts":`, "facts: # here"}[a.IntN(4)] + a.eol)
		indent := []int{0, 2, 2, 4, 7}[a.IntN(5)]
		for i := range 1 + a.IntN(5) {
			a.between(min(indent, a.IntN(3)))
			if i > 0 && a.IntN(2) == 0 {
				a.b.WriteString(a.eol)
			}
			id := []string{"a", "b-2", "one", "text", "x-1-y"}[i]
			facts[id] = a.fact(indent, a.keys(id, sources))
		}
	}
	if a.IntN(3) == 0 {
		writeFacts()
		writeSources()
	} else {
		writeSources()
		if a.IntN(3) == 0 {
			a.b.WriteString("language: en" + a.eol)
		}
		writeFacts()
	}
	a.between(0)
	if a.IntN(6) == 0 {
		a.b.WriteString("..." + a.eol)
	}
	if a.IntN(3) == 0 {
		n := a.b.Len()
		data := a.b.Bytes()
		a.b.Truncate(trimEnd(data, n))
		for id, s := range facts {
			facts[id] = span{s.from, min(s.to, a.b.Len())}
		}
	}
	return bytes.Clone(a.b.Bytes()), facts
}

// patch makes a patch whose result is a good fact.
func (a *author) patch() (p Patch) {
	scalar := func(key string, s string) *string {
		switch a.IntN(4) {
		case 0:
			return &s
		case 1:
			if key != "text" {
				return ptr("")
			}
		}
		return nil
	}
	p.Text = scalar("text", a.textOf("text"))
	p.SaidBy = scalar("said_by", a.textOf("said_by"))
	p.AsOf = scalar("as_of", []string{"2023", "2023-05", "1999-12-31"}[a.IntN(3)])
	p.Status = scalar("status", string(Statuses[a.IntN(5)]))
	p.ReviewBy = scalar("review_by", "2031-02-03")
	p.Note = scalar("note", a.textOf("note")+[]string{"", "\n", "\nmore\n\n  - yet\tmore", "\n\n", "\n# no comment\nend", " \nx"}[a.IntN(6)])
	if a.IntN(3) == 0 {
		p.Cites = []NewCite{{Source: "article", Paragraph: 1 + a.IntN(20)}, {Source: "article", Section: a.textOf("s"), Quote: a.textOf("s"), URL: "https://example.org/#a?b=[c]"}}[:1+a.IntN(2)]
	}
	for _, list := range []*[]string{&p.AddAsks, &p.AddNotAsks} {
		if a.IntN(3) == 0 {
			n := a.IntN(1e6) // so that none is both asked and not asked
			*list = []string{fmt.Sprintf("new %d %s", n, a.textOf("s")), fmt.Sprintf("newer %d %s", n, a.textOf("s"))}[:1+a.IntN(2)]
		}
	}
	switch a.IntN(4) {
	case 0:
		p.Topics = []string{"t " + a.textOf("s"), "u " + a.textOf("s")}[:a.IntN(3)]
	case 1:
		p.Topics = []string{}
	}
	return p
}

// patched is the fact as it should be.
func patched(f Fact, p Patch, sources []*Source) Fact {
	set := func(to *string, s *string) {
		if s != nil {
			*to = *s
		}
	}
	set(&f.Text, p.Text)
	set(&f.SaidBy, p.SaidBy)
	set(&f.SupersededBy, p.SupersededBy)
	set(&f.Note, p.Note)
	set((*string)(&f.AsOf), p.AsOf)
	set((*string)(&f.ReviewBy), p.ReviewBy)
	set((*string)(&f.Status), p.Status)
	if f.Status == "" {
		f.Status = Stated
	}
	if p.Cites != nil {
		f.Cites = nil
		for _, c := range p.Cites {
			n := slices.IndexFunc(sources, func(s *Source) bool { return s.ID == c.Source })
			f.Cites = append(f.Cites, Cite{Source: sources[n], Paragraph: c.Paragraph, Section: c.Section, Quote: c.Quote, URL: c.URL})
		}
	}
	if p.Topics != nil {
		f.Topics = p.Topics
	}
	f.Asks = slices.Concat(f.Asks, p.AddAsks)
	f.NotAsks = slices.Concat(f.NotAsks, p.AddNotAsks)
	return f
}

func loadOne(t testing.TB, data []byte) (*Set, []Problem) {
	t.Helper()
	set, problems, err := Load(t.Context(), fstest.MapFS{"x.yaml": {Data: data, Mode: 0o644}})
	if err != nil {
		t.Fatal(err)
	}
	return set, problems
}

// sameBut fails unless both sets say the same of all facts but one.
func sameBut(t *testing.T, old, new *Set, id string) {
	t.Helper()
	for _, d := range Compare(old, new) {
		if d.ID() != id {
			t.Errorf("editing %s: %s %s", id, d.Kind, d.ID())
		}
	}
}

// TestSplice edits facts of files written in all manner of ways, in all manner of ways: only the lines of the fact differ, it reads back as was meant,
// and undoing the edit gives the very file that was there. SPLICE_ROUNDS says for how many files, other ones each time.
func TestSplice(t *testing.T) {
	rounds, seed := 300, uint64(2)
	if testing.Short() {
		rounds = 100
	}
	if n, err := strconv.Atoi(os.Getenv("SPLICE_ROUNDS")); err == nil {
		rounds, seed = n, rand.Uint64()
	}
	a := &author{Rand: rand.New(rand.NewPCG(1, seed))}
	bad, edits := 0, 0
	for round := range rounds {
		file, facts := a.file()
		set, problems := loadOne(t, file)
		if set == nil {
			if bad++; bad < 3 {
				t.Logf("a bad file: %s\n%s", printed(problems), file)
			}
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(facts)) {
			lines, p := facts[id], a.patch()
			got, err := Block(file, id)
			if err != nil || !bytes.Equal(got, file[lines.from:lines.to]) {
				t.Fatalf("round %d: the block of %s is %v\n%s\nwant\n%s\nin\n%s", round, id, err, got, file[lines.from:lines.to], file)
			}
			out, err := EditFact(file, id, p)
			if err != nil {
				t.Fatalf("round %d: edit %s: %v\n%+v\n%s", round, id, err, p, file)
			}
			edits++
			if !bytes.HasPrefix(out, file[:lines.from]) || !bytes.HasSuffix(out[lines.from:], file[lines.to:]) {
				t.Fatalf("round %d: other lines than those of %s differ\n%s\nwas\n%s", round, id, out, file)
			}
			after, problems := loadOne(t, out)
			if after == nil {
				t.Fatalf("round %d: edit %s: %s\n%s\nwas\n%s", round, id, printed(problems), out, file)
			}
			sameBut(t, set, after, id)
			want := patched(*set.Fact(id), p, set.Files[0].Sources)
			if is := after.Fact(id); !sameFact(is, &want) || !slices.EqualFunc(is.Cites, want.Cites, sameCite) {
				t.Fatalf("round %d: edit %s: got\n%+v\nwant\n%+v\n%+v\n%s\nwas\n%s", round, id, *is, want, p, out, file)
			}
			if eols(file) == 1 && eols(out) != 1 {
				t.Fatalf("round %d: mixed line ends\n%q", round, out)
			}
			now, err := Block(out, id)
			if err != nil {
				t.Fatal(err)
			}
			back, err := ReplaceBlock(out, id, now, got, "")
			if err != nil || !bytes.Equal(back, file) {
				t.Fatalf("round %d: undo %s: %v\n%q\n%q\n%s\nwant\n%s", round, id, err, now, got, back, file)
			}
			if !bytes.Equal(now, got) {
				if _, err := ReplaceBlock(out, id, got, now, ""); !errors.Is(err, ErrConflict) {
					t.Fatalf("round %d: undo of what is not there: %v", round, err)
				}
			}
		}
		a.add(t, round, file, set)
	}
	t.Logf("%d edits in %d files, each undone again, and a fact added to each; %d bad files; seed %d", edits, rounds-bad, bad, seed)
	if bad > rounds/20 {
		t.Errorf("%d of %d files can't be read", bad, rounds)
	}
}

// eols counts the kinds of line ends.
func eols(text []byte) int {
	crlf := bytes.Count(text, []byte("\r\n"))
	lf := bytes.Count(text, []byte("\n")) - crlf
	return min(crlf, 1) + min(lf, 1)
}

// add adds a fact, and removes it again.
func (a *author) add(t *testing.T, round int, file []byte, set *Set) {
	p := a.patch()
	if p.Text == nil {
		p.Text = ptr(a.textOf("text"))
	}
	p.Cites = []NewCite{{Source: "new_1", Paragraph: 7}, {Source: "article", Quote: a.textOf("s")}}[a.IntN(2):]
	var sources []NewSource
	if p.Cites[0].Source == "new_1" {
		sources = []NewSource{{ID: "new_1", Title: a.textOf("title"), Publisher: a.textOf("s"), URL: "https://example.org/", Published: "2023-05"}}
	}
	out, err := AddFact(file, "added", p, sources...)
	if err != nil {
		t.Fatalf("round %d: add: %v\n%s", round, err, file)
	}
	if len(sources) == 0 {
		inserted(t, file, out)
	}
	after, problems := loadOne(t, out)
	if after == nil {
		t.Fatalf("round %d: add: %s\n%s\nwas\n%s", round, printed(problems), out, file)
	}
	sameBut(t, set, after, "added")
	want := patched(Fact{Status: Stated, File: after.Files[0]}, p, after.Files[0].Sources)
	if is := after.Fact("added"); !sameFact(is, &want) {
		t.Fatalf("round %d: add: got\n%+v\nwant\n%+v\n%s", round, *is, want, out)
	}
	if fs := after.Facts; fs[len(fs)-1].ID != "added" {
		t.Fatalf("round %d: not the last\n%s", round, out)
	}
	block, err := Block(out, "added")
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReplaceBlock(out, "added", block, nil, "")
	if err != nil || len(sources) == 0 && !bytes.Equal(back, file) {
		t.Fatalf("round %d: undo add: %v\n%q\nwant\n%q", round, err, back, file)
	}
	// Undo a removal.
	id := set.Facts[a.IntN(len(set.Facts))].ID
	if len(set.Facts) < 2 {
		return
	}
	block, _ = Block(file, id)
	without, err := ReplaceBlock(file, id, block, nil, "")
	if err != nil {
		t.Fatalf("round %d: remove %s: %v\n%s", round, id, err, file)
	}
	if gone, problems := loadOne(t, without); gone == nil || gone.Fact(id) != nil {
		t.Fatalf("round %d: remove %s: %s\n%s\nwas\n%s", round, id, printed(problems), without, file)
	} else {
		sameBut(t, set, gone, id)
	}
	again, err := ReplaceBlock(without, id, nil, block, "")
	if err != nil {
		t.Fatalf("round %d: undo removing %s: %v\n%s", round, id, err, without)
	}
	if back, problems := loadOne(t, again); back == nil || len(Compare(set, back)) > 0 {
		t.Fatalf("round %d: undo removing %s: %s\n%s\nwas\n%s", round, id, printed(problems), again, file)
	}
}

// inserted fails unless out is file with something put in.
func inserted(t *testing.T, file, out []byte) {
	t.Helper()
	n := 0
	for n < len(file) && file[n] == out[n] {
		n++
	}
	if !bytes.HasSuffix(out[n:], file[n:]) {
		t.Fatalf("lines are changed\n%s\nwas\n%s", out, file)
	}
}

// TestSpliceArticle edits each fact of the project's own facts.
func TestSpliceArticle(t *testing.T) {
	file, err := os.ReadFile("../facts/nato-tokyo-office.yaml")
	if err != nil {
		t.Fatal(err)
	}
	a := &author{Rand: rand.New(rand.NewPCG(3, 4))}
	set, _ := loadOne(t, file)
	for _, f := range set.Facts {
		p := a.patch()
		block, err := Block(file, f.ID)
		if err != nil {
			t.Fatal(err)
		}
		out, err := EditFact(file, f.ID, p)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(file, block)
		if !bytes.HasPrefix(out, file[:at]) || !bytes.HasSuffix(out[at:], file[at+len(block):]) {
			t.Fatalf("%s: other lines differ", f.ID)
		}
		after, problems := loadOne(t, out)
		if after == nil {
			t.Fatal(printed(problems))
		}
		sameBut(t, set, after, f.ID)
		if want := patched(*f, p, set.Files[0].Sources); !sameFact(after.Fact(f.ID), &want) {
			t.Errorf("got\n%+v\nwant\n%+v", *after.Fact(f.ID), want)
		}
	}
}

// FuzzSplice edits a fact of any file: what can be loaded and edited has only the lines of that fact changed, and reads back as meant.
func FuzzSplice(f *testing.F) {
	a := &author{Rand: rand.New(rand.NewPCG(5, 6))}
	for range 40 {
		file, _ := a.file()
		f.Add(string(file), a.textOf("text"), a.textOf("note"), "topic", uint8(a.IntN(256)))
	}
	crlf := strings.ReplaceAll(small, "\n", "\r\n")
	for _, file := range []string{small, keepNote, crlf, strings.TrimSuffix(crlf, "\r\n") + "\n", strings.TrimSuffix(small, "\n"), "\ufeff" + small} {
		f.Add(file, "a: b", "two\nlines", "x", uint8(0xff))
	}
	f.Fuzz(func(t *testing.T, file, text, note, topic string, which uint8) {
		set, _ := loadOne(t, []byte(file))
		if set == nil || len(file) > 1<<16 || len(set.Facts) == 0 {
			return
		}
		var p Patch
		if which&1 != 0 {
			p.Text = &text
		}
		if which&2 != 0 {
			p.Note = &note
		}
		if which&4 != 0 {
			p.Topics = []string{topic}
		}
		if which&8 != 0 {
			p.AddAsks = []string{topic + " asked"}
		}
		if which&16 != 0 {
			p.SaidBy = ptr("")
		}
		fact := set.Facts[int(which)%len(set.Facts)]
		block, err := Block([]byte(file), fact.ID)
		if errors.Is(err, ErrForm) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		out, err := EditFact([]byte(file), fact.ID, p)
		if errors.Is(err, ErrForm) || err != nil && strings.Contains(err.Error(), "UTF-8") {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		now, err := Block(out, fact.ID)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ReplaceBlock(out, fact.ID, now, block, ""); err != nil || string(back) != file {
			t.Fatalf("undo: %v\n%q\nwant\n%q\nafter\n%q", err, back, file, out)
		}
		after, problems := loadOne(t, out)
		if after == nil {
			for _, problem := range problems { // the patch may be bad, but it breaks nothing else
				if problem.Level == Error && !slices.Contains([]string{"text-long", "text-lines", "control-character", "field-empty", "ask-duplicate", "ask-contradicted"}, problem.Rule) {
					t.Fatalf("%s\n%q\nwas\n%q", problem, out, file)
				}
			}
			return
		}
		sameBut(t, set, after, fact.ID)
		got := after.Fact(fact.ID)
		if strings.TrimSpace(text) == "" {
			return
		}
		if got == nil || p.Text != nil && got.Text != text || p.Note != nil && got.Note != note || p.Text == nil && got.Text != fact.Text || p.SaidBy != nil && got.SaidBy != "" ||
			p.Topics != nil && !slices.Equal(got.Topics, p.Topics) || got.Status != fact.Status || got.AsOf != fact.AsOf {
			t.Fatalf("got %+v\nof %+v\n%q\nwas\n%q", got, p, out, file)
		}
	})
}

// keepNote has a text whose blank lines at the end count.
const keepNote = `sources: {article: {title: An article}}
facts:
  - id: one
    note: |+
      kept

      # kept, too

    text: One is a number.
    # A comment
    cite: [{paragraph: 1}] # where

  - id: two
    text: Two is a number.
    cite: [{paragraph: 1}]
    note: |+
      kept

  # Not of a fact.
  - text: Three is a number.
    cite: [{paragraph: 1}]
    id: three
    note: |+
      kept

`

// What is easily lost, one by one.
func TestSpliceKeeps(t *testing.T) {
	for _, c := range []struct {
		name, id string
		p        Patch
		old, new string // the lines that change
	}{
		{"kept blank lines", "one", Patch{SaidBy: ptr("Me")}, "where\n", "where\n    said_by: Me\n"},
		{"in the middle", "one", Patch{Text: ptr("1")}, "text: One is a number.", `text: "1"`},
		{"comment", "one", Patch{Cites: []NewCite{{Paragraph: 2}}}, "cite: [{paragraph: 1}] # where", "cite: # where\n      - {paragraph: 2}"},
		{"at the end", "two", Patch{Status: ptr("planned")}, "    cite: [{paragraph: 1}]\n    note: |+\n      kept\n\n  #", "    cite: [{paragraph: 1}]\n    status: planned\n    note: |+\n      kept\n\n  #"},
		{"removed", "two", Patch{Note: ptr("")}, "    note: |+\n      kept\n\n  #", "  #"},
		{"after the dash", "three", Patch{Text: ptr("Drei: eins")}, "text: Three is a number.", `text: "Drei: eins"`},
		{"nothing", "three", Patch{}, "", ""},
		{"nothing new", "three", Patch{Text: ptr("Three is a number."), SaidBy: ptr("")}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := EditFact([]byte(keepNote), c.id, c.p)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(keepNote, c.old); c.old != "" && n != 1 {
				t.Fatalf("%d times %q", n, c.old)
			}
			if want := strings.Replace(keepNote, c.old, c.new, 1); string(out) != want {
				t.Errorf("got\n%s\nwant\n%s", out, want)
			}
		})
	}
}

// Files that are not changed by splicing are refused, and say why.
func TestSpliceRefuses(t *testing.T) {
	flow := `{"sources": {"article": {"title": "An article"}}, "facts": [{"id": "one", "text": "One is a number.", "cite": [{"paragraph": 1}]}]}`
	for name, c := range map[string]struct {
		file, id string
		err      error
		says     string
	}{
		"json":         {flow, "one", ErrForm, "on a line of its own"},
		"in brackets":  {"sources: {a: {title: T}}\nfacts: [{id: one, text: x, cite: [{paragraph: 1}]}]\n", "one", ErrForm, "line 2: write"},
		"indented":     {"  sources: {a: {title: T}}\n  facts:\n  - {id: one, text: x, cite: [{paragraph: 1}]}\n", "one", ErrForm, "left margin"},
		"utf-16":       {"\xff\xfes\x00", "one", ErrForm, "UTF-16"},
		"latin-1":      {small + "# caf\xe9\n", "one", ErrForm, "not UTF-8"},
		"no yaml":      {"sources: [\n", "one", ErrForm, "line "},
		"dash in text": {"sources: {a: {title: T}}\nfacts:\n- id: one\n  text: \"x\n\n- y\"\n  cite: [{paragraph: 1}]\n", "one", ErrForm, "line 3: where this fact ends"},
		"id below it":  {"sources: {a: {title: T}}\nfacts:\n- text: \"x\n\n- q: y\"\n  id: one\n  cite: [{paragraph: 1}]\n", "one", ErrForm, "line 3: where this fact ends"},
		"no such":      {small, "two", ErrNoFact, `"two"`},
		"no id":        {small, "", ErrNoFact, ""},
		"empty":        {"", "one", ErrNoFact, `"one"`},
		"not text":     {small, "one\xff", nil, "UTF-8"},
	} {
		for what, err := range map[string]error{
			"edit":    second(EditFact([]byte(c.file), c.id, Patch{Text: ptr("y")})),
			"block":   second(Block([]byte(c.file), c.id)),
			"replace": second(ReplaceBlock([]byte(c.file), c.id, []byte("x"), []byte("y"), "")),
		} {
			if c.err == nil && what != "edit" {
				continue
			}
			if err == nil || c.err != nil && !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s, %s: %v, want %v: %s", name, what, err, c.err, c.says)
			}
			if what == "replace" && c.err == ErrNoFact && !errors.Is(err, ErrConflict) {
				t.Errorf("%s: %v, want a conflict", name, err)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestAddFact adds facts to files that lack more or less of what a fact file needs.
func TestAddFact(t *testing.T) {
	source := NewSource{ID: "log", Title: "Log: of the keeper"}
	const written = "sources:\n  log:\n    title: \"Log: of the keeper\"\nfacts:\n  - id: lamps\n    text: There are two lamps.\n    cite:\n      - {source: log, paragraph: 1}\n"
	p := Patch{Text: ptr("There are two lamps."), Cites: []NewCite{{Source: "log", Paragraph: 1}}}
	for name, c := range map[string]struct{ file, want string }{
		"empty":       {"", written},
		"a comment":   {"# Lamps\n", "# Lamps\n" + written},
		"no line end": {"# Lamps", "# Lamps\n" + written},
		"crlf":        {"# Lamps\r\n", "# Lamps\r\n" + strings.ReplaceAll(written, "\n", "\r\n")},
		"bom":         {"\ufeff", "\ufeff" + written},
		"start":       {"---\n", "---\n" + written},
		"no facts":    {"language: en\n", strings.Replace("language: en\n"+written, "language: en\n", "", 1)},
		"facts empty": {"facts:\n", written},
		"in brackets": {"sources: {a: {title: A}} # all\nfacts:\n", strings.Replace(written, "sources:\n  log:\n    title: \"Log: of the keeper\"", "sources: {a: {title: A}, log: {title: \"Log: of the keeper\"}} # all", 1)},
		"no source":   {"sources: # none yet\nfacts:\n", strings.Replace(written, "sources:", "sources: # none yet", 1)},
		"the same":    {written, ""},
	} {
		out, err := AddFact([]byte(c.file), "lamps", p, source)
		if name == "the same" {
			if !errors.Is(err, ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if name == "no facts" {
			c.want = strings.Replace(written, "facts:", "language: en\nfacts:", 1)
		}
		if err != nil || string(out) != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, out, c.want)
		}
	}
	if _, err := AddFact([]byte(written), "more", p, NewSource{ID: "log", Title: "Another"}); !errors.Is(err, ErrConflict) {
		t.Errorf("another source of the same id: %v", err)
	}
	if out, err := AddFact([]byte(written), "more", p, source); err != nil || strings.Count(string(out), "log:") != 1 {
		t.Errorf("the same source again: %v\n%s", err, out)
	}
}

// What ReplaceBlock is given comes from a journal, and may be anything.
func TestReplaceBlockRefuses(t *testing.T) {
	file := []byte(keepNote)
	block, err := Block(file, "two")
	if err != nil {
		t.Fatal(err)
	}
	for name, new := range map[string]string{
		"another id":   strings.Replace(string(block), "two", "four", 1),
		"two facts":    string(block) + "  - {id: four, text: x, cite: [{paragraph: 1}]}\n",
		"another key":  string(block) + "synonyms: [[a, b]]\n",
		"not yaml":     "  - id: two\n    text: [\n",
		"a document":   string(block) + "---\n",
		"the end":      string(block) + "...\n",
		"not a fact":   "two\n",
		"a comment":    "# two\n",
		"an open text": "  - id: two\n    text: \"\n",
		"empty":        "",
	} {
		if out, err := ReplaceBlock(file, "two", block, []byte(new), ""); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	if _, err := ReplaceBlock(file, "two", nil, block, ""); !errors.Is(err, ErrConflict) {
		t.Errorf("inserting what is there: %v", err)
	}
	if _, err := ReplaceBlock(file, "four", []byte("x"), nil, ""); !errors.Is(err, ErrConflict) {
		t.Errorf("removing what is not there: %v", err)
	}
	crlf := bytes.ReplaceAll(file, []byte("\n"), []byte("\r\n"))
	out, err := ReplaceBlock(crlf, "two", block, bytes.ReplaceAll(block, []byte("Two is"), []byte("2 is")), "")
	if want := bytes.ReplaceAll(crlf, []byte("Two is"), []byte("2 is")); err != nil || !bytes.Equal(out, want) {
		t.Errorf("saved with other line ends meanwhile: %v\n%q\nwant\n%q", err, out, want)
	}
	moved, err := ReplaceBlock(file, "four", nil, []byte("- id: four\n  text: x\n  cite: [{paragraph: 1}]"), "one")
	if err != nil || !strings.Contains(string(moved), "where\n  - id: four\n    text: x\n    cite: [{paragraph: 1}]\n\n  - id: two\n") {
		t.Errorf("after another: %v\n%s", err, moved)
	}
}

// A file of 100,000 facts is edited about as fast as it can be read through a few times.
func BenchmarkSpliceLarge(b *testing.B) {
	var file bytes.Buffer
	file.WriteString("sources: {s: {title: The source}}\nfacts:\n")
	for i := range 100_000 {
		fmt.Fprintf(&file, "  - id: fact-%d\n    text: 'Station %s was built near the town of %s.'\n    cite: [{source: s, paragraph: %d}]\n    asks: [How old is %s?]\n", i, callSign(i), callSign(i+500_000), i%1000+1, callSign(i))
	}
	data := file.Bytes()
	b.SetBytes(int64(len(data)))
	for name, do := range map[string]func() ([]byte, error){
		"edit": func() ([]byte, error) { return EditFact(data, "fact-99000", Patch{Text: ptr("Another text.")}) },
		"add": func() ([]byte, error) {
			return AddFact(data, "new", Patch{Text: ptr("A new text.")}, NewSource{ID: "t", Title: "T"})
		},
		"block": func() ([]byte, error) { return Block(data, "fact-99000") },
		"not one": func() ([]byte, error) {
			_, err := EditFact(data, "nowhere", Patch{})
			return nil, unless(err, ErrNoFact)
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// unless returns an error but that which is wanted.
func unless(err, want error) error {
	if errors.Is(err, want) {
		return nil
	}
	return err
}
