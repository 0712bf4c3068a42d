package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run the program as the command `footnote`, in processes of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"footnote": main})
}

// TestScript runs every behaviour of the command line that testdata/script holds, one a file.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "manyfacts": manyFacts},
	})
}

// exits is `exits CODE COMMAND...`: it runs the command as exec does, and demands the exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed):
		got = failed.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// manyFacts is `manyfacts DIR N`: it writes a fact file of N facts below DIR, which is large.
func manyFacts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: manyfacts DIR N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	// What makes a folder large is its bytes, and comments cost no time to encode.
	text := append(lampFacts(n), bytes.Repeat([]byte("# nothing was seen in the night, and the lamps burned clear\n"), 1<<20/60)...)
	ts.Check(os.WriteFile(filepath.Join(dir, "lamps.yaml"), text, 0o666))
}

// lampFacts is a fact file of n facts, each with the question it answers.
func lampFacts(n int) []byte {
	var b bytes.Buffer
	b.WriteString("sources:\n  log: {title: Log of the keeper}\nfacts:\n")
	for i := range n {
		colour := []string{"red", "green", "white"}[i%3]
		fmt.Fprintf(&b, "- {id: lamp-%[1]d, text: \"Lamp %[1]d is %[2]s.\", cite: [{paragraph: %[3]d}], asks: [\"What colour is lamp %[1]d?\"]}\n", i, colour, i+1)
	}
	return b.Bytes()
}
