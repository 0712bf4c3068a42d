package rank

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"

	"footnote/knowledge/encoder"
	"footnote/knowledge/language"
)

// bags stands for the encoders: texts with the same words have the same meaning, and each word counts.
func bags(texts []string, _ encoder.Role, english bool) (en, multi []encoder.Vector, err error) {
	for _, t := range texts {
		var numbers [encoder.VectorBytes]byte
		for i := range numbers {
			numbers[i] = 1 // so that no two texts have nothing in common
		}
		for _, w := range strings.FieldsFunc(strings.ToLower(t), func(r rune) bool { return !language.IsWordRune(r) }) {
			h := fnv.New32a()
			h.Write([]byte(w))
			numbers[h.Sum32()%uint32(len(numbers))] = 30
		}
		var v encoder.Vector
		if err := v.UnmarshalBinary(numbers[:]); err != nil {
			return nil, nil, err
		}
		multi = append(multi, v)
	}
	if english {
		en = slices.Clone(multi)
	}
	return en, multi, nil
}

func options() Options {
	return Options{Language: language.Of("en"), Meanings: bags, Rarity: func(w string) float64 { return math.Min(1, float64(len(w))/8) }}
}

func index(t testing.TB, o Options, entries ...Entry) *Index {
	t.Helper()
	x, err := New(entries, o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func verdict(t testing.TB, x *Index, text, before string, near ...int) (Verdict, *Table) {
	t.Helper()
	m, err := Trained()
	if err != nil {
		t.Fatal(err)
	}
	q, err := x.Question(text, before, near, false, bags)
	if err != nil {
		t.Fatal(err)
	}
	table := x.Evidence(q)
	return m.Judge(table), table
}

// A model that was made for other evidence is refused, and so is one without which everything or nothing would be sure.
func TestParseModel(t *testing.T) {
	if _, err := Trained(); err != nil {
		t.Fatal(err)
	}
	if _, err := ParseModel([]byte(`{`)); err == nil {
		t.Error("half a file is read")
	}
	for what, change := range map[string]func(*Model){
		"no scorer":          func(m *Model) { m.Other = nil },
		"a feature less":     func(m *Model) { m.English.Linear = m.English.Linear[1:] },
		"a feature more":     func(m *Model) { m.Other.Linear = append(m.Other.Linear, 1) },
		"a unit less":        func(m *Model) { m.English.Hidden = m.English.Hidden[1:] },
		"a unit without":     func(m *Model) { m.English.Hidden[0] = m.English.Hidden[0][1:] },
		"another width":      func(m *Model) { m.English.Text = m.English.Text[4:] },
		"another ask":        func(m *Model) { m.English.Ask = nil },
		"less of none":       func(m *Model) { m.Other.Unsaid.Null = m.Other.Unsaid.Null[1:] },
		"less meaning":       func(m *Model) { m.Other.Elsewhere.Meaning = m.Other.Elsewhere.Meaning[1:] },
		"no sureness":        func(m *Model) { m.English.Sure = nil },
		"a sureness less":    func(m *Model) { delete(m.Other.Sure, "balanced") },
		"sure of everything": func(m *Model) { m.Other.Sure["generous"] = 0 },
		"sure of nothing":    func(m *Model) { m.Other.Sure["careful"] = 1.5 },
		"no scale":           func(m *Model) { m.English.Scale = 0 },
		"near to all":        func(m *Model) { m.English.Near = 0 },
		"about all":          func(m *Model) { m.English.About = 0 },
		"reads nothing":      func(m *Model) { m.English.Reread = &Reread{First: 1, Read: 1, None: 1} },
		"turns scores round": func(m *Model) { m.Other.Reread = &Reread{Facts: 4, First: -1, Read: 1, None: 1} },
	} {
		m, err := Trained()
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseModel(data); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

func TestExp(t *testing.T) {
	for x := -60.0; x <= 0; x += 0.37 {
		if got, want := exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-11 {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
	}
	for x, want := range map[float64]float64{0: 1, -60.5: 0, -1e300: 0} {
		if got := exp(x); got != want {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
	}
}

func TestAlike(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		alike bool
	}{
		{"pacht", "pachtvertrag", true},
		{"vertrag", "pachtvertrag", true},
		{"member", "membership", true},
		{"organise", "organize", true},
		{"same", "same", true},
		{"car", "cart", false}, // too short to tell
		{"open", "opaque", false},
		{"2023", "2024", false}, // numbers are alike or not
		{"12th", "12", false},
		{"harbour", "harvest", false},
		{"", "", false},
		{"member", strings.Repeat("member", 10), false},
	} {
		one, two := alike(c.a, c.b), alike(c.b, c.a)
		if one != two || (one > 0) != c.alike || one > .9 || one < 0 {
			t.Errorf("%s, %s: %v and %v, want alike: %t", c.a, c.b, one, two, c.alike)
		}
	}
}

func TestGrams(t *testing.T) {
	if got := grams("When does it open?", "when DOES it open"); math.Abs(got-1) > .05 {
		t.Errorf("the same but for case and marks: %v", got)
	}
	near, far := grams("opening hours of the library", "library opening hour"), grams("opening hours of the library", "Who won the cup?")
	if near <= far || near > 1 || far < 0 {
		t.Errorf("near %v, far %v", near, far)
	}
	for _, s := range []string{"", "a", "??", "日本"} {
		if got := grams(s, "When does it open?"); got < 0 || got > 1 || math.IsNaN(got) {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestTop(t *testing.T) {
	for _, c := range []struct {
		v    []float32
		n    int
		want []int32
	}{
		{[]float32{1, 5, 3, 5, 2}, 2, []int32{1, 3}},
		{[]float32{1, 5, 3, 5, 5}, 2, []int32{1, 3}}, // of equal ones the first
		{[]float32{1, 2, 3}, 5, []int32{0, 1, 2}},
		{[]float32{3, 2, 1}, 1, []int32{0}},
		{nil, 3, []int32{}},
	} {
		if got := top(c.v, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%v of %v: %v, want %v", c.n, c.v, got, c.want)
		}
	}
}

// Probabilities are parts of 1; a rival takes of it and a twin doesn't; what is far away hardly does.
func TestShare(t *testing.T) {
	entries := []Entry{{Text: "a", Twins: "x"}, {Text: "b", Twins: "x"}, {Text: "c"}, {Text: "d"}}
	table := &Table{index: index(t, options(), entries...)}
	scored := func(scores ...float64) (out []Scored) {
		for i, s := range scores {
			out = append(out, Scored{Doc: i, Score: s})
		}
		return out
	}
	v := table.share(scored(2, 2, -30, -30), 2, -99)
	if math.Abs(v.Facts[0].Probability-.5) > 1e-12 || v.Facts[0].Probability != v.Facts[1].Probability || math.Abs(v.None-1./3) > 1e-12 {
		t.Errorf("twins: %+v", v)
	}
	entries[1].Twins = ""
	v = table.share(scored(2, 2, -30, -30), 2, -99)
	if math.Abs(v.Facts[0].Probability-1./3) > 1e-12 {
		t.Errorf("rivals: %+v", v)
	}
	sum := v.None
	for _, f := range v.Facts {
		sum += f.Probability
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("all together: %v", sum)
	}
	if v := table.share(nil, 3, 3); v.None != 1 || v.Exact {
		t.Errorf("of no fact: %+v", v)
	}
}

// The second look may turn round the facts that it reads, and no others; what reading tells of them counts beside "none", too.
func TestReread(t *testing.T) {
	table := &Table{index: index(t, options(), Entry{Text: "a"}, Entry{Text: "b"}, Entry{Text: "c"}, Entry{Text: "d"})}
	var v Verdict
	for i, s := range []float64{4, 3, 2, 1} {
		v.Facts = append(v.Facts, Scored{Doc: i, Score: s})
	}
	v.About = .7
	w := &Reread{Facts: 2, First: 1, Read: 1, None: .5, Offset: 1}
	again := table.reread(w, v, []float32{-3, 2}, 2, -90)
	var order []int
	for _, f := range again.Facts {
		order = append(order, f.Doc)
	}
	if !slices.Equal(order, []int{1, 0, 2, 3}) || again.About != .7 {
		t.Errorf("%v, about %v", order, again.About)
	}
	if got, want := []float64{again.Facts[0].Score, again.Facts[1].Score, again.Facts[2].Score}, []float64{5, 1, -1}; !slices.Equal(got, want) {
		t.Errorf("scores %v, want %v", got, want)
	}
	if v.Facts[0].Score != 4 {
		t.Error("the first look has changed")
	}
	if sure, unsure := again, table.reread(w, v, []float32{-3, -3}, 2, -90); sure.None >= unsure.None {
		t.Errorf("none: %v where reading says yes, %v where it says no", sure.None, unsure.None)
	}
}

// Nothing is read where it could not matter: of what is elsewhere, and where a moderator vouches.
func TestRereadReadsWhatCounts(t *testing.T) {
	m, err := Trained()
	if err != nil {
		t.Fatal(err)
	}
	m.English.Reread = &Reread{Facts: 2, First: 1, Read: 1, None: 1}
	x := index(t, options(), Entry{Text: "The ferry leaves at nine.", Asks: []string{"When does the boat go?"}}, Entry{Text: "The ferry carries bicycles."}, Entry{Text: "The crew sleeps on board."})
	for question, want := range map[string]int{"When does the ferry leave?": 2, "When does the boat go?": 0} {
		_, table := verdict(t, x, question, "")
		v := m.Judge(table)
		v.About = 1
		read := 0
		again := m.Reread(table, v, func(q string, texts []string, english bool) []float32 {
			if q != question || !english {
				t.Errorf("read %q, english %v", q, english)
			}
			read = len(texts)
			return make([]float32, len(texts))
		})
		if read != want || len(again.Facts) != len(v.Facts) {
			t.Errorf("%s: %d facts read, want %d", question, read, want)
		}
		v.About = 0
		m.Reread(table, v, func(string, []string, bool) []float32 {
			t.Errorf("%s: read, though it is elsewhere", question)
			return []float32{0, 0}
		})
	}
}

// A fact whose ask the question is stands above all others, however much alike, and they stay in their order.
func TestSame(t *testing.T) {
	var entries []Entry
	for i := range 20 {
		name := fmt.Sprintf("Q%cba", 'a'+i)
		entries = append(entries, Entry{Text: fmt.Sprintf("Station %s was built in 18%02d.", name, 10+i), Asks: []string{"How old is the railway stop " + name + "?"}})
	}
	x := index(t, options(), entries...)
	for i := range entries {
		v, _ := verdict(t, x, entries[i].Asks[0], "")
		if !v.Exact || v.Facts[0].Doc != i || !v.Facts[0].Same || v.Facts[0].Probability < .95 {
			t.Errorf("%s: %d first with %v", entries[i].Asks[0], v.Facts[0].Doc, v.Facts[0].Probability)
		}
		if !x.Asked("how old is the RAILWAY stop " + strings.Fields(entries[i].Text)[1]) {
			t.Errorf("%s: not known as asked", entries[i].Asks[0])
		}
	}
	if x.Asked("How old is the railway stop Zzz?") || x.Asked("") || x.Asked("??") {
		t.Error("asked what nobody asked")
	}
}

// The order of entries changes no score, no probability and no word that stands for a term.
func TestOrder(t *testing.T) {
	entries := []Entry{
		{Text: "The offices open at nine.", Asks: []string{"When do offices open?"}, Around: []string{"Opening"}},
		{Text: "The office of the mayor is opened at ten.", Asks: []string{"When is it opening?"}},
		{Text: "Opening the mess takes an hour.", NotAsks: []string{"Who opens it?"}},
	}
	turned := slices.Clone(entries)
	slices.Reverse(turned)
	x, y := index(t, options(), entries...), index(t, options(), turned...)
	o := options()
	o.Was = index(t, options(), Entry{Text: "Openers opened officially.", Asks: []string{"Open?"}}, entries[2], entries[0])
	again := index(t, o, entries...)
	for _, q := range []string{"When does the office open?", "how long does opening take", "who opens the office?"} {
		a, _ := verdict(t, x, q, "")
		b, _ := verdict(t, y, q, "")
		c, _ := verdict(t, again, q, "")
		for i := range a.Facts {
			if a.Facts[i].Score != b.Facts[i].Score || a.Facts[i].Doc != 2-b.Facts[i].Doc || a.Facts[i].Probability != b.Facts[i].Probability {
				t.Errorf("%s: fact %d %v, turned %d %v", q, a.Facts[i].Doc, a.Facts[i].Score, b.Facts[i].Doc, b.Facts[i].Score)
			}
			if a.Facts[i].Score != c.Facts[i].Score || a.Facts[i].Doc != c.Facts[i].Doc {
				t.Errorf("%s: fact %d %v, by an earlier index %d %v", q, a.Facts[i].Doc, a.Facts[i].Score, c.Facts[i].Doc, c.Facts[i].Score)
			}
		}
	}
	for term, n := range x.vocab {
		if m, ok := again.vocab[term]; ok && x.words[n] != again.words[m] {
			t.Errorf("%s is %q, by an earlier index %q", term, x.words[n], again.words[m])
		}
	}
}

// An ask changes what its own fact has to go by, and no other's.
func TestAskOfAnother(t *testing.T) {
	entries := []Entry{{Text: "The offices open at nine."}, {Text: "The ferry leaves at ten."}, {Text: "The mess takes an hour."}}
	x := index(t, options(), entries...)
	with := slices.Clone(entries)
	with[0].Asks = []string{"When does the ferry leave the office?", "When are the messes open, and since when have ferries been there?"}
	y := index(t, options(), with...)
	for _, q := range []string{"When does the ferry leave?", "is the mess open?", "offices"} {
		_, a := verdict(t, x, q, "")
		_, b := verdict(t, y, q, "")
		if a.Null != b.Null {
			t.Errorf("%s: %v of none, with asks %v", q, a.Null, b.Null)
		}
		for i := range a.Rows {
			k := slices.IndexFunc(b.Rows, func(r Row) bool { return r.Doc == a.Rows[i].Doc && r.Ask < 0 })
			if a.Rows[i].F != b.Rows[k].F {
				t.Errorf("%s: the text of %d has %v, with another's asks %v", q, a.Rows[i].Doc, a.Rows[i].F, b.Rows[k].F)
			}
		}
	}
}

// A fact that has another code than the question is barred; one that has none isn't; what an ask names counts for nothing.
func TestBarred(t *testing.T) {
	x := index(t, options(),
		Entry{Text: "Error E404 means that the page has gone.", Asks: []string{"What is E403?"}},
		Entry{Text: "Pages may be gone at any time."},
		Entry{Text: "Use /reset to begin anew."},
	)
	for _, c := range []struct {
		text, before string
		barred       []int
	}{
		{"what is E404?", "", nil},
		{"what is e-404", "", nil},
		{"what is E403?", "", []int{0, 2}}, // nobody has it, so that all with some code are
		{"what is it?", "I get E403", []int{0, 2}},
		{"what is it?", "I get E404", nil},
		{"what is E404?", "I get E403", nil},
		{"what is the page?", "", nil},
	} {
		v, _ := verdict(t, x, c.text, c.before)
		var got []int
		for _, f := range v.Facts {
			if f.Barred {
				got = append(got, f.Doc)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.barred) {
			t.Errorf("%q after %q: barred %v, want %v", c.text, c.before, got, c.barred)
		}
	}
}

// However long question and the one before it are, and whatever a text holds, there is evidence.
func TestLong(t *testing.T) {
	words := func(from, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "zq%cx%cv%c ", 'a'+(from+i)%26, 'a'+(from+i)/26%26, 'a'+(from+i)/676)
		}
		return b.String()
	}
	x := index(t, options(), Entry{Text: words(0, 150), Asks: []string{words(100, 90)}, Place: "p"}, Entry{Text: words(200, 2), Place: "p"}, Entry{Text: "?"})
	for _, q := range [][2]string{{words(0, 200), words(300, 200)}, {words(90, 60), ""}, {"and?", words(0, 200)}, {"", ""}, {"?", "?"}, {strings.Repeat("why? ", 300), words(0, 300)}} {
		v, table := verdict(t, x, q[0], q[1])
		for _, r := range table.Rows {
			for i, f := range r.F {
				if f != f || f > 60 || f < -60 {
					t.Errorf("%.20q: %s is %v", q[0], featureNames[i], f)
				}
			}
		}
		if len(v.Facts) > 0 {
			table.Words(&v.Facts[0])
		}
		table.Uncovered(func(string) bool { return true })
	}
}

// Of many facts some are looked at closely, those with the words of the question among them, and those beside what was said last.
func TestLikely(t *testing.T) {
	var entries []Entry
	for i := range 10 * maxDocs {
		entries = append(entries, Entry{Text: fmt.Sprintf("Number %d of the list is an entry like all the others.", i), Place: fmt.Sprint(i / 3)})
	}
	entries[200].Text = "Zanzibar lies off the coast."
	x := index(t, options(), entries...)
	_, table := verdict(t, x, "where is Zanzibar?", "", 100)
	has := func(doc int) bool { return slices.ContainsFunc(table.Rows, func(r Row) bool { return r.Doc == doc }) }
	if !has(200) || !has(100) || !has(99) || !has(101) {
		t.Errorf("200: %t, 99 to 101: %t %t %t", has(200), has(99), has(100), has(101))
	}
	docs := map[int]bool{}
	last := -1
	for _, r := range table.Rows {
		if r.Doc < last {
			t.Error("rows are not in the order of the entries")
		}
		last = r.Doc
		docs[r.Doc] = true
	}
	if len(docs) > maxDocs+8+1 {
		t.Errorf("%d facts are looked at", len(docs))
	}
}

// Explain tells all that a score is made of.
func TestExplain(t *testing.T) {
	x := index(t, options(), Entry{Text: "The offices open at nine.", Asks: []string{"When do offices open?", "Since when are they open?"}}, Entry{Text: "The ferry leaves at ten."})
	m, err := Trained()
	if err != nil {
		t.Fatal(err)
	}
	v, table := verdict(t, x, "are the offices open at ten?", "")
	for i := range v.Facts {
		f := &v.Facts[i]
		sum := 0.0
		for _, p := range m.Explain(table, f) {
			if p.Name != "none" {
				sum += p.Adds
			}
		}
		if math.Abs(sum-f.Score) > 1e-3 {
			t.Errorf("fact %d: %v, explained as %v", f.Doc, f.Score, sum)
		}
	}
	matched, missed := table.Words(&v.Facts[0])
	if got := fmt.Sprint(matched, missed); v.Facts[0].Doc == 0 && got != "[offices open] [ten]" {
		t.Error(got)
	}
}
