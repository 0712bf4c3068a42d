package discordtest_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"footnote/bot/discordtest"
)

// peer is another client library's bot, a process of its own.
type peer struct {
	t     *testing.T
	lines chan peerLine
	stdin io.Closer
	done  chan error
}

type peerLine struct {
	What, Error string
	Guilds      int
	Channels    int
	Replayed    int
	Code        int
}

func startPeer(t *testing.T, dir string, s *discordtest.Server) *peer {
	t.Helper()
	cmd := exec.Command("node", filepath.Join(dir, "bot.mjs"), s.URL(), s.Token())
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, lines: make(chan peerLine, 1000), stdin: in, done: make(chan error, 1)}
	go func() {
		sc := bufio.NewScanner(out)
		for sc.Scan() {
			var l peerLine
			if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
				l = peerLine{What: "error", Error: sc.Text()}
			}
			p.lines <- l
		}
		close(p.lines)
		p.done <- cmd.Wait()
	}()
	t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill() // nothing is left to kill after a good run
		<-p.done
	})
	return p
}

// wait reads the peer's lines up to the one it waits for.
func (p *peer) wait(what string) peerLine {
	p.t.Helper()
	ctx := deadline(p.t)
	for {
		select {
		case l, ok := <-p.lines:
			if !ok {
				p.t.Fatalf("the peer ended before %q", what)
			}
			if l.What == "error" {
				p.t.Fatalf("the peer: %s", l.Error)
			}
			if l.What == what {
				return l
			}
		case <-ctx.Done():
			p.t.Fatalf("the peer did not tell %q", what)
		}
	}
}

// TestPeerDiscordjs drives a bot on discord.js, an independent client of good name. It runs where .ci/peers/discordjs/run has installed it.
func TestPeerDiscordjs(t *testing.T) {
	dir := os.Getenv("DISCORDTEST_PEER")
	if dir == "" {
		t.Skip("run by .ci/peers/discordjs/run")
	}
	ctx := deadline(t)
	s := discordtest.New(t, discordtest.Options{Spec: discordtest.FindSpec(t), Logf: t.Logf})
	p := startPeer(t, dir, s)
	if l := p.wait("ready"); l.Guilds != 1 || l.Channels != 1 {
		t.Errorf("it knows %d guilds and %d channels", l.Guilds, l.Channels)
	}
	alice := s.User("alice")
	dialogue := func() {
		t.Helper()
		said := must(alice.Say(s.General(), s.BotUser().Mention()+" hello"))(t)
		reply := must(s.WaitMessage(ctx, s.ReplyTo(said.ID)))(t)
		if !strings.HasSuffix(reply.Content, "hello") || len(reply.Pinged) != 0 {
			t.Errorf("%+v", reply)
		}
		if cs := must(alice.Type(ctx, s.General(), "ask", "question", "wh", nil))(t); len(cs) != 1 || cs[0].Name != "wh?" {
			t.Errorf("choices %v", cs)
		}
		in := must(alice.Slash(s.General(), "ask", discordtest.Args{"question": "where?"}))(t)
		answer := must(in.Answer(ctx))(t)
		if answer.Content != "answer to where? [1]" {
			t.Errorf("%+v", answer)
		}
		if f := must(in.Followups(ctx, 1))(t); f[0].VisibleTo != alice {
			t.Errorf("%+v", f)
		}
		target := must(must(alice.MessageCommand(said, "Ask the facts"))(t).Answer(ctx))(t)
		if !strings.Contains(target.Content, "hello") || target.VisibleTo != alice {
			t.Errorf("%+v", target)
		}
		form := must(must(alice.Click(answer, "Follow up"))(t).Form(ctx))(t)
		told := must(must(alice.Submit(form, discordtest.Values{"Your question": "and when?"}))(t).Answer(ctx))(t)
		if told.Content != "asked: and when?" || len(told.Files) != 1 || string(told.Files[0].Data) != "a file" {
			t.Errorf("%+v", told)
		}
		if m := must(must(alice.Click(answer, "Why this?"))(t).Answer(ctx))(t); m.Content != "because" || len(m.Components) != 0 {
			t.Errorf("%+v", m)
		}
	}
	dialogue()

	s.Reconnect()
	p.wait("resumed")
	dialogue()

	s.OnResume(discordtest.InvalidSession(false))
	at := len(s.GatewayEvents())
	s.Reconnect()
	p.wait("shard ready")
	dialogue()
	var order []string
	for _, e := range s.GatewayEvents()[at:] {
		if e.Kind == "heartbeat" {
			continue
		}
		if e.Kind == "connect" {
			e.Path, _, _ = strings.Cut(e.Path, "?")
		}
		order = append(order, e.String()[len("conn 1 "):])
	}
	want := []string{"fault op 7", "close 4200", "connect /resume", "resume", "fault op 9 (false)", "close 1000", "connect /gateway", "identify", "ready"}
	if !slices.Equal(order, want) {
		t.Errorf("a refused RESUME went\n%q; want\n%q", order, want)
	}

	p.stdin.Close()
	p.wait("left")
	if err := s.WaitGone(ctx); err != nil {
		t.Error(err)
	}
	noRefusals(t, s)
	t.Log("\n" + s.Transcript())
}
