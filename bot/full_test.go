//go:build linux

package bot

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"footnote/bot/discordtest"
)

// TestDiskFull takes away all room on the disk from a running bot, and gives it back. Meanwhile questions are answered; who wants something kept is told that it
// is not; the operator's pages and the moderators' status say so. Afterwards all is kept again, without a restart.
func TestDiskFull(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	t.Setenv("BOT_LISTEN", addr)
	ctx := within(t, 2*time.Minute)
	p := newProcess(t, ctx)
	s := p.s
	alice, mod, general, me := s.User("alice"), s.User("mod"), s.General(), s.BotUser().Mention()
	s.Home().Add(mod, s.Home().Role("moderators", discordtest.ManageGuild))
	p.start("")
	if err := s.WaitReady(ctx, 1); err != nil || !p.until("passed") {
		t.Fatalf("%v\n%s", err, p.log)
	}
	if _, err := s.WaitRequest(ctx, func(r discordtest.Request) bool { return r.Method == "PUT" && strings.Contains(r.Path, "/guilds/") }); err != nil {
		t.Fatal(err)
	}
	room := func(bytes uint64) {
		t.Helper()
		if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}, nil); err != nil {
			t.Fatal(err)
		}
	}
	page := func(path string, want int) string { // waits till it is so
		t.Helper()
		for {
			r, err := http.NewRequestWithContext(ctx, "GET", "http://"+addr+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatalf("%s: %v\n%s", path, err, p.log)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode == want {
				return string(body)
			}
		}
	}
	defer http.DefaultClient.CloseIdleConnections()
	ask := func(text string) discordtest.Message {
		t.Helper()
		m, err := alice.Say(general, me+" "+text)
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.WaitMessage(ctx, s.ReplyTo(m.ID))
		if err != nil {
			t.Fatalf("%v\n%s", err, p.log)
		}
		return a
	}
	press := func(u *discordtest.User, m discordtest.Message, button string) string {
		t.Helper()
		i, err := u.Click(m, button)
		if err != nil {
			t.Fatal(err)
		}
		a, err := i.Answer(ctx)
		if err != nil {
			t.Fatalf("%v\n%s", err, p.log)
		}
		return a.Content
	}
	answer, declined := ask("when will the bridge open?"), ask("who is the conductor of the choir?")
	page("/healthz", 200)

	room(1)
	if got := press(alice, declined, "Tell me when known"); got != speak("").NotKept {
		t.Errorf("who wants to be told is told: %s", got)
	}
	if got := press(alice, answer, "👍"); got != speak("").NotKept {
		t.Errorf("who votes is told: %s", got)
	}
	if body := page("/healthz", 503); !strings.Contains(body, "the journal takes no writes since 20") || !strings.Contains(body, "file too large") {
		t.Errorf("/healthz says %s", body)
	}
	if body := page("/readyz", 503); !strings.Contains(body, `"journal":"`) {
		t.Errorf("/readyz says %s", body)
	}
	if a := ask("where will the bridge be built?"); !strings.Contains(a.Content, "old ferry landing") {
		t.Errorf("a question meanwhile is answered: %s", a.Content)
	}
	i, err := mod.Slash(general, "facts status", nil)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := i.Answer(ctx); err != nil || !strings.Contains(m.Content, "nothing can be kept") {
		t.Errorf("/facts status: %s %v", m.Content, err)
	}
	t.Logf("/healthz: %s", page("/healthz", 503))

	room(unix.RLIM_INFINITY)
	page("/healthz", 200)
	page("/readyz", 200)
	if got := press(alice, declined, "Tell me when known"); got != speak("").TellHere {
		t.Errorf("afterwards who wants to be told is told: %s", got)
	}
	if got := press(alice, answer, "👍"); got != speak("").VotedUp {
		t.Errorf("afterwards who votes is told: %s", got)
	}
	p.end()
	j := p.open()
	defer j.Close()
	if k, err := j.Kept(ctx, alice.ID); err != nil || k.Waits != 1 || k.Votes != 1 {
		t.Errorf("of alice is kept %+v, %v\n%s", k, err, p.log)
	}
}
