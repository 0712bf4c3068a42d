package knowledge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// oddInputs are questions nobody should ask, by what is odd about them.
var oddInputs = map[string]string{
	"empty":            "",
	"only stop words":  "what is the of it to a",
	"only punctuation": "?!... --- “”",
	"control":          "where\x00 is\x1b[31m the\x7f office\r\n?",
	"invalid UTF-8":    "wh\xffere is \xc3\x28 the office \xf0\x9f",
	"right to left":    "אין המשרד של נאט״ו? أين سيكون المكتب؟",
	"emoji":            "🏢🗾❓ where office 👩‍👩‍👧‍👦",
	"zero width":       "wh\u200bere is the of\u200dfice\ufeff\u202e",
	"combining":        "o" + strings.Repeat("\u0301", 5000),
	"only names":       "Jens Stoltenberg Fumio Kishida Tokyo Beijing Zanzibar",
	"1 MB of words":    strings.Repeat("where is the office in Tokyo? ", 1<<20/30),
	"100 KB of words":  manyWords(10_000),
	"a word of 100 KB": strings.Repeat("abcdefghij", 10_000),
	"100 KB of é":      strings.Repeat("é", 50_000),
	"stars":            strings.Repeat("**", 50_000),
	"backticks":        strings.Repeat("```", 33_000),
	"brackets":         strings.Repeat("<@", 50_000),
	"brackets, masked": strings.Repeat("[a](", 25_000),
	"slashes":          strings.Repeat("http://", 15_000),
	"questions":        strings.Repeat("why? ", 20_000),
	"dots":             strings.Repeat("U.S.", 25_000),
	"commas":           strings.Repeat("1,", 50_000),
}

// manyWords gives n different words that English doesn't have.
func manyWords(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(callSign(i + 1_000_000))
		b.WriteByte(' ')
	}
	return b.String()
}

func TestOddInput(t *testing.T) {
	bases := map[string]*Base{"article": article(t), "large": large(t, smallBase+1)}
	for name, b := range bases {
		for odd, q := range oddInputs {
			a, err := b.Ask(t.Context(), Question{Text: q, History: []string{q, "Where will the office be?"}, Candidates: 3, Explain: true})
			if err != nil {
				t.Errorf("%s, %s: %v", name, odd, err)
				continue
			}
			sound(t, b, a)
			switch odd {
			case "empty", "only punctuation", "stars", "backticks":
				if a.Kind != Unreadable || a.Message == "" {
					t.Errorf("%s, %s: %s %q, want unreadable and a word why", name, odd, a.Kind, a.Message)
				}
			case "only stop words", "only names", "100 KB of words", "a word of 100 KB", "100 KB of é", "combining":
				if a.Answered() {
					t.Errorf("%s, %s: answered %s", name, odd, spoken(a))
				}
			}
		}
	}
}

