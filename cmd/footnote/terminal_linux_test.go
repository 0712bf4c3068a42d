package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// onTerminal runs the program with stdout and stderr on a terminal, and gives what it showed and the exit code.
func onTerminal(t *testing.T, env map[string]string, args ...string) (string, int) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	screen, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	shown := make(chan string)
	go func() {
		var b bytes.Buffer
		io.Copy(&b, master) // it ends with an error when the other side is closed; what came before counts
		shown <- b.String()
	}()
	code := run(context.Background(), args, func(name string) string { return env[name] }, strings.NewReader(""), screen, screen)
	if err := screen.Close(); err != nil {
		t.Fatal(err)
	}
	text := <-shown
	if err := master.Close(); err != nil {
		t.Fatal(err)
	}
	return text, code
}

func TestColour(t *testing.T) {
	dir := t.TempDir()
	file := `{sources: {guide: {title: Guide}}, facts: [{id: height, text: The lighthouse is 41 metres tall., cite: [{paragraph: 1}], asks: [How tall is the lighthouse?]}]}`
	if err := os.WriteFile(filepath.Join(dir, "light.yaml"), []byte(file), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"on a terminal", map[string]string{"TERM": "xterm"}, true},
		{"not wanted", map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false},
		{"set to nothing, so wanted", map[string]string{"TERM": "xterm", "NO_COLOR": ""}, true},
		{"not possible", map[string]string{"TERM": "dumb"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, code := onTerminal(t, tt.env, "ask", "--facts", dir, "How tall is the lighthouse?")
			if code != exitGood || !strings.Contains(got, "41 metres") {
				t.Fatalf("exit code %d: %q", code, got)
			}
			if coloured := strings.Contains(got, "\x1b[1m"); coloured != tt.want {
				t.Errorf("colour is %t, want %t: %q", coloured, tt.want, got)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, text []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("lamps.yaml", lampFacts(60))
	write("lamps_test.yaml", []byte("trials:\n"+strings.Repeat("- {ask: What colour is lamp 47?, want: [lamp-47]}\n", 10))) // tried twice: warnings
	env := map[string]string{"TERM": "xterm", "HOME": t.TempDir()}
	got, code := onTerminal(t, env, "check", dir)
	if code != exitGood || !strings.Contains(got, "reading the facts") || !strings.Contains(got, "asks") || !strings.Contains(got, "trials") || !strings.Contains(got, "%") {
		t.Errorf("no bar was drawn, exit code %d: %q", code, got)
	}
	got, code = onTerminal(t, env, "ask", "--facts", dir, "What colour is lamp 47?")
	if code != exitGood || !strings.Contains(got, "reading the facts") || !strings.Contains(got, "%") || !strings.Contains(got, "Lamp 47 is white.") {
		t.Errorf("no bar was drawn while facts were read, exit code %d: %q", code, got)
	}
}
