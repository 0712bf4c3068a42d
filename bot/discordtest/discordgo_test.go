package discordtest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"

	"github.com/bwmarrin/discordgo"
)

// patience is how long a test waits for what must come; nothing waits that long unless it is broken.
const patience = 20 * time.Second

func deadline(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// session is a real discordgo session against s, not yet open.
func session(t testing.TB, s *discordtest.Server) *discordgo.Session {
	t.Helper()
	d, err := discordgo.New("Bot " + s.Token())
	if err != nil {
		t.Fatal(err)
	}
	d.Client = &http.Client{Timeout: patience, Transport: s.Transport()}
	d.Dialer = s.Dialer()
	d.Identify.Intents = discordgo.IntentsGuilds | discordgo.IntentsGuildMessages | discordgo.IntentsDirectMessages
	d.ShouldReconnectOnError = false
	d.LogLevel = -1 // what goes wrong here is meant to
	return d
}

func open(t *testing.T, s *discordtest.Server, d *discordgo.Session) {
	t.Helper()
	if err := d.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := s.WaitReady(deadline(t), 1); err != nil {
		t.Fatal(err)
	}
}

func noRefusals(t *testing.T, s *discordtest.Server) {
	t.Helper()
	for _, r := range s.Refusals() {
		t.Errorf("refused: %s", r)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestDialogue(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	s := discordtest.New(t, discordtest.Options{Spec: discordtest.FindSpec(t)})
	d := session(t, s)
	d.AddHandler(func(d *discordgo.Session, m *discordgo.MessageCreate) {
		if m.Author.Bot {
			return
		}
		_, err := d.ChannelMessageSendComplex(m.ChannelID, &discordgo.MessageSend{Content: "I heard: " + m.Content, Reference: m.Reference(),
			AllowedMentions: &discordgo.MessageAllowedMentions{Parse: []discordgo.AllowedMentionType{}}})
		if err != nil {
			t.Error(err)
		}
	})
	d.AddHandler(func(d *discordgo.Session, i *discordgo.InteractionCreate) {
		var err error
		respond := func(r *discordgo.InteractionResponse) { err = d.InteractionRespond(i.Interaction, r) }
		switch i.Type {
		case discordgo.InteractionApplicationCommandAutocomplete:
			respond(&discordgo.InteractionResponse{Type: 8, Data: &discordgo.InteractionResponseData{Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: "where?", Value: "w"}}}})
		case discordgo.InteractionApplicationCommand:
			respond(&discordgo.InteractionResponse{Type: 5})
			text := "the answer [1]"
			_, err = d.InteractionResponseEdit(i.Interaction, &discordgo.WebhookEdit{Content: &text, Components: &[]discordgo.MessageComponent{
				discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.Button{Label: "Why this?", CustomID: "why", Style: 2}, discordgo.Button{Label: "Follow up", CustomID: "more", Style: 2}}}}})
			if err == nil {
				_, err = d.FollowupMessageCreate(i.Interaction, true, &discordgo.WebhookParams{Content: "psst", Flags: discordgo.MessageFlagsEphemeral})
			}
		case discordgo.InteractionMessageComponent:
			if i.MessageComponentData().CustomID == "why" {
				respond(&discordgo.InteractionResponse{Type: 7, Data: &discordgo.InteractionResponseData{Content: "because"}})
			} else {
				respond(&discordgo.InteractionResponse{Type: 9, Data: &discordgo.InteractionResponseData{CustomID: "form", Title: "Follow up", Components: []discordgo.MessageComponent{
					discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.TextInput{CustomID: "q", Label: "Your question", Style: 1, Required: true}}}}}})
			}
		case discordgo.InteractionModalSubmit:
			q := i.ModalSubmitData().Components[0].(*discordgo.ActionsRow).Components[0].(*discordgo.TextInput).Value
			respond(&discordgo.InteractionResponse{Type: 4, Data: &discordgo.InteractionResponseData{Content: "you ask " + q, Flags: 64}})
		}
		if err != nil {
			t.Error(err)
		}
	})
	open(t, s, d)
	if _, err := d.ApplicationCommandBulkOverwrite(d.State.User.ID, "", []*discordgo.ApplicationCommand{{Name: "ask", Description: "Ask", Options: []*discordgo.ApplicationCommandOption{
		{Name: "question", Description: "What", Type: 3, Required: true, Autocomplete: true}}}}); err != nil {
		t.Fatal(err)
	}

	alice := s.User("alice")
	said := must(alice.Say(s.General(), "hello "+s.BotUser().Mention()))(t)
	reply := must(s.WaitMessage(ctx, s.ReplyTo(said.ID)))(t)
	if want := "I heard: hello <@" + s.BotUser().ID + ">"; reply.Content != want {
		t.Errorf("reply %q; want %q", reply.Content, want)
	}
	if cs := must(alice.Type(ctx, s.General(), "ask", "question", "wh", nil))(t); len(cs) != 1 || cs[0].Value != "w" {
		t.Errorf("choices %v", cs)
	}
	in := must(alice.Slash(s.General(), "ask", discordtest.Args{"question": "where?"}))(t)
	answer := must(in.Answer(ctx))(t)
	if answer.Content != "the answer [1]" {
		t.Errorf("answer %q", answer.Content)
	}
	if fs := must(in.Followups(ctx, 1))(t); fs[0].VisibleTo != alice {
		t.Errorf("the follow-up is visible to %v", fs[0].VisibleTo)
	}
	form := must(must(alice.Click(answer, "Follow up"))(t).Form(ctx))(t)
	told := must(must(alice.Submit(form, discordtest.Values{"Your question": "and when?"}))(t).Answer(ctx))(t)
	if told.Content != "you ask and when?" || told.VisibleTo != alice {
		t.Errorf("after the form: %+v", told)
	}
	if up := must(must(alice.Click(answer, "why"))(t).Answer(ctx))(t); up.ID != answer.ID || up.Content != "because" || !up.Edited {
		t.Errorf("after the click: %+v", up)
	}
	noRefusals(t, s)
	t.Log("\n" + s.Transcript())
	if !strings.Contains(s.Transcript(), "[Why this?] [Follow up]") {
		t.Error("no buttons in the transcript")
	}
}
