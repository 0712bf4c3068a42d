package knowledge

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

func TestDraft(t *testing.T) {
	paths, err := filepath.Glob("testdata/draft/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out, err := Draft(a.Files[0].Data, "some/where/article.txt")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, path, a, "draft.golden", string(out))
			if _, problems := loadFiles(t, map[string]string{"x.yaml": string(out)}); len(problems) > 0 {
				t.Error(printed(problems))
			}
		})
	}
}

func TestDraftRefuses(t *testing.T) {
	for article, want := range map[string]string{
		"":                                    "draft a.txt: there are no sentences in it",
		" \n\t\n":                             "draft a.txt: there are no sentences in it",
		"caf\xe9":                             "draft a.txt: it is not UTF-8 text",
		"\xff\xfea\x00":                       "draft a.txt: it is UTF-16; save it as UTF-8",
		strings.Repeat("a", MaxArticle) + "b": "draft a.txt: it has 8.0 MB, limit 8.0 MB",
	} {
		if _, err := Draft([]byte(article), "a.txt"); err == nil || err.Error() != want {
			t.Errorf("%.10q: %v, want %s", article, err, want)
		}
	}
}

func TestSplitSentences(t *testing.T) {
	for text, want := range map[string]string{
		"One. Two! Three? Four":                                 "One.|Two!|Three?|Four",
		"Dr. A. B. Smith met Gen. Jones. They spoke.":           "Dr. A. B. Smith met Gen. Jones.|They spoke.",
		"It cost $3.5 million. That is a lot.":                  "It cost $3.5 million.|That is a lot.",
		"He lives in the U.S. Now he doesn't.":                  "He lives in the U.S. Now he doesn't.",
		"He lives in the U.S. The house is small.":              "He lives in the U.S.|The house is small.",
		"The U.S. Navy came on Jan. 31. It left on Feb. 2.":     "The U.S. Navy came on Jan. 31.|It left on Feb. 2.",
		"She said no. 5 came, all from No. 5 Road.":             "She said no. 5 came, all from No. 5 Road.",
		"She said no. Then she left.":                           "She said no.|Then she left.",
		"“It is late. We go,” he said. They went.":              "“It is late.”|“We go,” he said.|They went.",
		`"It is late. We go," he said.`:                         `"It is late."|"We go," he said.`,
		"See example.com. It works.":                            "See example.com.|It works.",
		"Wait... what? Yes.":                                    "Wait... what?|Yes.",
		"We meet at 5 p.m. At six we go. See p. 12, fig. 3.":    "We meet at 5 p.m.|At six we go.|See p. 12, fig. 3.",
		"東京です。大阪です。":                                            "東京です。|大阪です。",
		"Peter (born 1950; d. 2001) was here. So was J. Edgar.": "Peter (born 1950; d. 2001) was here.|So was J. Edgar.",
	} {
		var got []string
		for _, s := range splitSentences(text) {
			got = append(got, s.text)
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, s, want)
		}
	}
}

func TestDatesIn(t *testing.T) {
	for text, want := range map[string]string{
		"It opened on Jan. 31, 2023.":             "2023-01-31",
		"It opened on 31 January 2023, at noon.":  "2023-01-31",
		"It opened in January 2023.":              "2023-01",
		"It opened in 2023.":                      "2023",
		"In 2022, it opened.":                     "2022",
		"It opened on Jan. 31.":                   "? Jan. 31",
		"It opened on March 3rd.":                 "? March 3rd",
		"The 2022 summit was in Madrid.":          "",
		"In 2022 dollars it cost 5.":              "",
		"It opened in 2021 and closed in 2023.":   "2021 2023",
		"It opened on Feb. 30, 2023.":             "",
		"It may open.":                            "",
		"Born 2001-02-03, he may march in May 4.": "2001-02-03 ? May 4",
	} {
		on, unclear := datesIn(text, 0)
		var got []string
		for _, d := range on {
			got = append(got, string(d))
		}
		if unclear != "" {
			got = append(got, "? "+unclear)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: got %q, want %q", text, s, want)
		}
	}
	if on, _ := datesIn("It opened on Jan. 31.", 2023); len(on) != 1 || on[0] != "2023-01-31" {
		t.Errorf("with the year known: %v", on)
	}
}

// FuzzDraft holds that any draft loads.
func FuzzDraft(f *testing.F) {
	f.Add("Title\n\nOne said so. “Two. Three,” he said.\n\nHeading\n\nAccording to X, on Jan. 3, 2020.")
	f.Add("“a") // shorter than its closing mark
	f.Add("a\n\n\"")
	f.Add("# a\n\u2028\n- b\"\\ \u200b\U000e0001 \ufffd: c # d\n\n" + strings.Repeat("x", 1200))
	f.Fuzz(func(t *testing.T, text string) {
		out, err := Draft([]byte(text), "a.txt")
		if err != nil {
			return
		}
		set, problems, err := Load(t.Context(), fstest.MapFS{"x.yaml": {Data: out, Mode: 0o644}})
		if err != nil || set == nil {
			t.Fatalf("%s%v\n%s", printed(problems), err, out)
		}
	})
}
