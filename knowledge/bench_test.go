package knowledge

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/facts"
)

// The benchmarks stand beside plain bleve in the same run, so that their bars are multiples and hold on any machine:
//
//	go test ./knowledge -run '^$' -bench 'Ask|Start|Change'
//
// One may pick a size: -bench 'Ask/140000'. Above benchEncoded, vectors are made up: encoding 140,000 sentences takes an hour of two cores, and how long a
// question takes does not depend on what the vectors are.
var benchSizes = []int{50, 2_000, 140_000}

const benchEncoded = 2_000

// A sample is sentences with the sections they stand in, and questions about them.
type sample struct {
	sentences []sampled
	questions []string
}

type sampled struct {
	title, text string
	paragraph   int
}

// newSample gives n sentences and questions about them, from the public question sets where they stand beside the project, else made up.
// There are some 30,000 sentences in the sets; beyond that, the first half of one is joined to the second half of another, and every
// third name is changed, so that the words are as many and as unevenly spread as in a text of that length.
func newSample(tb testing.TB, n int) sample {
	tb.Helper()
	var s sample
	for _, set := range []string{"squad1", "selqa", "squad2-tune", "qed-tune"} {
		dir := filepath.Join("..", "..", "shared", "qa", set)
		bases, err := os.ReadDir(filepath.Join(dir, "bases"))
		if err != nil {
			continue
		}
		for _, d := range bases {
			got, problems, err := Load(context.Background(), os.DirFS(filepath.Join(dir, "bases", d.Name())))
			if err != nil || HasErrors(problems) {
				tb.Fatal(d.Name(), err, problems)
			}
			for _, f := range got.Facts {
				s.sentences = append(s.sentences, sampled{f.Cites[0].Section, f.Text, f.Cites[0].Paragraph})
			}
			if len(s.sentences) >= n {
				break
			}
		}
		questions, err := ReadQuestions(os.DirFS(dir))
		if err != nil {
			tb.Fatal(err)
		}
		for i := 0; i < len(questions); i += 7 {
			s.questions = append(s.questions, questions[i].Text)
		}
		if len(s.sentences) >= n {
			break
		}
	}
	if s.questions == nil {
		s = madeUp()
	}
	whole := s.sentences
	for i := 0; len(s.sentences) < n; i++ {
		a, b := whole[i%len(whole)], whole[(i*31+7)%len(whole)]
		x, y := strings.Fields(a.text), strings.Fields(b.text)
		words := append(slices.Clone(x[:len(x)/2]), y[len(y)/2:]...)
		for k, w := range words {
			if k > 0 && w[0] >= 'A' && w[0] <= 'Z' && (i+k)%3 == 0 {
				words[k] = w + string(rune('a'+i/len(whole))) + "o"
			}
		}
		text := strings.Join(words, " ")
		if len(text) > MaxText/2 {
			text = strings.ToValidUTF8(text[:MaxText/2], "")
		}
		s.sentences = append(s.sentences, sampled{a.title, strings.TrimSpace(text), a.paragraph + 1000*(1+i/len(whole))})
	}
	s.sentences = s.sentences[:n]
	return s
}

// madeUp is a sample for those who don't have the question sets.
func madeUp() sample {
	var s sample
	syllables := strings.Fields("ba ke lo mi nu ra se ti vo ze dar fen gol hir jun")
	word := func(i int) string {
		w := ""
		for i++; i > 0; i /= len(syllables) {
			w += syllables[i%len(syllables)]
		}
		return w
	}
	for i := range 30_000 {
		var words []string
		for k := range 22 {
			// The k-th word comes of some 3^k/2 there are, so that a few are in every sentence and most in a few.
			n := min(60_000, 3<<(k/2))
			words = append(words, word((i*7919+k*104729+i*i%977)%n))
		}
		s.sentences = append(s.sentences, sampled{"Section " + word(i/40), strings.Join(words, " ") + ".", i / 5})
		if i%9 == 0 {
			s.questions = append(s.questions, "What is the "+words[19]+" of the "+words[13]+" in "+words[21]+"?")
		}
	}
	return s
}

