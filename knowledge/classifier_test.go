package knowledge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// indexOf indexes the facts of one language below a folder.
func indexOf(t *testing.T, files fstest.MapFS) *index {
	t.Helper()
	set, problems, err := Load(t.Context(), files)
	if err != nil || HasErrors(problems) {
		t.Fatal(err, problems)
	}
	g, err := newGeneration(t.Context(), set, trained())
	if err != nil {
		t.Fatal(err)
	}
	return g.indexes[0]
}

// articleFiles is the files of the article's facts.
func articleFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, name := range []string{"nato-tokyo-office.yaml", "nato-tokyo-office_test.yaml"} {
		data, err := os.ReadFile("../facts/" + name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: data}
	}
	return out
}

// TestClassifier holds what the classifier alone says of the article's trials, from which it does not learn.
func TestClassifier(t *testing.T) {
	b := article(t)
	x := b.cur.indexes[0]
	var right, answerable int
	var none, others []float64 // how likely it is that no fact answers: where that is so, and where not
	for _, trial := range b.Set().Trials {
		a := x.ready(x.lang.read(trial.Ask))
		if len(trial.After) > 0 || len(a.units) == 0 {
			continue
		}
		l := a.learn(x.taught)
		if len(trial.Want) == 0 {
			none = append(none, l.none())
			continue
		}
		answerable++
		others = append(others, l.none())
		best, at := 0.0, 0
		for i := range x.docs {
			if share, known := l.share(i); known && share > best {
				best, at = share, i
			}
		}
		if slices.Contains(trial.Want, x.docs[at].fact.ID) {
			right++
		}
	}
	before := 0
	for _, n := range none {
		for _, o := range others {
			if n > o {
				before++
			}
		}
	}
	share, auc := float64(right)/float64(answerable), float64(before)/float64(len(none)*len(others))
	t.Logf("%d answerable, %.1f %% of them right; of pairs with one of %d others, %.1f %% in the right order", answerable, 100*share, len(none), 100*auc)
	if share < .95 || auc < .96 {
		t.Error("the classifier has become worse")
	}
}

// fewFacts is a base with so many facts of so many asks each.
func fewFacts(facts, asks int) fstest.MapFS {
	var b strings.Builder
	fmt.Fprintf(&b, "sources: {s: {title: Things}}\nfacts:\n")
	for f := range facts {
		fmt.Fprintf(&b, "  - id: fact-%d\n    text: Thing %d is kept in drawer %d.\n    cite: [{paragraph: 1}]\n    asks:\n", f, f, 1000+f)
		for a := range asks {
			fmt.Fprintf(&b, "      - Where is thing %d for the %d time?\n", f, a)
		}
	}
	return fstest.MapFS{"things.yaml": {Data: []byte(b.String())}}
}

// TestClassifierWhere holds which bases have one.
func TestClassifierWhere(t *testing.T) {
	for _, c := range []struct {
		facts, asks int
		want        bool
	}{
		{fewestTaught, manyAsks, true},
		{fewestTaught, manyAsks - 1, false},
		{fewestTaught - 1, manyAsks, false},
		{200, 20, true},
		{300, 20, false}, // it would take too long
	} {
		if got := indexOf(t, fewFacts(c.facts, c.asks)).taught != nil; got != c.want {
			t.Errorf("%d facts of %d asks: a classifier: %v, want %v", c.facts, c.asks, got, c.want)
		}
	}
}

// TestClassifierSame holds that the same facts are learned the same, whatever the index was made of before.
func TestClassifierSame(t *testing.T) {
	files := fewFacts(fewestTaught, manyAsks)
	set, _, err := Load(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	first, err := newGeneration(t.Context(), set, trained())
	if err != nil {
		t.Fatal(err)
	}
	other := fstest.MapFS{"things.yaml": {Data: []byte(strings.ReplaceAll(string(files["things.yaml"].Data), "thing 3", "box 3"))}}
	otherSet, _, err := Load(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	between, err := nextGeneration(t.Context(), otherSet, trained(), first, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := nextGeneration(t.Context(), set, trained(), between, nil)
	if err != nil {
		t.Fatal(err)
	}
	say := func(g *generation) []float64 {
		x := g.indexes[0]
		return x.ready(x.lang.read("where do they keep thing 3, for the 7th time?")).learn(x.taught).shares
	}
	if a, b := say(first), say(again); !slices.Equal(a, b) {
		t.Errorf("%v\nthen %v", a, b)
	}
	if a, b := say(first), say(between); slices.Equal(a, b) {
		t.Error("other asks taught the same")
	}
}

func TestClassifierStops(t *testing.T) {
	x := indexOf(t, fewFacts(fewestTaught, manyAsks))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if c, err := x.teach(ctx, nil); c != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", c, err)
	}
}

// TestNewFactBesideTaught holds that a fact which was just added, with one ask, is found among facts with a hundred.
func TestNewFactBesideTaught(t *testing.T) {
	files := articleFiles(t)
	files["canteen.yaml"] = &fstest.MapFile{Data: []byte(`sources:
  guide: {title: A guide to the Tokyo office}
synonyms: []
facts:
  - id: canteen
    text: The canteen of the Tokyo office serves lunch from 11:30 to 14:00.
    cite: [{paragraph: 3}]
    asks: [When does the canteen serve lunch?]
`)}
	b, problems, err := Open(t.Context(), files)
	if err != nil || HasErrors(problems) {
		t.Fatal(err, problems)
	}
	defer b.Close()
	for _, q := range []string{"When does the canteen serve lunch?", "until when does the canteen serve lunch", "canteen lunch"} {
		if got := said(t, b, q); got != "canteen" {
			t.Errorf("%s: %q", q, got)
		}
	}
	for _, q := range []string{"When will the office open?", "Who are the AP4?"} {
		if got := said(t, b, q); got == "" || strings.Contains(got, "canteen") {
			t.Errorf("%s: %q", q, got)
		}
	}
}
