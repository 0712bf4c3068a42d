package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"footnote/knowledge"
)

// maxHistory is how many earlier questions of a conversation are handed on: a follow-up leans on the last few.
const maxHistory = 8

// talkHelp tells of what in Discord are buttons.
const talkHelp = `Ask a question, or a follow-up such as "and when?".
  a number   picks what is listed with it
  /context   shows what the source says around the last answer
  /why       explains the last answer
  /new       forgets the earlier questions
  /quit      ends (so does Ctrl-D)
`

// A talk is a conversation: what the one who asks would see in a channel.
type talk struct {
	t    *term
	base *knowledge.Base
	like knowledge.Question // what all questions have in common

	history []string
	asked   knowledge.Question // last
	last    knowledge.Answer
}

// talk holds a conversation, a question a line, to the end of the input.
func (t *term) talk(ctx context.Context, base *knowledge.Base, like knowledge.Question) error {
	k := &talk{t: t, base: base, like: like, history: like.History}
	atTerminal := isTerminal(t.stdin)
	if atTerminal {
		fmt.Fprintf(t.stderr, "%d facts. %s", len(base.Set().Facts), talkHelp)
	}
	in := lines(ctx, t.stdin)
	for {
		if atTerminal {
			fmt.Fprint(t.stderr, "> ")
		}
		select {
		case <-ctx.Done():
			if atTerminal {
				fmt.Fprintln(t.stderr) // after the ^C that it shows
			}
			return ctx.Err()
		case l, more := <-in:
			switch {
			case !more:
				if atTerminal {
					fmt.Fprintln(t.stderr) // the shell's prompt begins a line
				}
				return nil
			case l.err != nil && l.err != errTooLong:
				return fmt.Errorf("read questions: %w", l.err)
			case l.err != nil:
				fmt.Fprintf(t.stderr, "footnote: %s\n", l.err)
				continue
			}
			said := strings.TrimSpace(string(l.text))
			if said == "" {
				continue
			}
			if said == "/quit" || said == "/exit" {
				return nil
			}
			reply, err := k.reply(ctx, said)
			if err != nil {
				return err
			}
			if err := t.print(reply + "\n"); err != nil {
				return err
			}
		}
	}
}

// reply is what to show for a line.
func (k *talk) reply(ctx context.Context, said string) (string, error) {
	switch said {
	case "/help", "/?":
		return talkHelp, nil
	case "/new":
		k.history, k.asked, k.last = nil, knowledge.Question{}, knowledge.Answer{}
		return "Forgotten.\n", nil
	case "/context":
		return k.context(), nil
	case "/why":
		return k.why(ctx)
	}
	if strings.HasPrefix(said, "/") && !strings.Contains(said, " ") {
		return printable(fmt.Sprintf("There is no %s.\n%s", said, talkHelp)), nil
	}
	if n, err := strconv.Atoi(said); err == nil {
		if all := offered(k.last); n >= 1 && n <= len(all) {
			return k.pick(all[n-1]), nil
		}
	}
	a, err := k.ask(ctx, said)
	if err != nil {
		return "", err
	}
	k.last = a
	switch a.Kind {
	case knowledge.Answered, knowledge.Near, knowledge.Choose, knowledge.Overview, knowledge.Declined:
		k.remember(said)
	}
	return k.t.answer(a) + k.t.candidates(a), nil
}

// pick gives the fact that was chosen from those listed: a person said that it is the one, so nothing is weighed.
func (k *talk) pick(s knowledge.Suggestion) string {
	k.last = knowledge.Tell(s.Fact)
	k.remember(s.Question)
	return k.t.paint(dim, printable(s.Question)) + "\n" + k.t.answer(k.last)
}

// remember adds a question to the history; k.asked holds the one before.
func (k *talk) remember(said string) {
	k.history = append(slices.Clone(k.history), said)
	k.history = k.history[max(0, len(k.history)-maxHistory):]
}

// ask asks, and remembers what was asked for an explanation.
func (k *talk) ask(ctx context.Context, text string) (knowledge.Answer, error) {
	q := k.like
	q.Text, q.History = text, k.history
	a, err := k.base.Ask(ctx, q)
	k.asked = q
	return a, err
}

// why asks the last question again, with an explanation.
func (k *talk) why(ctx context.Context) (string, error) {
	if k.asked.Text == "" {
		return "Nothing was asked yet.\n", nil
	}
	q := k.asked
	q.Explain, q.Candidates = true, explainDepth
	a, err := k.base.Ask(ctx, q)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(k.t.candidates(a), "\n"), nil
}

// contextDepth is how many facts are shown before and after one, as the bot's "In context" does.
const contextDepth = 2

// context shows the facts around the last answer's first sentence, or around what was quoted as the closest; that is marked.
func (k *talk) context() string {
	said := k.last.Sentences()
	if k.last.Kind == knowledge.Near {
		said = quoted(k.last).Sentences()
	}
	if len(said) == 0 {
		return "There is no answer to show the context of.\n"
	}
	var b strings.Builder
	for _, f := range k.base.Around(said[0].Fact, contextDepth) {
		mark := "  "
		if f == said[0].Fact {
			mark = "> "
		}
		place := ""
		if p := f.Cites[0].Paragraph; p > 0 {
			place = fmt.Sprintf("¶%d ", p)
		}
		fmt.Fprintf(&b, "%s%s%s\n", mark, place, printable(f.Text))
	}
	return b.String()
}
