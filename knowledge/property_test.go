package knowledge

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// What is promised of all bases, held over the fresh ones: over two of them, or over all where FOOTNOTE_ALL is set, as .ci/run does.

// freshBase is a base that nobody prepared for, with its questions.
type freshBase struct {
	name      string
	text      string
	questions []GoldQuestion
	shared    *vectors // with the base as others have changed it, so that a question is encoded once
}

func freshBases(t testing.TB, sample ...string) []freshBase {
	t.Helper()
	paths, err := filepath.Glob("testdata/fresh/*/questions.jsonl")
	if err != nil || len(paths) < 60 {
		t.Fatal(len(paths), err)
	}
	var all []freshBase
	for _, path := range paths {
		b := freshBase{name: filepath.Base(filepath.Dir(path))}
		if os.Getenv("FOOTNOTE_ALL") == "" && !slices.Contains(sample, b.name) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(filepath.Dir(path), "facts.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		b.text = string(text)
		if b.questions, err = ReadQuestions(os.DirFS(filepath.Dir(path))); err != nil {
			t.Fatal(err)
		}
		if b.shared, err = newVectors(); err != nil {
			t.Fatal(err)
		}
		b.shared.blocks = newBlocks("", b.shared.weightsName(), nil, nil)
		all = append(all, b)
	}
	return all
}

func (b freshBase) open(t testing.TB) *Base {
	return opened(t, fstest.MapFS{"facts.yaml": {Data: []byte(b.text)}}, OpenOptions{shared: b.shared})
}

// An outcomeOf is what a question gets: the facts given or offered, and the candidates with their probabilities.
type outcomeOf struct {
	kind  Kind
	facts []string
	all   map[string]float64
	first float64
}

func outcomeFor(t testing.TB, b *Base, q GoldQuestion) outcomeOf {
	t.Helper()
	a, err := b.Ask(t.Context(), Question{Text: q.Text, History: q.History, Candidates: 32})
	if err != nil {
		t.Fatal(err)
	}
	o := outcomeOf{kind: a.Kind, all: map[string]float64{}, first: a.Confidence}
	for _, s := range a.Sentences() {
		o.facts = append(o.facts, s.Fact.ID)
	}
	for _, f := range a.Offers {
		o.facts = append(o.facts, f.Fact.ID)
	}
	for _, c := range a.Candidates {
		o.all[c.Fact.ID] = c.Score
	}
	return o
}

var idLine = regexp.MustCompile(`(?m)^  - id: (\S+)$`)

// An added ask changes what is given or offered only by bringing its own fact in: as the answer, as an offer, or as a rival that makes another unsure.
func TestAddedAsk(t *testing.T) {
	for _, b := range freshBases(t, "space-mod", "kleingarten-de") {
		base := b.open(t)
		before := make([]outcomeOf, len(b.questions))
		for i, q := range b.questions {
			before[i] = outcomeFor(t, base, q)
		}
		// A fact without asks gets a question that was meant for it.
		tried := 0
		for _, f := range base.Set().Facts {
			at := slices.IndexFunc(b.questions, func(q GoldQuestion) bool { return slices.Contains(q.Gold, f.ID) && len(q.History) == 0 })
			if len(f.Asks) > 0 || at < 0 || tried == 2 {
				continue
			}
			tried++
			ask, _ := json.Marshal(b.questions[at].Text)
			with := strings.Replace(b.text, "- id: "+f.ID+"\n", "- id: "+f.ID+"\n    asks: ["+string(ask)+"]\n", 1)
			next := freshBase{text: with, shared: b.shared}.open(t)
			for i, q := range b.questions {
				after := outcomeFor(t, next, q)
				was := before[i]
				if was.kind == after.kind && slices.Equal(was.facts, after.facts) {
					continue
				}
				if !slices.Contains(after.facts, f.ID) && after.all[f.ID] < was.all[f.ID]+.01 {
					t.Errorf("%s: %q as an ask of %s changes %q from %s %v to %s %v, where it has no part in", b.name, ask, f.ID, q.Text, was.kind, was.facts, after.kind, after.facts)
				}
			}
		}
	}
}

// A fact that has nothing to do with a question changes nothing about it, and the order of facts neither.
func TestIrrelevantFact(t *testing.T) {
	for _, b := range freshBases(t, "makerspace", "fumetti-it") {
		base := b.open(t)
		const strange = "\n  - id: zz-strange\n    text: \"Qwyjibo vlorp zanthum brixel 77041 quoxly threnn.\"\n    cite: [{source: %s}]\n"
		source := base.Set().Files[0].Sources[0].ID
		more := freshBase{text: strings.TrimRight(b.text, "\n") + fmt.Sprintf(strange, source), shared: b.shared}.open(t)
		turned := freshBase{text: reversed(b.text), shared: b.shared}.open(t)
		for _, q := range b.questions {
			was, with, other := outcomeFor(t, base, q), outcomeFor(t, more, q), outcomeFor(t, turned, q)
			if slices.Contains(with.facts, "zz-strange") || with.all["zz-strange"] >= was.first {
				continue // it is as near as anything that is offered, or nearer than all
			}
			if was.kind != with.kind || !slices.Equal(was.facts, with.facts) || math.Abs(was.first-with.first) > .02 {
				t.Errorf("%s: a strange fact changes %q from %s %v %.4f to %s %v %.4f", b.name, q.Text, was.kind, was.facts, was.first, with.kind, with.facts, with.first)
			}
			if was.kind != other.kind || !slices.Equal(was.facts, other.facts) || was.first != other.first {
				t.Errorf("%s: the order of facts changes %q from %s %v %.4f to %s %v %.4f", b.name, q.Text, was.kind, was.facts, was.first, other.kind, other.facts, other.first)
			}
		}
	}
}

// reversed gives a fact file with its facts in the opposite order.
func reversed(text string) string {
	at := idLine.FindAllStringIndex(text, -1)
	var out strings.Builder
	out.WriteString(text[:at[0][0]])
	for i := len(at) - 1; i >= 0; i-- {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out.WriteString(strings.TrimRight(text[at[i][0]:end], "\n") + "\n")
	}
	return out.String()
}

// A fact's own ask, word for word, is answered by it, surely, unless another fact has nearly the same ask, a not_ask forbids it or the ask names a code that the fact
// lacks; and removing a not_ask changes things only by bringing that fact back in.
func TestOwnAsk(t *testing.T) {
	for _, b := range freshBases(t, "backup-tool", "escalade-fr", "saakuru-ja") {
		base := b.open(t)
		for _, f := range base.Set().Facts {
			for _, ask := range f.Asks {
				a, err := base.Ask(t.Context(), Question{Text: ask, Sure: Careful})
				if err != nil {
					t.Fatal(err)
				}
				if (!a.Answered() || a.Sentences()[0].Fact != f && !slices.Contains(a.Sentences()[0].Fact.Asks, ask)) && !lacksItsCode(f, ask) {
					t.Errorf("%s: %q, an ask of %s, is answered %s", b.name, ask, f.ID, spoken(a))
				}
			}
		}
	}
}
