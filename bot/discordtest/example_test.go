package discordtest_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"footnote/bot/discordtest"

	"github.com/bwmarrin/discordgo"
)

// A bot on discordgo, unchanged but for where it connects, and a member who asks it.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	s, err := discordtest.Run(discordtest.Options{}) // in a test: discordtest.New(t, ...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	bot, _ := discordgo.New("Bot " + s.Token())
	bot.Client = &http.Client{Transport: s.Transport()}
	bot.Dialer = s.Dialer()
	bot.AddHandler(func(bot *discordgo.Session, i *discordgo.InteractionCreate) {
		bot.InteractionRespond(i.Interaction, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseChannelMessageWithSource, Data: &discordgo.InteractionResponseData{
			Content: "In Tokyo.",
			Components: []discordgo.MessageComponent{discordgo.ActionsRow{Components: []discordgo.MessageComponent{
				discordgo.Button{Label: "Why this?", CustomID: "why", Style: discordgo.SecondaryButton}}}},
		}})
	})
	if err := bot.Open(); err != nil {
		fmt.Println(err)
		return
	}
	defer bot.Close()
	bot.ApplicationCommandCreate(s.BotUser().ID, "", &discordgo.ApplicationCommand{Name: "ask", Description: "Ask",
		Options: []*discordgo.ApplicationCommandOption{{Name: "question", Description: "What you want to know", Type: discordgo.ApplicationCommandOptionString}}})

	alice := s.User("alice")
	in, err := alice.Slash(s.General(), "ask", discordtest.Args{"question": "where?"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := in.Answer(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Print(s.Transcript())
	fmt.Println(len(s.Refusals()), "refusals")
	// Output:
	// == #general
	// * alice uses /ask question: where?
	// Footnote: In Tokyo.
	//     [Why this?]
	// 0 refusals
}
