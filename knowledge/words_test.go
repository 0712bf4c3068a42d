package knowledge

import (
	"slices"
	"strings"
	"testing"
)

func TestLists(t *testing.T) {
	w, err := readWords(wordsText)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.same) < 300 || len(w.freq) < 10_000 || len(w.stop) < 100 || len(wordnet()) < 5000 {
		t.Errorf("%d groups, %d frequencies, %d stop words, %d words of WordNet: lists are cut off", len(w.same), len(w.freq), len(w.stop), len(wordnet()))
	}
	if _, err := readModel(modelText); err != nil {
		t.Error(err)
	}
	for _, g := range w.same {
		for _, a := range g.same {
			for _, b := range g.same {
				if slices.Contains(w.confused[a.term], b.term) {
					t.Errorf("%q and %q are both the same and confused", a.term, b.term)
				}
			}
		}
	}
	kind := map[string]string{}
	section := ""
	for line := range strings.Lines(wordsText) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		if line[0] == '[' {
			section = strings.Trim(line, "[]")
			continue
		}
		switch section {
		case "greeting", "thanks", "help", "overview":
			for x := range strings.SplitSeq(line, ",") {
				key := strings.Join(w.foldedPhrase(x), " ")
				if was := kind[key]; was != "" && was != section && key != "" {
					t.Errorf("%q is both %s and %s", key, was, section)
				}
				kind[key] = section
			}
		}
	}
}

func TestReadWordsRefuses(t *testing.T) {
	for _, text := range []string{"[nonsense]\nx", "[slang]\nno sign", "[soft]\nno sign", "[soft]\ncolour = red", "word before any section"} {
		if _, err := readWords(text); err == nil || !strings.Contains(err.Error(), "words.txt:") {
			t.Errorf("%q: %v, want an error that names the line", text, err)
		}
	}
}

func TestTokenize(t *testing.T) {
	for _, c := range []struct{ text, want string }{ // the terms, joined by a space
		{"Café Ångström naïve", "cafe angstrom naiv"},
		{"Müller Łódź Øre straße", "muller lodz ore strass"},
		{"NATO's Japan’s the students' guide", "nato japan the student guid"},
		{"two of twelve hundred", "2 of 12 100"},
		{"the U.S. and the US, and us", "the usa and the usa and us"},
		{"U.S.A. USA", "usa usa"},
		{"69,197 2.5 1,000,000", "69197 2.5 1000000"},
		{"31st 2nd 3rd 4th", "31 2 3 4"},
		{"1, 2,x", "1 2 x"},
		{"well-known twenty-first", "well known 20 first"},
		{"“Hello” ‘there’", "hello there"},
		{"don't don’t", "dont dont"},
		{"end.Then", "end then"},
		{"a\xffb", "a b"},
		{"שלום עולם", "שלום עולם"},
		{"東京", "東京"},
		{"🏢 office", "offic"},
		{"", ""},
		{"'s . , '", "s"},
	} {
		var got []string
		for _, k := range englishWords().tokenize(c.text, nil) {
			got = append(got, k.term)
			if !strings.HasPrefix(c.text[k.start:], k.raw) {
				t.Errorf("%q: %q isn't at %d", c.text, k.raw, k.start)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q: %q, want %q", c.text, s, c.want)
		}
	}
}

func TestRead(t *testing.T) {
	w := englishWords()
	for _, c := range []struct{ text, units, typ string }{
		{"<@123> <@!4> <#1> <:emoji:1> <a:wave:2> </ask:3> <t:1700:R> harbour", "harbour", "what"},
		{"Where is the **harbour**?", "harbour", "where"},
		{"who built the ||harbour||", "built harbour", "who"},
		{"who dug ~~it~~ the __harbour__", "dug harbour", "who"},
		{"when ```go\nfunc main() {}\n``` harbour", "harbour", "when"},
		{"when harbour ```never closed", "harbour", "when"},
		{"[harbour](https://example.org/x?y=z)", "harbour", "what"},
		{"see https://example.org/a_b and HTTP://EXAMPLE.ORG harbour", "harbour", "what"},
		{"wh\u200bere is the har\u00adbour", "harbour", "where"},
		{"how many docks does the harbour have", "dock harbour", "howmany"},
		{"how much did the harbour cost", "harbour cost", "money"},
		{"why was the harbour dug", "harbour dug", "why"},
		{"is the harbour deep?", "harbour deep", "yesno"},
		{"hey, can you please tell me who owns the harbour? thanks", "own harbour", "who"},
		{"wheres the harbour", "harbour", "where"},
		{"who r the owners of teh harbour", "owner harbour", "who"},
		{"talkin harbours", "talk harbour", "what"},
	} {
		r := w.read(c.text, w.groupWord)
		var got []string
		for _, u := range r.units {
			if !u.filler { // which counts only where the facts know it
				got = append(got, u.term)
			}
		}
		if s := strings.Join(got, " "); s != c.units || answerTypeNames[r.typ] != c.typ {
			t.Errorf("%q: %q asks %s, want %q asks %s", c.text, s, answerTypeNames[r.typ], c.units, c.typ)
		}
	}
}

func TestKinds(t *testing.T) {
	w := englishWords()
	for kind, messages := range map[Kind][]string{
		Greeting: {"hi", "Hello!", "hey there", "good morning", "HELLO ???", "hi 👋", "<@123> hi", "yo"},
		Thanks:   {"thanks", "thank you!", "ty", "thx", "thanks a lot", "cheers"},
		Help:     {"help", "Help!", "who are you?", "what can you do", "how do I use this?", "hi, what can you do?", "are you a bot"},
		Overview: {"what is this about?", "tl;dr", "tldr", "summary", "give me an overview", "what's this about", "summarize it"},
		Answered: {"hello harbour", "who is the mayor", "help the harbour", "thanks to whom was it dug?", "what is this harbour about", "why"},
	} {
		for _, m := range messages {
			if r := w.read(m, w.groupWord); r.kind != kind {
				t.Errorf("%q: %s, want %s", m, r.kind, kind)
			}
		}
	}
}

func TestLeansAndParts(t *testing.T) {
	w := englishWords()
	for q, want := range map[string]bool{
		"and when?": true, "when?": true, "what about China?": true, "what did he say?": true, "why": true, "how about 2022": true,
		"Where is the harbour of Port Example?": false, "Who dug the harbour in 1911?": false,
	} {
		r := w.read(q, w.groupWord)
		if r.leans() != want {
			t.Errorf("%q leans: %v, want %v", q, r.leans(), want)
		}
	}
	for q, want := range map[string]string{
		"Where is the harbour and when was it dug?":           "Where is the harbour | when was it dug?",
		"Where is the harbour? Who dug it?":                   "Where is the harbour? | Who dug it?",
		"Who dug the harbour and the canal?":                  "",
		"Where is the harbour?":                               "",
		"Where is the harbour?? ":                             "",
		"Where is the harbour? and":                           "",
		"Who are A. and B.? Where? When? Why? What? How? Who": "",
	} {
		if got := strings.Join(w.read(q, w.groupWord).parts, " | "); got != want {
			t.Errorf("%q: parts %q, want %q", q, got, want)
		}
	}
}
