package knowledge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
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
	bases := map[string]*Base{"article": article(t), "stations": many(t, 20)}
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
	offers := a.Kind == Near && len(a.Offers) > 0 || a.Kind == Choose && len(a.Offers) > 1
	if offers != (len(a.Offers) > 0) || len(a.Offers) > maxOffers || offers && a.Answered() {
		t.Errorf("%q: %s with %d offers", a.Question, a.Kind, len(a.Offers))
	}
	for i, o := range a.Offers {
		if b.Set().Fact(o.Fact.ID) != o.Fact || o.Fact.Status == Withdrawn || o.Question == "" || o.Confidence < 0 || o.Confidence > 1 ||
			slices.ContainsFunc(a.Offers[:i], func(p Offer) bool { return p.Fact == o.Fact }) {
			t.Errorf("%q: offer %d is %q with %v of %s", a.Question, i, o.Question, o.Confidence, o.Fact.ID)
		}
	}
	if a.Answered() == (a.Message != "" && len(a.Open) == 0) {
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
	for _, list := range []string{"sentences", "citations", "candidates", "offers", "uncovered", "suggestions"} {
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
	for name, b := range map[string]*Base{"article": article(t), "stations": many(t, 5)} {
		for _, q := range []string{"", "hello", "Where will the office be?"} {
			a, err := b.Ask(ctx, Question{Text: q})
			if !errors.Is(err, context.Canceled) || !reflect.DeepEqual(a, Answer{}) {
				t.Errorf("%s, %q: %v, %v", name, q, err, spoken(a))
			}
		}
	}
}

// Facts that differ in a name only are told apart by it: by their own words surely, and else the right one is among what is shown, never another said. The names are none
// that a language knows, which is the hardest.
func TestAlikeFacts(t *testing.T) {
	const n = 60
	b := many(t, n)
	ask := func(want, q string) Answer {
		a := answer(t, b, Question{Text: q})
		if got := shown(a); a.Answered() && got != want || !a.Answered() && !slices.Contains(strings.Fields(offered(a)), want) {
			t.Errorf("%s: %s, offers %s, want %s", q, got, offered(a), want)
		}
		return a
	}
	for i := 0; i < n; i += 13 {
		want := fmt.Sprintf("fact-%d", i)
		if a := ask(want, fmt.Sprintf("How old is the railway stop %s?", callSign(i))); !a.Answered() {
			t.Errorf("%s: %s for its own ask", want, a.Kind)
		}
		ask(want, fmt.Sprintf("railway stop %s how old is it", callSign(i)))
	}
	for i := 5; i < n; i += 13 { // a name that stands in an ask only
		ask(fmt.Sprintf("fact-%d", i), "what halt is called "+callSign(i+2_000_000)+" by locals")
	}
	if a := answer(t, b, Question{Text: "How old is the railway stop Xyzzyplugh?"}); a.Answered() {
		t.Errorf("a stop there isn't: %s", spoken(a))
	}
}

// Many may ask and complete at once (run with -race); reloading meanwhile is TestReload's.
func TestAskAtOnce(t *testing.T) {
	b := many(t, 10)
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for i := range 10 {
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
	for name, base := range map[string]*Base{"article": article(b), "stations": many(b, 50)} {
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
