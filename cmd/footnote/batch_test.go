package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
)

func noEnv(string) string { return "" }

// TestBatchStreams asks, reads the answer, and asks again, while the input stays open; then it interrupts.
func TestBatchStreams(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	questions, ask := io.Pipe()
	answers, out := io.Pipe()
	code := make(chan int)
	var stderr bytes.Buffer
	go func() { code <- run(ctx, []string{"ask", "--batch"}, noEnv, questions, out, &stderr) }()

	lines := bufio.NewReader(answers)
	for i := range 3 {
		if _, err := fmt.Fprintf(ask, `{"id":%d,"question":"Who are the AP4?"}`+"\n", i); err != nil {
			t.Fatal(err)
		}
		line, err := lines.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, fmt.Sprintf(`{"id":%d,`, i)) {
			t.Fatalf("answer %d is %q, %v", i, line, err)
		}
	}
	cancel() // as Ctrl-C does, with the program waiting for input
	if got := <-code; got != exitInterrupted {
		t.Errorf("exit code %d, want %d; %s", got, exitInterrupted, &stderr)
	}
	if stderr.Len() > 0 {
		t.Errorf("it said %q", &stderr)
	}
	ask.Close()
}

// TestTalkInterrupted is Ctrl-C at the prompt.
func TestTalkInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	questions, ask := io.Pipe()
	defer ask.Close()
	answers, out := io.Pipe()
	code := make(chan int)
	go func() { code <- run(ctx, []string{"ask"}, noEnv, questions, out, io.Discard) }()
	fmt.Fprintln(ask, "Who are the AP4?")
	if _, err := bufio.NewReader(answers).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, answers) // the rest of the answer
	cancel()
	if got := <-code; got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	out.Close()
}

// TestCheckBuiltIn checks the built-in facts where no folder is named, up to their trials: how these go is for the tests of the facts, and asking them takes a minute.
func TestCheckBuiltIn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	shown, out := io.Pipe()
	code := make(chan int)
	go func() { code <- run(ctx, []string{"check"}, noEnv, strings.NewReader(""), out, io.Discard) }()
	line, err := bufio.NewReader(shown).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "43 facts in 1 file") {
		t.Errorf("it says %q, %v", line, err)
	}
	go io.Copy(io.Discard, shown)
	cancel()
	if got := <-code; got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	out.Close()
}

// TestBatchUnread is a reader that leaves, where the system sends no SIGPIPE: there is nobody to tell.
func TestBatchUnread(t *testing.T) {
	answers, out := io.Pipe()
	answers.CloseWithError(syscall.EPIPE)
	var stderr bytes.Buffer
	in := strings.NewReader(strings.Repeat(`{"question":"Who are the AP4?"}`+"\n", 100))
	if got := run(t.Context(), []string{"ask", "--batch"}, noEnv, in, out, &stderr); got != exitCouldNotRun || stderr.Len() > 0 {
		t.Errorf("exit code %d, and it said %q", got, &stderr)
	}
}

// TestBatchOrder has short and long questions in turn, so that later ones are done first.
func TestBatchOrder(t *testing.T) {
	var in strings.Builder
	const n = 500
	for i := range n {
		fmt.Fprintf(&in, `{"id":"q%d","question":"Who are the AP4%s?"}`+"\n", i, strings.Repeat(" partners of NATO", (n-i)%7*20))
	}
	answers := batchAnswers(t, in.String(), n)
	for i, a := range answers {
		if want := fmt.Sprintf("q%d", i); a.ID != want || a.Question == nil {
			t.Fatalf("line %d is the answer to %v, want %s", i, a.ID, want)
		}
	}
}

// TestBatchHostile gives lines that are huge, broken or strange; each has its answer, in its place.
func TestBatchHostile(t *testing.T) {
	question := func(text string) string {
		line, err := json.Marshal(map[string]string{"id": "q", "question": text})
		if err != nil {
			t.Fatal(err)
		}
		return string(line)
	}
	const answered, refused = "", "error"
	for _, tt := range []struct{ name, line, want string }{
		{"1 MB of words", question(strings.Repeat("who are the partners ", 50_000)), answered},
		{"5 MB without a space", question(strings.Repeat("x", 5<<20)), answered},
		{"longer than may be", question(strings.Repeat("y", maxLine)), refused},
		{"control characters", question("who\x00 are\x1b[31m the\x07 AP4\u2028?"), answered},
		{"not UTF-8", `{"id":"q","question":"who are the ` + "\xff\xfe" + ` AP4?"}`, answered},
		{"half a surrogate", `{"id":"q","question":"who \ud800 are the AP4?"}`, answered},
		{"right to left, with overrides", question("\u202eמי הם AP4?\u202c"), answered},
		{"nothing but marks", question("?!… — 🙂"), answered},
		{"a byte order mark", "\uFEFF" + question("Who are the AP4?"), answered},
		{"deep nesting", strings.Repeat("[", 1<<20), refused},
		{"10,000 earlier questions", `{"id":"q","question":"and when?","history":[` + strings.TrimSuffix(strings.Repeat(`"Who are the AP4?",`, 10_000), ",") + `]}`, answered},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answers := batchAnswers(t, tt.line+"\n"+question("Who are the AP4?")+"\n", 2)
			if got := answers[0].Error; (got != "") != (tt.want == refused) {
				t.Errorf("error %q", got)
			}
			if answers[1].Question == nil || answers[1].ID != "q" {
				t.Errorf("the line after it was not answered: %+v", answers[1])
			}
		})
	}
}

type batchAnswer struct {
	ID       any
	Question *string
	Error    string
}

// batchAnswers runs a batch over the built-in facts, and wants n lines of JSON.
func batchAnswers(t *testing.T, in string, n int) []batchAnswer {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"ask", "--batch"}, noEnv, strings.NewReader(in), &stdout, &stderr); code != exitGood {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	var all []batchAnswer
	for line := range bytes.Lines(stdout.Bytes()) {
		var a batchAnswer
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatalf("%v in %.200q", err, line)
		}
		all = append(all, a)
	}
	if len(all) != n {
		t.Fatalf("%d answers, want %d", len(all), n)
	}
	return all
}
