package bot

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/knowledge"
)

// nowhere is a network that leads nowhere.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no network") }

// offering is the components of a message that has a button with the custom_id.
func offering(id string) json.RawMessage {
	data, err := json.Marshal([]any{row(button("x", id))})
	if err != nil {
		panic(err) // a string is always JSON
	}
	return data
}

// FuzzPress presses every button and submits every form with any custom_id, on any message: those of an older footnote stay where they were posted, and facts
// come and go. Nothing may panic, and what is answered keeps Discord's limits and pings nobody.
func FuzzPress(f *testing.F) {
	base, problems, err := knowledge.Open(f.Context(), os.DirFS("testdata/dialogue"))
	if err != nil || knowledge.HasErrors(problems) {
		f.Fatal(err, problems)
	}
	f.Cleanup(func() { base.Close() })
	never := math.MaxInt32 // too fast
	b, err := New(base, "x.y.z", Options{Transport: nowhere{}})
	if err != nil {
		f.Fatal(err)
	}
	d := b.desk(time.Now)
	d.fetch = func(context.Context, string, string) (*Message, error) { return nil, errors.New("unknown message") }
	d.members, d.channels, d.presses = newPace(never, time.Second, 10), newPace(never, time.Second, 10), newPace(never, time.Second, 10)
	h := d.handlers()
	fact := hash("bridge-cost")
	for _, args := range []string{"", ":", fact, fact + "." + hash("vote-county") + "." + hash("gone"), fact + ":2:0", fact + ":2:-1", fact + ":2:99999999999999999999", "2", "-1", "1", hash("money") + ":-7", "...", ":::::"} {
		for n, content := range []string{"", "-# ❓ How much will it cost?\n40 [1]", "-# ❓ @everyone\n-# ↪ Read as: “and when? — after “””", "-# ❓ " + zeroWidth + "\\"} {
			f.Add(args, content, hash("money"), uint8(n))
		}
	}
	f.Fuzz(func(t *testing.T, args, content, value string, how uint8) {
		press := func(name string, r Route) {
			i := &Interaction{ID: "100", Type: discordgo.InteractionMessageComponent, ChannelID: "10", GuildID: "20", Locale: []string{"en-US", "de", "fr", "ja"}[how%4],
				User: User{ID: "2"}, Member: &Member{Permissions: Bits(how)}, CustomID: atMost(name+":"+args, maxCustomID), Values: []string{value},
				Fields: map[string][]string{fieldQuestion: {atMost(value, maxQuestion)}, fieldReason: {value}, fieldNote: {value}}}
			if how&4 == 0 {
				i.Message = &Message{ID: "50", ChannelID: "10", Content: content, Flags: int(how&8) << 3, Reference: &Reference{MessageID: "40"}, Components: offering(i.CustomID)}
			}
			answer := r.Handle(t.Context(), i)
			for _, p := range append([]Response{answer}, answer.Also...) {
				if p.Action == Form {
					if p.Title == "" || len(p.Components) == 0 || !r.Opens {
						t.Errorf("%s (opens forms: %t): the form %+v", i.CustomID, r.Opens, p)
					}
					continue
				}
				checkPost(t, p)
				if (p.Action == Reply || p.Action == Update) && p.Content == "" {
					t.Errorf("%s: nothing is said", i.CustomID)
				}
			}
		}
		for name, r := range h.Buttons {
			press(name, r)
		}
		for name, r := range h.Forms {
			press(name, r)
		}
	})
}
