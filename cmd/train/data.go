package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing/fstest"

	"footnote/knowledge"
	"footnote/knowledge/rank"

	"golang.org/x/sync/errgroup"
)

// An example is the evidence for one question.
type example struct {
	base, variant string
	question      string
	voice         string
	table         *rank.Table
	docs          []group
	meaning       []float32
	weight        float64
	answerable    bool
	far           bool // and not about what the facts talk of at all
	english       bool
}

// A group is the rows of one fact.
type group struct {
	from, to int
	gold     bool
}

// data is the examples, by part.
type data struct {
	train, tune []*example
	provenance  string
	read        rank.Reads
}

// A question is a line of a questions.jsonl.
type question struct {
	ID         string   `json:"id"`
	Base       string   `json:"base"`
	Text       string   `json:"question"`
	History    []string `json:"history"`
	Gold       []string `json:"gold"`
	Answerable bool     `json:"answerable"`
	Voice      string   `json:"voice"`
}

func readQuestions(path string) ([]question, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []question
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, q)
	}
	return out, in.Err()
}

// variants are bases as busy moderators may leave them, as score.py has it: with asks on no fact, on the first that has some, on every fourth of those, on all.
var variants = []struct {
	name string
	keep func(n int) bool
}{
	{"none", func(int) bool { return false }},
	{"one", func(n int) bool { return n == 0 }},
	{"quarter", func(n int) bool { return n%4 == 0 }},
	{"all", func(int) bool { return true }},
}

var (
	asksLine = regexp.MustCompile(`^\s+asks:`)
	anyAsks  = regexp.MustCompile(`^\s+(asks|not_asks):`)
	listItem = regexp.MustCompile(`^(\s{6,}\S|\s+-\s+[^i])`)
	keyLine  = regexp.MustCompile(`^\s*\w+:`)
)

// thin leaves a fact file the asks of those facts for which keep(n) holds, n counting the facts that have some.
func thin(text string, keep func(n int) bool) string {
	var out strings.Builder
	n, drop := -1, false
	for line := range strings.Lines(text) {
		if asksLine.MatchString(line) {
			n++
		}
		switch {
		case anyAsks.MatchString(line):
			if drop = !keep(n); drop {
				continue
			}
		case drop && listItem.MatchString(line) && !keyLine.MatchString(line):
			continue
		default:
			drop = false
		}
		out.WriteString(line)
	}
	return out.String()
}

// splits names the bases of the tune and the test part; all others are for training. The encoders were tuned on some of these: there question and fact lie nearer to each
// other than they do in a base nobody has seen, so those weigh less.
type splits struct {
	Encoders []string `json:"encoders"`
	Tune     []string `json:"tune"`
	Test     []string `json:"test"`
}

