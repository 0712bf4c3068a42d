package knowledge

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// outcome is one in which the gold fact is "gold".
func outcome(answerable, answered bool, confidence float64, best ...string) Outcome {
	o := Outcome{Answered: answered, Best: best, Confidence: confidence}
	o.Question.Answerable = answerable
	if answerable {
		o.Question.Gold = []string{"gold"}
	}
	if answered {
		o.First = best[0]
	}
	return o
}

func TestScore(t *testing.T) {
	all := []Outcome{
		outcome(true, true, 0.9, "gold", "b"),           // right
		outcome(true, true, 0.8, "a", "gold"),           // wrong, second
		outcome(true, false, 0.2, "gold"),               // right had it dared
		outcome(true, false, 0.1),                       // found nothing
		outcome(true, true, 0.7, "a", "b", "c", "gold"), // wrong, fourth
		outcome(false, false, 0.1, "a"),                 // rightly declined
		outcome(false, true, 0.6, "gold"),               // wrongly answered
	}
	for i := range all {
		all[i].Took = time.Duration(7-i) * time.Millisecond
	}
	s := NewScore(all)
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"questions", float64(s.Questions), 7},
		{"answerable", float64(s.Answerable), 5},
		{"answered", float64(s.Answered), 4},
		{"P@1", s.P1, 2. / 5},
		{"MRR@10", s.MRR, (1 + 1./2 + 1 + 0 + 1./4) / 5},
		{"R@3", s.R3, 3. / 5},
		{"accuracy", s.Accuracy, 2. / 7},
		{"precision", s.Precision, 1. / 4},
		// The right ones have 0.9, above all five wrong ones, and 0.2, above the two with 0.1.
		{"AUROC", s.AUROC, (5. + 2.) / (2 * 5)},
		{"Brier", s.Brier, (.01 + .64 + .64 + .01 + .49 + .01 + .36) / 7},
		{"median", s.Median.Seconds(), 0.004},
		{"p99", s.P99.Seconds(), 0.007},
	} {
		if math.Abs(tt.got-tt.want) > 1e-9 {
			t.Errorf("%s is %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

// TestScoreOffers counts what is shown where nothing is answered, and what each sureness would answer.
func TestScoreOffers(t *testing.T) {
	one := func(answerable bool, kind Kind, sure []string, offers ...string) Outcome {
		o := outcome(answerable, kind == Answered, 0.5, "gold")
		o.Kind, o.Sure, o.Offers = kind, sure, offers
		return o
	}
	all := []Outcome{
		one(true, Answered, []string{"", "gold", "gold"}),
		one(true, Near, []string{"", "", "gold"}, "gold", "a"),
		one(true, Near, []string{"", "", "a"}, "a", "gold"), // among four, but not the closest
		one(true, Choose, []string{"", "", ""}, "gold", "a", "b"),
		one(true, Choose, []string{"", "", ""}, "a", "b"),
		one(true, Declined, []string{"", "", ""}),
		one(false, Near, []string{"", "", "gold"}, "gold"),
		one(false, Answered, []string{"gold", "gold", "gold"}),
	}
	s := NewScore(all)
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"right", s.Right, 1. / 6}, {"wrong", s.Wrong, 0}, {"false", s.False, 1. / 2},
		{"near", s.Near, 1. / 6}, {"shown", s.Shown, 2. / 6}, {"choose", s.Choose, 1. / 6}, {"in four", s.InFour, 4. / 6}, {"offers", s.Offers, 10. / 6},
		{"answered, careful", s.Sure[0].Answered, 1. / 8}, {"precision, careful", s.Sure[0].Precision, 0},
		{"answered, balanced", s.Sure[1].Answered, 2. / 8}, {"precision, balanced", s.Sure[1].Precision, 1. / 2},
		{"answered, generous", s.Sure[2].Answered, 5. / 8}, {"precision, generous", s.Sure[2].Precision, 2. / 5},
	} {
		if math.Abs(tt.got-tt.want) > 1e-9 {
			t.Errorf("%s is %v, want %v", tt.name, tt.got, tt.want)
		}
	}
	if plain := NewScore([]Outcome{outcome(true, true, 0.5, "gold")}); !math.IsNaN(plain.Shown) || plain.Sure != nil || plain.Right != 1 {
		t.Errorf("plain bleve offers nothing, and is %+v", plain)
	}
}

func TestScoreTies(t *testing.T) {
	s := NewScore([]Outcome{outcome(true, true, 0.5, "gold"), outcome(true, true, 0.5, "a")})
	if s.AUROC != 0.5 {
		t.Errorf("one right, one wrong, equally confident: AUROC %v, want 0.5", s.AUROC)
	}
}

func TestScoreOfNothing(t *testing.T) {
	s := NewScore(nil)
	for name, got := range map[string]float64{"P1": s.P1, "MRR": s.MRR, "R3": s.R3, "Accuracy": s.Accuracy, "Precision": s.Precision, "AUROC": s.AUROC, "Brier": s.Brier} {
		if !math.IsNaN(got) {
			t.Errorf("%s of no outcome is %v, want NaN", name, got)
		}
	}
}

func TestBestThreshold(t *testing.T) {
	all := []Outcome{
		outcome(true, true, 9, "gold"),
		outcome(true, true, 5, "gold"),
		outcome(false, true, 5, "a"), // shares the score of a right one: both or neither
		outcome(true, true, 4, "gold"),
		outcome(false, true, 2, "a"),
		outcome(false, true, 1, "a"),
		outcome(true, false, 0),
	}
	threshold, declined := BestThreshold(all)
	if threshold != 4 {
		t.Errorf("threshold %v, want 4", threshold)
	}
	if got, want := NewScore(declined).Accuracy, 5./7; math.Abs(got-want) > 1e-9 {
		t.Errorf("accuracy %v, want %v", got, want)
	}
	if !all[4].Answered {
		t.Error("the outcomes given were changed")
	}
	if threshold, declined = BestThreshold([]Outcome{outcome(false, true, 3, "a")}); NewScore(declined).Accuracy != 1 {
		t.Errorf("with nothing to answer, all should be declined; threshold %v", threshold)
	}
}

func TestReadQuestions(t *testing.T) {
	const good = `{"id":"q1","base":"b","question":"Who?","history":[],"gold":["a"],"answerable":true}`
	for _, tt := range []struct{ name, file, want string }{
		{"good, no last line feed", good, ""},
		{"blank lines and CRLF", good + "\r\n\r\n" + good + "\n\n", ""},
		{"empty", "", "questions.jsonl holds no question"},
		{"not JSON", good + "\nwho?", "questions.jsonl:2: "},
		{"answerable without gold", strings.Replace(good, `"a"`, "", 1), "questions.jsonl:1: answerable, but no gold"},
		{"base outside the folder", strings.Replace(good, `"b"`, `"../../etc"`, 1), `questions.jsonl:1: base "../../etc"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadQuestions(fstest.MapFS{QuestionsFile: {Data: []byte(tt.file)}})
			switch {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Fatalf("error %v, want one with %q", err, tt.want)
			case tt.want == "" && (got[0].Text != "Who?" || !got[0].Answerable || got[0].Base != "b" || !slices.Equal(got[0].Gold, []string{"a"})):
				t.Errorf("got %+v", got[0])
			}
		})
	}
	if _, err := ReadQuestions(fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), QuestionsFile) {
		t.Errorf("a folder without questions: %v", err)
	}
}

func TestPlain(t *testing.T) {
	facts := []*Fact{
		{ID: "oslo", Text: "The lighthouse stands in Oslo."},
		{ID: "height", Text: "It is forty metres high.", Asks: []string{"How tall is the lighthouse?"}},
		{ID: "keeper", Text: "Its keeper is Ada."},
	}
	p, err := NewPlain(context.Background(), facts)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, tt := range []struct {
		question string
		want     []string
	}{
		{"lighthouses of Oslo", []string{"oslo", "height"}}, // stemmed; an ask counts too
		{"who keeps bees?", nil},
		{"the of and", nil}, // only stop words
		{"", nil},
	} {
		best, err := p.Search(context.Background(), tt.question, 10)
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(best); !slices.Equal(got, tt.want) {
			t.Errorf("%q found %v, want %v", tt.question, got, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Search(ctx, "lighthouse", 10); err == nil {
		t.Error("a cancelled search gave no error")
	}
}
