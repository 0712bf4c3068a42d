package knowledge

import "testing"

func TestTrialTable(t *testing.T) {
	tokyo := &Fact{ID: "tokyo-office", Text: "It is in Tokyo.", Cites: []Cite{{Source: &Source{Title: "A"}}}}
	result := func(voice string, pass bool, want ...string) TrialResult {
		r := TrialResult{Trial: Trial{Ask: "where?", Voice: voice, Want: want}, Pass: pass, Answer: Answer{Kind: Declined}}
		if pass == (len(want) > 0) {
			r.Answer.Kind = Answered
			r.Answer.say(tokyo)
		}
		return r
	}
	results := []TrialResult{
		result("slang", true, "tokyo-office"),
		result("slang", false, "tokyo-office", "first-office"),
		result("slang", true),
		result("precise", false),
		result("", true, "tokyo-office"),
	}
	const want = `voice        passed   to find   to decline
(no voice)   1 of 1   1 of 1    –
precise      0 of 1   –         0 of 1
slang        2 of 3   1 of 2    1 of 1
all          3 of 5   2 of 3    1 of 2
`
	if got := TrialTable(results); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := Passed(results); got != 3 {
		t.Errorf("%d passed, want 3", got)
	}
	for i, want := range map[int]string{
		1: "“where?” wanted tokyo-office or first-office, came a decline",
		3: "“where?” wanted a decline, came tokyo-office",
	} {
		if got := results[i].String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	results[3].Trial.After = []string{"who?"}
	if got, want := results[3].String(), "“who?” … “where?” wanted a decline, came tokyo-office"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