// gather makes the examples.
func gather(ctx context.Context, o options) (*data, error) {
	var s splits
	text, err := os.ReadFile(filepath.Join(o.fresh, "splits.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	dirs, err := filepath.Glob(filepath.Join(o.fresh, "*", "questions.jsonl"))
	if err != nil {
		return nil, err
	}
	slices.Sort(dirs)
	d := &data{}
	if len(dirs) == 0 {
		return nil, fmt.Errorf("no bases in %s", o.fresh)
	}
	if o.like, err = open(ctx, o, os.DirFS(filepath.Dir(dirs[0]))); err != nil { // any will do
		return nil, err
	}
	d.read = o.like.Reads // which needs no more than the weights: it may be closed
	defer o.like.Close()
	all := map[string][]question{}
	var train, tune []string
	for _, path := range dirs {
		name := filepath.Base(filepath.Dir(path))
		if slices.Contains(s.Test, name) {
			continue
		}
		if all[name], err = readQuestions(path); err != nil {
			return nil, err
		}
		if slices.Contains(s.Tune, name) {
			tune = append(tune, name)
		} else {
			train = append(train, name)
		}
	}
	train = slices.DeleteFunc(train, func(name string) bool {
		return o.seen == 0 && slices.Contains(s.Encoders, name) || slices.Contains(strings.Split(o.skip, ","), name)
	})
	if o.model != "" {
		train, o.qa = nil, ""
	}
	if o.bases > 0 { // spread over the list by a hash, so that each language is there
		slices.SortFunc(train, func(a, b string) int { return int(int64(hashOf(a)>>1) - int64(hashOf(b)>>1)) })
		train = train[:min(o.bases, len(train))]
		slices.Sort(train)
	}
	for _, name := range train {
		ex, err := freshExamples(ctx, o, name, all[name], strangers(name, all, train, 14), true)
		if err != nil {
			return nil, err
		}
		if slices.Contains(s.Encoders, name) {
			for _, e := range ex {
				e.weight *= o.seen
			}
		}
		d.train = append(d.train, ex...)
	}
	for _, name := range tune {
		ex, err := freshExamples(ctx, o, name, all[name], nil, false)
		if err != nil {
			return nil, err
		}
		d.tune = append(d.tune, ex...)
	}
	sets := 0
	if o.qa != "" {
		for _, set := range []struct {
			name   string
			most   int
			weight float64
		}{{"squad1", 500, 1.5}, {"squad2-tune", 400, 1.5}, {"selqa", 300, 1}, {"qed-tune", 200, 1}} {
			ex, err := setExamples(ctx, o, set.name, set.most, set.weight)
			if err != nil {
				return nil, err
			}
			d.train = append(d.train, ex...)
			sets++
			fmt.Fprintf(os.Stderr, "%s: %d examples\n", set.name, len(ex))
		}
	}
	d.provenance = fmt.Sprintf("cmd/train: %d fresh bases (%d to tune), %d examples; %d public sets", len(train), len(tune), len(d.train), sets)
	return d, nil
}

func hashOf(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// languageOf is the language in a base's name.
func languageOf(name string) string {
	if i := strings.LastIndexByte(name, '-'); i >= 0 && len(name)-i == 3 {
		return name[i+1:]
	}
	return "en"
}

// strangers picks questions of other bases in the same language, which no fact of this one answers.
func strangers(name string, all map[string][]question, from []string, n int) []question {
	r := rand.New(rand.NewPCG(hashOf(name), 1))
	var pool []question
	for _, other := range from {
		if other != name && languageOf(other) == languageOf(name) {
			for _, q := range all[other] {
				if q.Answerable && len(q.History) == 0 {
					pool = append(pool, q)
				}
			}
		}
	}
	var out []question
	for range min(n, len(pool)) {
		q := pool[r.IntN(len(pool))]
		out = append(out, question{ID: "x", Text: q.Text, Voice: "stranger"})
	}
	return out
}

// freshExamples makes the examples of a fresh base, each question once a variant. In training some questions follow one that has nothing to do with them, as in a chat that
// changes the subject.
func freshExamples(ctx context.Context, o options, name string, qs, more []question, train bool) ([]*example, error) {
	text, err := os.ReadFile(filepath.Join(o.fresh, name, "facts.yaml"))
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(hashOf(name), 2))
	ask := slices.Concat(qs, more)
	if train {
		for i := range ask {
			if q := &ask[i]; len(q.History) == 0 && r.Float64() < .1 {
				q.History = []string{qs[r.IntN(len(qs))].Text}
			}
		}
	}
	var out []*example
	for _, v := range variants {
		base, err := open(ctx, o, fstest.MapFS{"facts.yaml": {Data: []byte(thin(string(text), v.keep))}})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		ex, err := examples(ctx, base, ask, name, v.name, train)
		if err := errors.Join(err, base.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, ex...)
	}
	for _, e := range out {
		e.weight = 1 / float64(len(out))
		if e.voice == "stranger" {
			e.weight /= 2
		}
	}
	return out, nil
}

func open(ctx context.Context, o options, fsys fs.FS) (*knowledge.Base, error) {
	base, problems, err := knowledge.OpenWith(ctx, fsys, knowledge.OpenOptions{Cache: o.cache, KeepQuestions: o.cache != "", Like: o.like})
	if err != nil {
		return nil, err
	}
	if knowledge.HasErrors(problems) {
		return nil, &knowledge.ProblemsError{Problems: problems}
	}
	return base, nil
}

// examples gathers the evidence for each of the questions.
func examples(ctx context.Context, base *knowledge.Base, qs []question, name, variant string, train bool) ([]*example, error) {
	out := make([]*example, len(qs))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, q := range qs {
		g.Go(func() error {
			t, facts, err := base.Evidence(ctx, knowledge.Question{Text: q.Text, History: q.History})
			if err != nil || t == nil {
				return err
			}
			e := &example{base: name, variant: variant, question: q.Text, voice: q.Voice, table: t, answerable: q.Answerable, far: !q.Answerable && slices.Contains(far, q.Voice), english: t.English()}
			e.meaning = make([]float32, meaningSize)
			t.Meaning(e.meaning)
			for k := 0; k < len(t.Rows); {
				n := k
				for n < len(t.Rows) && t.Rows[n].Doc == t.Rows[k].Doc {
					n++
				}
				e.docs = append(e.docs, group{k, n, slices.Contains(q.Gold, facts[t.Rows[k].Doc].ID)})
				k = n
			}
			if train {
				e.shrink()
			}
			out[i] = e
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(out, func(e *example) bool { return e == nil }), nil
}

// setExamples makes the examples of a public question set, at most so many, of all its bases; in all they weigh as many fresh bases.
func setExamples(ctx context.Context, o options, set string, most int, weight float64) ([]*example, error) {
	dir := filepath.Join(o.qa, set)
	qs, err := readQuestions(filepath.Join(dir, "questions.jsonl"))
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(hashOf(set), 3))
	r.Shuffle(len(qs), func(i, k int) { qs[i], qs[k] = qs[k], qs[i] })
	by := map[string][]question{}
	for _, q := range qs[:min(most, len(qs))] {
		by[q.Base] = append(by[q.Base], q)
	}
	var out []*example
	for _, name := range slices.Sorted(maps.Keys(by)) {
		base, err := open(ctx, o, os.DirFS(filepath.Join(dir, "bases", name)))
		if err != nil {
			return nil, fmt.Errorf("%s/%s: %w", set, name, err)
		}
		ex, err := examples(ctx, base, by[name], set, "none", true)
		if err := errors.Join(err, base.Close()); err != nil {
			return nil, fmt.Errorf("%s/%s: %w", set, name, err)
		}
		out = append(out, ex...)
	}
	for _, e := range out {
		e.weight = weight / float64(len(out))
	}
	return out, nil
}
