package bot

import (
	"testing"
	"time"

	"footnote/bot/discordtest"
)

// TestCommandsThatCannotBeRead checks that the commands are written where they can't be read, as on a server that has no such route.
func TestCommandsThatCannotBeRead(t *testing.T) {
	s := discordtest.New(t, discordtest.Options{Spec: discordtest.FindSpec(t)})
	s.Fault(discordtest.Fault{Method: "GET", Path: "/applications/*/commands", Times: -1, Status: 404})
	var b *Bot
	b, _, _ = onDiscord(t, s, echo(&b))
	if _, err := s.WaitRequest(within(t, 20*time.Second), func(r discordtest.Request) bool {
		return r.Method == "PUT" && r.Status == 200 && r.Route == "/applications/{application_id}/commands"
	}); err != nil {
		t.Fatal(err)
	}
	if len(s.Commands()) == 0 {
		t.Error("no command is registered")
	}
}
