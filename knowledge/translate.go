package knowledge

import (
	"bufio"
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

//go:embed translations.txt
var translationsText string

// A translation is what words of questions were learned to mean in the sentences that answer them.
type translation struct {
	of    map[string][]translated // a question's term -> terms of sentences, likeliest first
	kinds map[string]*kindWeights // by term or class of words
}

// kindWeights tell, for each kind of answer, how much likelier a word is in the sentence; 0 where nothing was learned.
type kindWeights [answerTypes]float32

func (t *translation) weigh(kind int, word string, weight float32) {
	if t.kinds[word] == nil {
		t.kinds[word] = &kindWeights{}
	}
	t.kinds[word][kind] = weight
}

type translated struct {
	term string
	p    float32
}

// wordClasses are the words that are taken for one another when kinds of answers are learned: a number stands for all numbers.
var wordClasses = [...]struct {
	flag wordFlags
	name string
}{{isYear, "#year"}, {isMonth, "#month"}, {isNumber, "#number"}, {isPerson, "#person"}, {isPlace, "#place"}, {isName, "#name"}}

// A learntPair is a question and the sentence that answers it.
type learntPair struct {
	typ      answerType
	question []string // distinguishing terms
	sentence []string // distinguishing terms, each once
	kinds    []string // terms and classes of all words outside the question
}

// learnTranslation learns from pairs by expectation maximisation of IBM's model 1 (Brown and others, 1993).
func learnTranslation(pairs []learntPair) *translation {
	type key struct{ q, s uint32 }
	ids := map[string]uint32{}
	var names []string
	id := func(s string) uint32 {
		n, ok := ids[s]
		if !ok {
			n = uint32(len(names))
			ids[s] = n
			names = append(names, s)
		}
		return n
	}
	type ip struct{ q, s []uint32 }
	var ps []ip
	for _, p := range pairs {
		var x ip
		for _, t := range p.question {
			x.q = append(x.q, id(t))
		}
		for _, t := range p.sentence {
			x.s = append(x.s, id(t))
		}
		if len(x.q) > 0 && len(x.s) > 0 {
			ps = append(ps, x)
		}
	}
	met := map[key]int{}
	t := map[key]float64{}
	var total []float64
	for round := range 5 {
		count := map[key]float64{}
		total = make([]float64, len(names))
		for _, p := range ps {
			for _, q := range p.q {
				z := 0.0
				for _, s := range p.s {
					v := 1.0
					if round > 0 {
						v = t[key{q, s}]
					}
					z += v
				}
				if z == 0 {
					continue
				}
				for _, s := range p.s {
					k := key{q, s}
					v := 1.0
					if round > 0 {
						v = t[k]
						if v == 0 {
							continue
						}
					} else {
						met[k]++
					}
					count[k] += v / z
					total[s] += v / z
				}
			}
		}
		t = make(map[key]float64, len(count))
		for k, c := range count {
			if met[k] > 1 || k.q == k.s {
				t[k] = c / (total[k.s] + .5)
			}
		}
	}
	out := &translation{of: map[string][]translated{}, kinds: map[string]*kindWeights{}}
	for k, p := range t {
		if k.q != k.s && p > .02 && met[k] >= 3 && total[k.s] >= 2 {
			out.of[names[k.q]] = append(out.of[names[k.q]], translated{names[k.s], float32(math.Round(p*1e3) / 1e3)})
		}
	}
	for _, list := range out.of {
		slices.SortFunc(list, func(a, b translated) int {
			return cmp.Or(cmp.Compare(b.p, a.p), strings.Compare(a.term, b.term))
		})
	}
	// Kinds: log of how much likelier a term is in the answer to a question of this kind than of any.
	var by [answerTypes]map[string]float64
	all := map[string]float64{}
	var n [answerTypes]float64
	nAll := 0.0
	for i := range by {
		by[i] = map[string]float64{}
	}
	for _, p := range pairs {
		for _, k := range p.kinds {
			by[p.typ][k]++
			all[k]++
		}
		n[p.typ] += float64(len(p.kinds))
		nAll += float64(len(p.kinds))
	}
	for i := range by {
		for k, c := range by[i] {
			if all[k] < 30 || n[i] < 500 {
				continue
			}
			base := all[k] / nAll
			v := math.Log((c + 20*base*n[i]/1000) / (n[i] + 20*n[i]/1000) / base)
			if math.Abs(v) > .1 && (c >= 8 || base*n[i] >= 8) {
				out.weigh(i, k, float32(math.Round(v*100)/100))
			}
		}
	}
	return out
}

// pairs gives the pairs of a base's questions with their gold facts.
func (b *trainBase) pairs() []learntPair {
	var out []learntPair
	if b.set == "squad1-heldout" {
		return nil // the same questions as squad1's
	}
	w := englishWords()
	for _, q := range b.questions {
		if !q.Answerable || len(q.Gold) == 0 {
			continue
		}
		f := b.facts.Fact(q.Gold[0])
		if f == nil {
			continue
		}
		r := w.read(q.Text, w.groupWord)
		p := learntPair{typ: r.typ}
		asked := map[string]bool{}
		for _, u := range r.units {
			p.question = append(p.question, u.term)
			asked[u.term] = true
		}
		seen := map[string]bool{}
		prev := token{}
		for i, t := range w.tokenize(f.Text, nil) {
			fl := flagsOf(t, prev, i == 0)
			prev = t
			if !t.stop && !seen[t.term] && !(t.num) {
				seen[t.term] = true
				p.sentence = append(p.sentence, t.term)
			}
			if asked[t.term] {
				continue
			}
			k := t.term
			for _, c := range wordClasses {
				if fl&c.flag != 0 {
					k = c.name
					break
				}
			}
			p.kinds = append(p.kinds, k)
		}
		out = append(out, p)
	}
	return out
}

// WriteTranslations learns from the answerable questions of the sets, and writes translations.txt.
func WriteTranslations(ctx context.Context, sets []TrainSet, out io.Writer) error {
	bases, err := readTrainSets(ctx, sets)
	if err != nil {
		return err
	}
	var pairs []learntPair
	for i := range bases {
		pairs = append(pairs, bases[i].pairs()...)
	}
	return learnTranslation(pairs).write(out, len(pairs))
}

func (t *translation) write(to io.Writer, pairs int) error {
	b := bufio.NewWriter(to)
	fmt.Fprintf(b, translationsNotice, pairs)
	for _, q := range slices.Sorted(maps.Keys(t.of)) {
		fmt.Fprintf(b, "%s:", q)
		for _, x := range t.of[q] {
			fmt.Fprintf(b, " %s %g", x.term, x.p)
		}
		b.WriteByte('\n')
	}
	words := slices.Sorted(maps.Keys(t.kinds))
	for kind, name := range answerTypeNames {
		opened := false
		for _, w := range words {
			if v := t.kinds[w][kind]; v != 0 {
				if !opened {
					fmt.Fprintf(b, "=%s:", name)
					opened = true
				}
				fmt.Fprintf(b, " %s %g", w, v)
			}
		}
		if opened {
			b.WriteByte('\n')
		}
	}
	return b.Flush()
}

const translationsNotice = `# What words of questions were learned to stand for in the sentences that answer them, as stems, made by "footnote train translations"
# from %d questions of squad1 and squad2-tune (SQuAD, CC BY-SA 4.0), selqa (Apache-2.0, text of Wikipedia) and qed-tune (QED over
# Natural Questions, CC BY-SA 3.0).
#   word: how likely a word of the answer brings it into the question (IBM model 1)
#   =kind: for each kind of answer asked for, how much likelier a word is in the answer than in any (natural logarithm)
`

// readTranslations reads translations.txt.
func readTranslations(text string) (*translation, error) {
	t := &translation{of: map[string][]translated{}, kinds: map[string]*kindWeights{}}
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		q, rest, _ := strings.Cut(line, ":")
		f := strings.Fields(rest)
		if len(f)%2 != 0 {
			return nil, fmt.Errorf("translations.txt:%d: a word without its weight", i+1)
		}
		kind := -1
		if strings.HasPrefix(q, "=") {
			if kind = slices.Index(answerTypeNames[:], q[1:]); kind < 0 {
				return nil, fmt.Errorf("translations.txt:%d: %q names no kind of answer", i+1, q)
			}
		}
		for ; len(f) > 0; f = f[2:] {
			p, err := strconv.ParseFloat(f[1], 32)
			if err != nil {
				return nil, fmt.Errorf("translations.txt:%d: %w", i+1, err)
			}
			if kind >= 0 {
				t.weigh(kind, f[0], float32(p))
			} else {
				t.of[q] = append(t.of[q], translated{f[0], float32(p)})
			}
		}
	}
	return t, nil
}