// write writes the sentences as fact files below a new folder.
func (s sample) write(tb testing.TB, files int) string {
	tb.Helper()
	dir := tb.TempDir()
	each := (len(s.sentences) + files - 1) / files
	for i := range files {
		part := s.sentences[min(i*each, len(s.sentences)):min((i+1)*each, len(s.sentences))]
		if len(part) == 0 {
			break
		}
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%04d.yaml", i)))
		if err != nil {
			tb.Fatal(err)
		}
		w := bufio.NewWriter(f)
		fmt.Fprintf(w, "sources:\n  text: {title: Sample %d}\nfacts:\n", i)
		for k, x := range part {
			text, err1 := json.Marshal(x.text)
			title, err2 := json.Marshal(x.title)
			if err1 != nil || err2 != nil {
				tb.Fatal(err1, err2)
			}
			unescape := strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">")
			fmt.Fprintf(w, "- {\"id\": \"f%d-%d\", \"text\": %s, \"cite\": [{\"paragraph\": %d, \"section\": %s}]}\n", i, k, unescape.Replace(string(text)), x.paragraph, unescape.Replace(string(title)))
		}
		if err := w.Flush(); err != nil {
			tb.Fatal(err)
		}
		if err := f.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

func benchOpen(b *testing.B, fsys fs.FS, o OpenOptions) *Base {
	b.Helper()
	base, problems, err := OpenWith(context.Background(), fsys, o)
	if err != nil || HasErrors(problems) {
		b.Fatal(err, problems)
	}
	return base
}

// benchOptions are for a base of n facts in a folder: with vectors where they are made up.
func benchOptions(b *testing.B, n int, dir string) OpenOptions {
	if n <= benchEncoded {
		return OpenOptions{}
	}
	vectors, err := madeUpVectors(os.DirFS(dir))
	if err != nil {
		b.Fatal(err)
	}
	return OpenOptions{Vectors: vectors}
}

// times collects how long questions took.
type times []time.Duration

func (t *times) of(do func()) {
	start := time.Now()
	do()
	*t = append(*t, time.Since(start))
}

func (t times) at(q float64) float64 {
	slices.Sort(t)
	return float64(quantile(t, q)) / float64(time.Millisecond)
}

// BenchmarkAsk asks each question of the base, then of plain bleve, and tells the times of both, and Footnote's as a multiple.
func BenchmarkAsk(b *testing.B) {
	for _, n := range benchSizes {
		s := newSample(b, n)
		dir := s.write(b, 1)
		base := benchOpen(b, os.DirFS(dir), benchOptions(b, n, dir))
		plain, err := NewPlain(context.Background(), base.Set().Facts)
		if err != nil {
			b.Fatal(err)
		}
		both := func(b *testing.B, askBase, askPlain bool) {
			var ours, theirs times
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				q := s.questions[i*17%len(s.questions)]
				if askBase {
					ours.of(func() {
						if _, err := base.Ask(context.Background(), Question{Text: q}); err != nil {
							b.Fatal(err)
						}
					})
				}
				if askPlain {
					theirs.of(func() {
						if _, err := plain.Search(context.Background(), q, EvalDepth); err != nil {
							b.Fatal(err)
						}
					})
				}
			}
			if askBase && askPlain {
				b.ReportMetric(ours.at(.5), "ms-median")
				b.ReportMetric(ours.at(.99), "ms-p99")
				b.ReportMetric(theirs.at(.5), "plain-ms-median")
				b.ReportMetric(theirs.at(.99), "plain-ms-p99")
				b.ReportMetric(ours.at(.5)/theirs.at(.5), "x-median")
				b.ReportMetric(ours.at(.99)/theirs.at(.99), "x-p99")
			}
		}
		b.Run(fmt.Sprintf("%d/both", n), func(b *testing.B) { both(b, true, true) })
		b.Run(fmt.Sprintf("%d/footnote", n), func(b *testing.B) { both(b, true, false) })
		b.Run(fmt.Sprintf("%d/plain", n), func(b *testing.B) { both(b, false, true) })
		base.Close()
		plain.Close()
	}
}

