package bot

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"footnote/knowledge"
)

// commands are what is registered with Discord. (A first version, for what members see is written beside this.)
func (b *Bot) commands() []Command {
	return []Command{{Type: discordgo.ChatApplicationCommand, Name: "ask", Description: "Ask the facts a question",
		Options: []CommandOption{{Type: discordgo.ApplicationCommandOptionString, Name: "question", Description: "What you want to know", Required: true}}}}
}

// routes are the bot's handlers.
func (b *Bot) routes() Handlers {
	return Handlers{Commands: map[string]Route{"ask": {Handle: func(ctx context.Context, i *Interaction) Response {
		b.metrics.ask("slash")
		a, err := b.base.Ask(ctx, knowledge.Question{Text: i.Options["question"]})
		if err != nil {
			return Response{Action: Reply, Private: true, Content: tooBusy}
		}
		r := Response{Action: Reply, Content: a.Message}
		for _, s := range a.Sentences() {
			r.Content += s.Fact.Text + "\n"
		}
		return r
	}}}}
}
