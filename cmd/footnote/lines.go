package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
)

// maxLine is the longest line read, in bytes: ample for a question with its history, and little enough that a file that
// isn't lines at all can't fill the memory.
const maxLine = 16 << 20

// A line is one line of the input without its line feed, or the error that ended it.
type line struct {
	text []byte
	err  error // errTooLong: the line was skipped; any other ends the input
}

var errTooLong = fmt.Errorf("line is longer than %d MB", maxLine>>20)

// lines reads r to its end, or until ctx does. The channel is closed after the last line.
//
// It is the one goroutine here that nothing waits for: a read from a terminal or a pipe can't be cut short, and
// Ctrl-C must end the program at once. It ends with the process.
func lines(ctx context.Context, r io.Reader) <-chan line {
	out := make(chan line)
	go func() {
		defer close(out)
		in := bufio.NewReaderSize(r, 64<<10)
		for {
			text, err := readLine(in)
			if err == io.EOF && len(text) == 0 {
				return
			}
			if err == io.EOF {
				err = nil
			}
			select {
			case out <- line{text, err}:
			case <-ctx.Done():
				return
			}
			if err != nil && err != errTooLong {
				return
			}
		}
	}()
	return out
}

// readLine reads a line, and skips what is longer than maxLine to its end.
func readLine(in *bufio.Reader) (text []byte, err error) {
	tooLong := false
	for {
		part, err := in.ReadSlice('\n')
		more := errors.Is(err, bufio.ErrBufferFull)
		if !tooLong {
			text = append(text, part...)
		}
		if len(text) > maxLine+1 { // the line feed is not counted
			text, tooLong = nil, true
		}
		switch {
		case more:
		case tooLong && (err == nil || err == io.EOF):
			return nil, errTooLong
		case err != nil:
			return text, err
		default:
			return text[:len(text)-1], nil
		}
	}
}