func article(t testing.TB) *Base {
	t.Helper()
	b, _, err := Open(t.Context(), os.DirFS("../facts"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// sound fails unless the answer keeps what is promised of any answer.
func sound(t testing.TB, b *Base, a Answer) {
	t.Helper()
	cited := map[int]bool{}
	for _, s := range a.Sentences() {
		f := b.Set().Fact(s.Fact.ID)
		if f == nil || f.Text != s.Fact.Text || f.Status == Withdrawn {
			t.Errorf("%q: says %q, which no fact in use states", a.Question, s.Fact.Text)
		}
		if len(s.Cites) == 0 {
			t.Errorf("%q: says %q without a source", a.Question, s.Fact.Text)
		}
		for _, n := range s.Cites {
			if n < 1 || n > len(a.Citations()) || a.Citations()[n-1].N != n || a.Citations()[n-1].Cite.Source == nil {
				t.Errorf("%q: [%d] leads nowhere", a.Question, n)
			}
			cited[n] = true
		}
	}
	if len(cited) != len(a.Citations()) {
		t.Errorf("%q: %d citations for %d numbers", a.Question, len(a.Citations()), len(cited))
	}
	if len(a.Sentences()) > maxSentences || a.Confidence < 0 || a.Confidence > 1 || a.Confidence != a.Confidence {
		t.Errorf("%q: %d sentences, confidence %v", a.Question, len(a.Sentences()), a.Confidence)
	}
	if a.Answered() == (a.Message != "") {
		t.Errorf("%q: answered %v with the message %q", a.Question, a.Answered(), a.Message)
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Errorf("%q: %v", a.Question, err)
		return
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Errorf("%q: %v", a.Question, err)
	}
	for _, list := range []string{"sentences", "citations", "candidates", "uncovered", "suggestions"} {
		if _, ok := got[list].([]any); !ok {
			t.Errorf("%q: %s is %v, want a list", a.Question, list, got[list])
		}
	}
	if strings.Contains(string(text), ":null") {
		t.Errorf("%q: null in %s", a.Question, text)
	}
	if (got["declined"] == "") != a.Answered() || got["answered"] != a.Answered() {
		t.Errorf("%q: %s", a.Question, text)
	}
}

// The same question has the same answer, from the same base and from another of the same files, whatever the question.
func FuzzAsk(f *testing.F) {
	one, two := article(f), article(f)
	for _, q := range oddInputs {
		if len(q) < 300 {
			f.Add(q, "")
		}
	}
	for _, q := range []string{"Where will the office be?", "what about 2022", "who is stoltenberg and where will it be?", "hi", "tl;dr", "and when?", "<@123> **which** ||city|| <:nato:1>"} {
		f.Add(q, "Why does China object?")
	}
	f.Fuzz(func(t *testing.T, text, before string) {
		q := Question{Text: text, Candidates: 5, Explain: true}
		if before != "" {
			q.History = []string{before}
		}
		first, err := one.Ask(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		sound(t, one, first)
		for _, b := range []*Base{one, two} {
			again, err := b.Ask(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			a, _ := json.Marshal(first)
			b, _ := json.Marshal(again)
			if string(a) != string(b) {
				t.Errorf("%q: first\n%s\nthen\n%s", text, a, b)
			}
		}
		one.Suggest(text, 5)
	})
}

func TestAskCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, b := range map[string]*Base{"article": article(t), "large": large(t, smallBase+1)} {
		for _, q := range []string{"", "hello", "Where will the office be?"} {
			a, err := b.Ask(ctx, Question{Text: q})
			if !errors.Is(err, context.Canceled) || !reflect.DeepEqual(a, Answer{}) {
				t.Errorf("%s, %q: %v, %v", name, q, err, spoken(a))
			}
		}
	}
}

// A base too large to score every fact finds what only an ask says, and may be closed and asked at once.
func TestLargeBase(t *testing.T) {
	b := large(t, 2*smallBase)
	for i := 0; i < 2*smallBase; i += 97 {
		want := fmt.Sprintf("fact-%d", i)
		for _, q := range []string{"How old is the railway stop %s?", "railway stop %s how old is it", "When was station %s built?"} {
			if got := said(t, b, fmt.Sprintf(q, callSign(i))); got != want {
				t.Errorf(q+": %s, want %s", callSign(i), got, want)
			}
		}
	}
	for i := 5; i < 2*smallBase; i += 97 { // a name that stands in an ask only
		if got, want := said(t, b, "what halt is called "+callSign(i+2_000_000)+" by locals"), fmt.Sprintf("fact-%d", i); got != want {
			t.Errorf("%s: %s, want %s", callSign(i+2_000_000), got, want)
		}
	}
	if got := said(t, b, "How old is the railway stop Xyzzyplugh?"); got != "declined" {
		t.Errorf("a stop there isn't: %s", got)
	}
}

// Many may ask and complete at once (run with -race); reloading meanwhile is TestReload's.
func TestAskAtOnce(t *testing.T) {
	b := large(t, smallBase+1)
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for i := range 25 {
				q := fmt.Sprintf("How old is the railway stop %s?", callSign(i))
				if got := said(t, b, q); got != fmt.Sprintf("fact-%d", i) {
					t.Errorf("%s %s", q, got)
				}
				b.Suggest(callSign(i)[:3], 5)
			}
		})
	}
	asking.Wait()
}

func BenchmarkOdd(b *testing.B) {
	for name, base := range map[string]*Base{"article": article(b), "large": large(b, 20_000)} {
		for _, odd := range []string{"1 MB of words", "100 KB of words", "a word of 100 KB", "100 KB of é", "combining", "backticks", "brackets", "slashes", "questions", "dots", "commas"} {
			b.Run(name+"/"+odd, func(b *testing.B) {
				for b.Loop() {
					if _, err := base.Ask(b.Context(), Question{Text: oddInputs[odd]}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
