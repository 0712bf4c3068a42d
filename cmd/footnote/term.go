package main

import (
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"
	"unicode"

	"footnote/knowledge"

	"github.com/schollz/progressbar/v3"
	xterm "golang.org/x/term"
)

// A term is where a run of the program reads and writes: answers go to stdout, all else to stderr.
type term struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	colour         bool // of stdout
}

func newTerm(getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) *term {
	// See no-color.org: any value that isn't empty.
	colour := isTerminal(stdout) && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	return &term{getenv: getenv, stdin: stdin, stdout: stdout, stderr: stderr, colour: colour}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && xterm.IsTerminal(int(f.Fd()))
}

// progressEvery is how often the bar is drawn at most: often enough to look alive.
const progressEvery = 100 * time.Millisecond

// The styles are the parameters of the ANSI sequence that begins them.
const (
	normal = ""
	bold   = "1"
	dim    = "2"
	red    = "31"
)

// paint gives the text in the style, or as it is where there is no colour.
func (t *term) paint(style, text string) string {
	if !t.colour || text == "" || style == normal {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// printable replaces what could drive a terminal or break a line's bytes: a question's words and a file's text are
// printed, never obeyed. Line feeds stay.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// problems prints the problems of the fact files below dir, which may be empty, with places an editor can open.
func (t *term) problems(dir string, problems []knowledge.Problem) {
	for _, p := range problems {
		p.Pos.File = path.Join(dir, p.Pos.File)
		fmt.Fprintln(t.stderr, printable(p.String()))
	}
}

// progress gives a function to call as work is done, which draws a bar where stderr is a terminal, and one to call
// at the end.
func (t *term) progress(what string) (step func(done, of int), finish func()) {
	if !isTerminal(t.stderr) {
		return func(int, int) {}, func() {}
	}
	var bar *progressbar.ProgressBar
	step = func(done, of int) {
		if bar == nil {
			bar = progressbar.NewOptions(of,
				progressbar.OptionSetWriter(t.stderr),
				progressbar.OptionSetDescription(what),
				progressbar.OptionShowCount(),
				progressbar.OptionThrottle(progressEvery),
				progressbar.OptionClearOnFinish())
		}
		bar.Set(done) // it fails only as stderr does, and then there is nowhere to say so
	}
	return step, func() {
		if bar != nil {
			bar.Clear()
		}
	}
}
