package bot

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"footnote/bot/discordtest"
)

// TestHistory rebuilds dialogues from the messages in a channel: how far back, with how many requests, and whose.
func TestHistory(t *testing.T) {
	const bot, ann, bob = "1", "2", "3"
	facts := newStage(t, "testdata/dialogue", discordtest.Options{}).base
	buttons := `[{"type":1,"components":[{"type":2,"custom_id":"` + customID(routeContext, hash("bridge-cost")) + `"}]}]`
	said := func(id, author, content, to string) *Message {
		m := &Message{ID: id, ChannelID: "10", Author: User{ID: author}, Content: content}
		if to != "" {
			m.Reference = &Reference{MessageID: to}
		}
		if author == bot {
			m.Components = []byte(buttons)
		}
		return m
	}
	// A dialogue of ten questions: message 10 asks, 11 answers, 20 asks in reply to 11, and so on.
	var long []*Message
	for n := 1; n <= 10; n++ {
		to := ""
		if n > 1 {
			to = strconv.Itoa(n-1) + "1"
		}
		long = append(long, said(strconv.Itoa(n)+"0", ann, "question "+strconv.Itoa(n), to), said(strconv.Itoa(n)+"1", bot, "an answer [1]", strconv.Itoa(n)+"0"))
	}
	const slashed = "-# ❓ Where is it?\nHere. [1]"
	for _, c := range []struct {
		name     string
		channel  []*Message
		goesOn   string // who
		from     string // which message is replied to
		want     []string
		requests int // at most
	}{
		{"a dialogue of ten questions", long, ann, "101", []string{"question 8", "question 9", "question 10"}, maxFetches},
		{"its beginning", long, ann, "21", []string{"question 1", "question 2"}, 3},
		{"somebody else's answer", long, bob, "31", []string{"How much will the bridge cost?"}, 1},
		{"an answer whose question was deleted", []*Message{said("11", bot, "an answer [1]", "10")}, ann, "11", []string{"How much will the bridge cost?"}, 1},
		{"a message of her own", []*Message{said("5", ann, "<@1> where is it?", "")}, ann, "5", []string{"where is it?"}, 0},
		{"somebody else's message", []*Message{said("5", bob, "a secret", "")}, ann, "5", nil, 0},
		{"an answer that holds its question", []*Message{said("11", bot, slashed, "")}, ann, "11", []string{"Where is it?"}, 0},
		{"a message that forges one", []*Message{said("11", bob, slashed, "")}, ann, "11", nil, 0},
		{"a dialogue that somebody else took over", []*Message{said("10", ann, "ann's question", ""), said("11", bot, "an answer [1]", "10"),
			said("20", bob, "bob's question", "11"), said("21", bot, "an answer [1]", "20")}, bob, "21", []string{"How much will the bridge cost?", "bob's question"}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			find := func(id string) *Message {
				at := slices.IndexFunc(c.channel, func(m *Message) bool { return m.ID == id })
				if at < 0 {
					return nil
				}
				return c.channel[at]
			}
			requests := 0
			d := &desk{base: facts, self: func() string { return bot }, fetch: func(_ context.Context, channel, id string) (*Message, error) {
				requests++
				if m := find(id); m != nil && channel == "10" {
					got := *m
					if m.Reference != nil {
						got.Referenced = find(m.Reference.MessageID) // one step back, as Discord gives it
					}
					return &got, nil
				}
				return nil, errors.New("unknown message")
			}}
			if got := d.history(t.Context(), c.goesOn, find(c.from)); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if requests > c.requests {
				t.Errorf("%d requests, want at most %d", requests, c.requests)
			}
		})
	}
}
