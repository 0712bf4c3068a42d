package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"footnote/knowledge"

	"golang.org/x/sync/errgroup"
)

// batch answers JSON Lines with JSON Lines, in order. Each answer is written as soon as it and those before it are
// there, so that a program may ask, read the answer, and ask again. Like holds what all questions have in common.
func (t *term) batch(ctx context.Context, base *knowledge.Base, like knowledge.Question) error {
	g, ctx := errgroup.WithContext(ctx)
	// Each line is answered by a goroutine of its own, and has its place in the queue, whose length bounds how many.
	queue := make(chan chan []byte, runtime.GOMAXPROCS(0))
	g.Go(func() error {
		defer close(queue)
		in := lines(ctx, t.stdin)
		for {
			var l line
			select {
			case next, more := <-in:
				if !more {
					return nil
				}
				l = next
			case <-ctx.Done():
				return ctx.Err()
			}
			if l.err != nil && l.err != errTooLong {
				return fmt.Errorf("read questions: %w", l.err)
			}
			if l.err == nil && len(bytes.TrimSpace(l.text)) == 0 {
				continue
			}
			answer := make(chan []byte, 1)
			select {
			case queue <- answer:
			case <-ctx.Done():
				return ctx.Err()
			}
			g.Go(func() error {
				out, err := batchLine(ctx, base, like, l)
				answer <- out
				return err
			})
		}
	})
	g.Go(func() error {
		for answer := range queue {
			out := <-answer
			if out == nil {
				return nil // its error is told by the goroutine that had it
			}
			if _, err := t.stdout.Write(out); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// batchLine answers one line. What is wrong with the line is the answer to it; an error ends the batch.
func batchLine(ctx context.Context, base *knowledge.Base, like knowledge.Question, l line) ([]byte, error) {
	if l.err != nil {
		return errorLine(nil, l.err)
	}
	var in struct {
		ID       json.RawMessage `json:"id"`
		Question *string         `json:"question"`
		History  []string        `json:"history"`
	}
	text := bytes.TrimPrefix(bytes.ToValidUTF8(l.text, []byte("\uFFFD")), []byte("\uFEFF"))
	switch err := json.Unmarshal(text, &in); {
	case err != nil:
		return errorLine(in.ID, badLine(err))
	case in.Question == nil:
		return errorLine(in.ID, errors.New(`the line has no "question"`))
	}
	q := like
	q.Text, q.History = *in.Question, in.History
	a, err := base.Ask(ctx, q)
	if err != nil {
		return nil, err
	}
	return answerLine(in.ID, a)
}

// badLine says what is wrong with a line in terms of the line, not of this program.
func badLine(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrong):
		return fmt.Errorf("the line is not JSON: %s", err)
	case wrong.Field == "":
		return fmt.Errorf("the line is a JSON %s, not an object", wrong.Value)
	case strings.HasPrefix(wrong.Field, "history"):
		return errors.New(`"history" must be a list of strings`)
	}
	return fmt.Errorf("%q must be a string, and is a %s", wrong.Field, wrong.Value)
}

// answerLine is the answer as one line of JSON, its id first. A missing id is null.
func answerLine(id json.RawMessage, a knowledge.Answer) ([]byte, error) {
	body, err := a.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(`{"id":`)
	out.Write(idOrNull(id))
	out.WriteByte(',')
	out.Write(bytes.TrimPrefix(body, []byte("{")))
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func errorLine(id json.RawMessage, what error) ([]byte, error) {
	out, err := json.Marshal(struct {
		ID    json.RawMessage `json:"id"`
		Error string          `json:"error"`
	}{idOrNull(id), what.Error()})
	return append(out, '\n'), err
}

func idOrNull(id json.RawMessage) json.RawMessage {
	if len(id) == 0 {
		return json.RawMessage("null")
	}
	return id
}
