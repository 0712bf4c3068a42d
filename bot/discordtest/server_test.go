package discordtest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/bot/discordtest"

	"github.com/bwmarrin/discordgo"
)

func TestFakeClock(t *testing.T) {
	t.Parallel()
	c := discordtest.NewClock(discordtest.Start)
	var ran []string
	at := func(name string) func() {
		return func() { ran = append(ran, fmt.Sprint(name, " ", c.Now().Sub(discordtest.Start))) }
	}
	c.AfterFunc(2*time.Second, at("late"))
	c.AfterFunc(time.Second, func() { at("early")(); c.AfterFunc(500*time.Millisecond, at("between")) })
	stop := c.AfterFunc(time.Second, at("stopped"))
	c.AfterFunc(time.Hour, at("never"))
	stop()
	c.Advance(2 * time.Second)
	if want := []string{"early 1s", "between 1.5s", "late 2s"}; !slices.Equal(ran, want) {
		t.Errorf("%q; want %q", ran, want)
	}
	if d := c.Now().Sub(discordtest.Start); d != 2*time.Second {
		t.Errorf("the clock stands at %v", d)
	}
}

// Two servers at once know nothing of each other.
func TestServersAreApart(t *testing.T) {
	t.Parallel()
	a, b := discordtest.New(t, discordtest.Options{}), discordtest.New(t, discordtest.Options{})
	must(a.User("alice").Say(a.General(), "hello"))(t)
	if len(b.General().Messages()) != 0 {
		t.Error("heard on the other server")
	}
	if _, _, err := a.Dialer().Dial(b.GatewayURL(), nil); err == nil {
		t.Error("a's dialer reaches b")
	}
	r := mustRequest(t, b)
	r.URL.Host = "example.org"
	if resp, err := a.Transport().RoundTrip(r); err == nil {
		resp.Body.Close()
		t.Error("a's transport reaches the world")
	}
}

// What other machines say, and events of any shape.
func TestOthers(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{})
	c := connect(t, s, guilds|messages)
	type heard struct {
		WebhookID string `json:"webhook_id"`
		Author    struct {
			ID  string
			Bot bool
		}
	}
	for _, u := range []*discordtest.User{s.User("alice"), s.Bot("echo"), s.Webhook("news")} {
		must(u.Say(s.General(), "hello"))(t)
		var m heard
		if err := json.Unmarshal(c.event("MESSAGE_CREATE"), &m); err != nil {
			t.Fatal(err)
		}
		if m.Author.ID != u.ID || m.Author.Bot != (u.Name != "alice") || (m.WebhookID != "") != (u.Name == "news") {
			t.Errorf("%s: %+v", u.Name, m)
		}
	}
	s.Dispatch("MESSAGE_CREATE", json.RawMessage(`{"components":[{"type":99}]}`))
	if got := string(c.event("MESSAGE_CREATE")); got != `{"components":[{"type":99}]}` {
		t.Errorf("%s", got)
	}
}

// The transcript reads as what members saw.
func TestTranscript(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	s, alice := st.s, st.alice
	said := must(alice.Say(s.General(), s.BotUser().Mention()+" where?\nand when?"))(t)
	ch := "/channels/" + s.General().ID + "/messages"
	_, v := call(t, s, "POST", ch, obj{"content": "there", "message_reference": obj{"message_id": said.ID}, "allowed_mentions": obj{"parse": list{}},
		"components": list{row(obj{"type": 2, "style": 2, "emoji": obj{"name": "👍"}, "custom_id": "up"}, with(button("off"), "disabled", true)), row(with(menu(2), "placeholder", "pick"))}})
	id := get(v, "id").(string)
	call(t, s, "PATCH", ch+"/"+id, obj{"content": "elsewhere", "components": list{}})
	call(t, s, "DELETE", ch+"/"+id, nil)
	must(alice.DM("psst", discordtest.Upload{Name: "a.txt", Data: []byte("xyz")}))(t)
	_, e := st.ask()
	st.callback(e, msg(obj{"content": "yours", "flags": 64, "embeds": list{obj{"title": "t", "description": "d"}}}))
	_, e = st.ask()
	st.callback(e, modal(obj{"type": 18, "label": "Reason", "description": "be kind", "component": input("placeholder", "say it")}))
	want := `== #general
alice (pings @Footnote): @Footnote where?
    and when?
Footnote (reply to alice): there
    [👍] (b)
    [v pick: l0 | l1]
Footnote (edited): elsewhere
* deleted: Footnote's message: elsewhere

== @alice & Footnote
alice: psst
    <file a.txt, 3 bytes>

== #general
* alice uses /ask q: why
Footnote (only alice sees this): yours
    | t
    | d
* alice uses /ask q: why
* alice is shown the form "t"
    Reason (be kind): [say it]
`
	if got := s.Transcript(); got != want {
		t.Errorf("the transcript is\n%s\nwant\n%s", got, want)
	}
}

// Many members at once: nothing is lost, and each gets the answer to what it asked.
func TestMany(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{Spec: discordtest.FindSpec(t)}) // its clock stands: no machine is too slow
	answers(t, s)
	ask(t, s, 300)
	noRefusals(t, s)
}

// answers is a bot that repeats the question.
func answers(t testing.TB, s *discordtest.Server) {
	d := session(t, s)
	d.AddHandler(func(d *discordgo.Session, i *discordgo.InteractionCreate) {
		q := i.ApplicationCommandData().Options[0].StringValue()
		if err := d.InteractionRespond(i.Interaction, &discordgo.InteractionResponse{Type: 4, Data: &discordgo.InteractionResponseData{Content: "answer to " + q}}); err != nil {
			t.Error(err)
		}
	})
	if err := d.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if _, err := d.ApplicationCommandBulkOverwrite(s.BotUser().ID, "", []*discordgo.ApplicationCommand{{Name: "ask", Description: "Ask",
		Options: []*discordgo.ApplicationCommandOption{{Name: "question", Description: "What", Type: 3}}}}); err != nil {
		t.Fatal(err)
	}
}

// ask lets n members ask at once, and waits for all answers.
func ask(t testing.TB, s *discordtest.Server, n int) {
	ctx := deadline(t)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			q := fmt.Sprint("question ", i)
			in, err := s.User(fmt.Sprint("user ", i%50)).Slash(s.General(), "ask", discordtest.Args{"question": q})
			if err != nil {
				t.Error(err)
				return
			}
			m, err := in.Answer(ctx)
			if err != nil || !strings.HasSuffix(m.Content, q) {
				t.Errorf("%s: %q, %v", q, m.Content, err)
			}
		})
	}
	wg.Wait()
}

// BenchmarkAsk is how many questions a second the server itself can take and check.
func BenchmarkAsk(b *testing.B) {
	s, err := discordtest.Run(discordtest.Options{Clock: discordtest.RealClock{}, Spec: discordtest.FindSpec(b), LogLimit: 1000})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	answers(b, s)
	b.ResetTimer()
	for range b.N {
		ask(b, s, 100)
	}
	b.ReportMetric(float64(100*b.N)/b.Elapsed().Seconds(), "questions/s")
}
