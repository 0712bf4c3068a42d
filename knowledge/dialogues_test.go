package knowledge

import (
	"io/fs"
	"os"
	"strings"
	"testing"
)

// dialogueSet is the written dialogues over the bases of squad1.
type dialogueSet struct{ questions, bases fs.FS }

func (d dialogueSet) Open(name string) (fs.File, error) {
	if strings.HasPrefix(name, "bases/") {
		return d.bases.Open(name)
	}
	return d.questions.Open(name)
}

func TestDialogues(t *testing.T) {
	const bases = "../../shared/qa/squad1"
	if _, err := os.Stat(bases); err != nil {
		t.Skip("the public question sets are not beside the project")
	}
	set := dialogueSet{os.DirFS("testdata/dialogues"), os.DirFS(bases)}
	alone := dialogueSet{stripped{set.questions}, set.bases}
	with, err := EvalSet(t.Context(), set, EvalOptions{Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	without, err := EvalSet(t.Context(), alone, EvalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, p, w := NewScore(with.Footnote), NewScore(with.Plain), NewScore(without.Footnote)
	t.Logf("%d turns: P@1 %.1f %%, R@3 %.1f %%; each turn alone %.1f %%; plain bleve %.1f %%", s.Questions, 100*s.P1, 100*s.R3, 100*w.P1, 100*p.P1)
	if s.P1 < w.P1+.1 {
		t.Errorf("earlier questions bring P@1 from %.3f to %.3f; they should be worth ten points", w.P1, s.P1)
	}
}

// stripped is a question set whose questions have lost their histories.
type stripped struct{ fs.FS }

func (s stripped) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil || name != QuestionsFile {
		return f, err
	}
	return withoutHistory{f}, nil
}

// withoutHistory renames the key, which leaves the length as it is.
type withoutHistory struct{ fs.File }

func (f withoutHistory) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	copy(p, strings.ReplaceAll(string(p[:n]), `"history"`, `"nothing"`))
	return n, err
}