// BenchmarkAskArticle asks the trials of the built-in facts.
func BenchmarkAskArticle(b *testing.B) {
	base := benchOpen(b, facts.FS, OpenOptions{Vectors: facts.Vectors})
	defer base.Close()
	trials := base.Set().Trials
	var took times
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		took.of(func() {
			if _, err := base.Ask(context.Background(), Question{Text: trials[i%len(trials)].Ask}); err != nil {
				b.Fatal(err)
			}
		})
	}
	b.ReportMetric(took.at(.5), "ms-median")
	b.ReportMetric(took.at(.99), "ms-p99")
}

// BenchmarkStart opens a base, cold where its vectors are made, and warm by what is kept in the cache.
func BenchmarkStart(b *testing.B) {
	for _, n := range benchSizes {
		s := newSample(b, n)
		for _, files := range []int{1, 500} {
			if files > n {
				continue
			}
			dir := s.write(b, files)
			if n <= benchEncoded {
				b.Run(fmt.Sprintf("%d/%d-files/cold", n, files), func(b *testing.B) {
					var heap float64
					for b.Loop() {
						before := heapNow()
						base := benchOpen(b, os.DirFS(dir), OpenOptions{})
						b.StopTimer()
						heap = heapNow() - before
						base.Close()
						b.StartTimer()
					}
					b.ReportMetric(heap/1e6, "MB-heap")
				})
			}
			b.Run(fmt.Sprintf("%d/%d-files/warm", n, files), func(b *testing.B) {
				o := benchOptions(b, n, dir)
				o.Cache, o.Warn = b.TempDir(), func(err error) { b.Fatal(err) }
				var heap float64
				var took times
				open := func() *Base {
					base, problems, err := OpenWith(context.Background(), os.DirFS(dir), o)
					if err != nil || HasErrors(problems) {
						b.Fatal(err, problems)
					}
					return base
				}
				open().Close()
				for b.Loop() {
					b.StopTimer()
					before := heapNow()
					b.StartTimer()
					var base *Base
					took.of(func() { base = open() })
					b.StopTimer()
					heap = heapNow() - before
					base.Close()
					b.StartTimer()
				}
				b.ReportMetric(took.at(.5), "ms-median")
				b.ReportMetric(heap/1e6, "MB-heap")
			})
		}
	}
}

func heapNow() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// BenchmarkChange changes one fact, reloads, and asks for it until the new text answers.
func BenchmarkChange(b *testing.B) {
	for _, n := range benchSizes {
		s := newSample(b, n)
		for _, files := range []int{1, 500} {
			if files > n {
				continue
			}
			b.Run(fmt.Sprintf("%d/%d-files", n, files), func(b *testing.B) {
				dir := s.write(b, files)
				base := benchOpen(b, os.DirFS(dir), benchOptions(b, n, dir))
				defer base.Close()
				path := filepath.Join(dir, fmt.Sprintf("%04d.yaml", files/2))
				text, err := os.ReadFile(path)
				if err != nil {
					b.Fatal(err)
				}
				lines := strings.SplitAfter(string(text), "\n")
				var took times
				for i := 0; b.Loop(); i++ {
					b.StopTimer()
					at := 3 + (i*7919+len(lines)/2)%(len(lines)-4)
					was := lines[at]
					lines[at] = fmt.Sprintf("- {id: changed-%d, text: The lighthouse of Port Example Number %d has %d lamps., cite: [{paragraph: 1}]}\n", i, i, 70+i)
					if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644); err != nil {
						b.Fatal(err)
					}
					lines[at] = was
					runtime.GC()
					b.StartTimer()
					took.of(func() {
						if _, changed, problems, err := base.Reload(context.Background()); err != nil || !changed || HasErrors(problems) {
							b.Fatal(changed, problems, err)
						}
						a, err := base.Ask(context.Background(), Question{Text: fmt.Sprintf("How many lamps has the lighthouse of Port Example Number %d?", i), Candidates: 1})
						if err != nil || len(a.Candidates) == 0 || a.Candidates[0].Fact.ID != fmt.Sprintf("changed-%d", i) {
							b.Fatal(a.Message, err)
						}
					})
				}
				b.ReportMetric(took.at(.5), "ms-median")
				b.ReportMetric(took.at(1), "ms-worst")
			})
		}
	}
}
