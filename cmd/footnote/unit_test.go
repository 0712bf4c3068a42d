package main

import (
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"footnote/bot"
)

// TestUnit holds that the systemd unit starts footnote with flags it has, and does not start it again where that is pointless.
func TestUnit(t *testing.T) {
	raw, err := os.ReadFile("../../bot/footnote.service")
	if err != nil {
		t.Fatal(err)
	}
	setting := func(key string) []string {
		m := regexp.MustCompile(`(?m)^` + key + `=(.*)$`).FindSubmatch(raw)
		if m == nil {
			t.Fatalf("%s is not set", key)
		}
		return strings.Fields(string(m[1]))
	}
	start := setting("ExecStart")
	cmd, args, err := rootCommand(newTerm(os.Getenv, strings.NewReader(""), io.Discard, io.Discard)).Find(start[1:])
	if err != nil || cmd.Name() != "run" {
		t.Fatalf("%q starts %v, %v", start, cmd, err)
	}
	if err := cmd.ParseFlags(args); err != nil || cmd.Flags().NArg() > 0 {
		t.Errorf("%q: %v, and %q", start, err, cmd.Flags().Args())
	}
	for _, code := range []string{strconv.Itoa(exitProblems), strconv.Itoa(bot.ExitStopped)} {
		if never := setting("RestartPreventExitStatus"); !slices.Contains(never, code) {
			t.Errorf("it is started again after exit code %s", code)
		}
	}
}
