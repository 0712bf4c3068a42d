package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"

	"go.uber.org/goleak"
)

// TestMain checks that the bot leaves no goroutine behind. Those that libraries start as the program does are not the bot's; nor is one that nats.go
// v1.55.0 leaves when a blob is written and its stream is done before that goroutine has begun: it then waits on a channel that is nil.
func TestMain(m *testing.M) {
	if os.Getenv("BOT_CHILD") != "" {
		os.Exit(childBot()) // the test program run by a test of its own: see crash_test.go
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent(), goleak.IgnoreTopFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect"))
}

// onDiscord starts a bot against discordtest: real sockets, the real clock, and a server that checks everything it is sent. The
// bot ends with the test, which fails if the bot did not end well, was refused anything, or told a secret.
func onDiscord(t *testing.T, s *discordtest.Server, h Handlers) (b *Bot, stop func() error, log *syncBuffer) {
	t.Helper()
	log = &syncBuffer{}
	b, err := New(nil, s.Token(), Options{Discord: s.URL(),
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	b.handlers = h
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- b.Run(ctx) }()
	ended := false
	stop = func() error {
		if ended {
			return nil
		}
		ended = true
		cancel()
		err := <-over
		return err
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Run: %v", err)
		}
		for _, r := range s.Refusals() {
			t.Errorf("refused: %v", r)
		}
		if strings.Contains(log.String(), s.Token()) {
			t.Error("the token is in the log")
		}
		if t.Failed() {
			for _, e := range s.GatewayEvents() {
				t.Log(e)
			}
			t.Log(log)
		}
	})
	return b, stop, log
}

// echo answers everything with what was asked.
func echo(b **Bot) Handlers {
	return Handlers{
		Message: func(_ context.Context, m *Message) Response {
			if !m.Mentioned((*b).me().userID) && m.GuildID != "" {
				return Response{}
			}
			return Response{Action: Reply, Content: "echo: " + strings.ReplaceAll(m.Content, "@", "at ")}
		},
		Commands: map[string]Route{"ask": {
			Handle: func(_ context.Context, i *Interaction) Response {
				return Response{Action: Reply, Content: "echo: " + i.Options["question"]}
			},
			Complete: func(_ context.Context, i *Interaction) Response {
				return Response{Action: Complete, Choices: []Choice{{Name: i.Options["question"], Value: i.Options["question"]}}}
			}}},
	}
}

// within is how long anything on loopback may take before it counts as never.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// TestDiscordFaults injects each fault between a question that was answered and the next one, which is asked while the fault is
// on. It must be answered, once; and the session be resumed where it can be.
func TestDiscordFaults(t *testing.T) {
	spec := discordtest.FindSpec(t)
	for _, c := range []struct {
		name     string
		interval time.Duration
		fault    func(s *discordtest.Server)
		sessions int // IDENTIFYs in all
		resumes  int // at least
	}{
		{name: "op 7", fault: func(s *discordtest.Server) { s.Reconnect() }, sessions: 1, resumes: 1},
		{name: "op 7, then again in place of RESUMED", fault: func(s *discordtest.Server) {
			s.OnResume(discordtest.AskReconnect())
			s.Reconnect()
		}, sessions: 1, resumes: 2},
		{name: "op 9 true", fault: func(s *discordtest.Server) { s.Gateway(discordtest.InvalidSession(true)) }, sessions: 1, resumes: 1},
		{name: "RESUME refused", fault: func(s *discordtest.Server) {
			s.OnResume(discordtest.InvalidSession(false))
			s.Reconnect()
		}, sessions: 2, resumes: 1},
		{name: "op 1", fault: func(s *discordtest.Server) { s.Gateway(discordtest.AskHeartbeat()) }, sessions: 1},
		{name: "connection cut", fault: func(s *discordtest.Server) { s.Gateway(discordtest.Cut()) }, sessions: 1, resumes: 1},
		{name: "closed with 4000", fault: func(s *discordtest.Server) { s.Gateway(discordtest.CloseWith(4000)) }, sessions: 1, resumes: 1},
		{name: "closed with 4009", fault: func(s *discordtest.Server) { s.Gateway(discordtest.CloseWith(4009)) }, sessions: 2},
		{name: "silent link", interval: 300 * time.Millisecond, fault: func(s *discordtest.Server) { s.Gateway(discordtest.Ignore()) }, sessions: 1, resumes: 1},
		{name: "cut, and the gateway refuses connections for a while", fault: func(s *discordtest.Server) {
			s.RefuseConnections(2)
			s.Gateway(discordtest.Cut())
		}, sessions: 1, resumes: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := discordtest.New(t, discordtest.Options{Spec: spec, HeartbeatInterval: c.interval, Clock: discordtest.RealClock{}})
			var b *Bot
			b, _, _ = onDiscord(t, s, echo(&b))
			ctx := within(t, 30*time.Second)
			if err := s.WaitReady(ctx, 1); err != nil {
				t.Fatal(err)
			}
			ann := s.User("ann")
			ask := func(text string) string {
				m, err := ann.Say(s.General(), s.BotUser().Mention()+" "+text)
				if err != nil {
					t.Fatal(err)
				}
				return m.ID
			}
			first := ask("one")
			if _, err := s.WaitMessage(ctx, s.ReplyTo(first)); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			c.fault(s)
			second := ask("two")
			if _, err := s.WaitMessage(ctx, s.ReplyTo(second)); err != nil {
				t.Fatalf("the second question: %v", err)
			}
			t.Logf("answered again after %v", time.Since(began).Round(time.Millisecond))
			third := ask("three")
			if _, err := s.WaitMessage(ctx, s.ReplyTo(third)); err != nil {
				t.Fatal(err)
			}
			for _, id := range []string{first, second, third} {
				n := 0
				for _, m := range s.General().Messages() {
					if m.ReplyTo == id {
						n++
					}
				}
				if n != 1 {
					t.Errorf("%d answers to one question", n)
				}
			}
			resumes := 0
			for _, e := range s.GatewayEvents() {
				if e.Kind == "resume" {
					resumes++
				}
			}
			if n := s.SessionStarts(); n != c.sessions || resumes < c.resumes {
				t.Errorf("%d sessions and %d resumes, want %d and at least %d", n, resumes, c.sessions, c.resumes)
			}
		})
	}
}

// TestDiscordREST injects each fault of the HTTP side. Every question must be answered, once.
func TestDiscordREST(t *testing.T) {
	spec := discordtest.FindSpec(t)
	messages, callback := "/channels/*/messages", "/interactions/*/*/callback"
	for _, c := range []struct {
		name  string
		fault discordtest.Fault
	}{
		{"500 for a message", discordtest.Fault{Path: messages, Times: 2}.ServerError(500)},
		{"502 for a response", discordtest.Fault{Path: callback, Times: 2}.ServerError(502)},
		{"429 for a message", discordtest.Fault{Path: messages, Times: 2}.TooMany(300*time.Millisecond, discordtest.ScopeUser)},
		{"429 for all", discordtest.Fault{Path: messages}.TooMany(300*time.Millisecond, discordtest.ScopeGlobal)},
		{"429 for a response", discordtest.Fault{Path: callback}.TooMany(300*time.Millisecond, discordtest.ScopeShared)},
		{"Cloudflare", discordtest.Fault{Path: messages}.Cloudflare(time.Second)},
		{"a message that arrives, its answer cut", discordtest.Fault{Path: messages, CutAfter: true}},
		{"a response that arrives, its answer cut", discordtest.Fault{Path: callback, CutAfter: true}},
		{"a message cut before it arrives", discordtest.Fault{Path: messages, CutBefore: true}},
		{"a response cut before it arrives", discordtest.Fault{Path: callback, CutBefore: true}},
		{"a slow response", discordtest.Fault{Path: callback, Slow: 1200 * time.Millisecond}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := discordtest.New(t, discordtest.Options{Spec: spec})
			var b *Bot
			b, stop, _ := onDiscord(t, s, echo(&b))
			ctx := within(t, 30*time.Second)
			if err := s.WaitReady(ctx, 1); err != nil {
				t.Fatal(err)
			}
			if _, err := s.WaitRequest(ctx, func(r discordtest.Request) bool {
				return r.Method == "PUT" && strings.HasSuffix(r.Path, "/commands")
			}); err != nil {
				t.Fatal(err)
			}
			ann := s.User("ann")
			s.Fault(c.fault)
			began := time.Now()
			m, err := ann.Say(s.General(), s.BotUser().Mention()+" one")
			if err != nil {
				t.Fatal(err)
			}
			in, err := ann.Slash(s.General(), "ask", discordtest.Args{"question": "two"})
			if err != nil {
				t.Fatal(err)
			}
			if a, err := in.Answer(ctx); err != nil || a.Content != "echo: two" {
				t.Errorf("the command: %q, %v", a.Content, err)
			}
			if _, err := s.WaitMessage(ctx, s.ReplyTo(m.ID)); err != nil {
				t.Errorf("the mention: %v", err)
			}
			t.Logf("both answered after %v; %d invalid requests", time.Since(began).Round(time.Millisecond), s.InvalidRequests())
			third, err := ann.Say(s.General(), s.BotUser().Mention()+" three")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.WaitMessage(ctx, s.ReplyTo(third.ID)); err != nil {
				t.Errorf("the third: %v", err)
			}
			answers := 0
			for _, m := range s.General().Messages() {
				if m.Author.ID == s.BotUser().ID {
					answers++
				}
			}
			if answers != 3 {
				t.Errorf("%d messages answer three questions", answers)
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
			// What was given already is refused when it is repeated, as it should be.
			for _, r := range s.Refusals() {
				if r.Code != codeAlreadyAnswered {
					t.Errorf("refused: %v", r)
				}
			}
			s.ClearRefusals()
		})
	}
}

// TestDiscordFinal checks each final close against discordtest: the bot ends, and has connected once.
func TestDiscordFinal(t *testing.T) {
	for _, code := range []int{4004, 4010, 4011, 4012, 4013, 4014} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			s := discordtest.New(t, discordtest.Options{})
			s.OnIdentify(discordtest.CloseWith(code))
			b, err := New(nil, s.Token(), Options{Discord: s.URL()})
			if err != nil {
				t.Fatal(err)
			}
			var stop *StopError
			if err := b.Run(within(t, 20*time.Second)); !errors.As(err, &stop) || stop.Code != code {
				t.Errorf("Run: %v", err)
			}
			n := 0
			for _, e := range s.GatewayEvents() {
				if e.Kind == "connect" {
					n++
				}
			}
			if n != 1 {
				t.Errorf("it connected %d times", n)
			}
		})
	}
	t.Run("a wrong token", func(t *testing.T) {
		s := discordtest.New(t, discordtest.Options{})
		b, err := New(nil, "wrong", Options{Discord: s.URL()})
		if err != nil {
			t.Fatal(err)
		}
		var stop *StopError
		if err := b.Run(within(t, 20*time.Second)); !errors.As(err, &stop) {
			t.Errorf("Run: %v", err)
		}
		if n := s.InvalidRequests(); n != 1 {
			t.Errorf("%d requests with a wrong token", n)
		}
	})
}

// TestDiscordEnd checks that a bot which is told to end closes its session as one that does not come back.
func TestDiscordEnd(t *testing.T) {
	s := discordtest.New(t, discordtest.Options{})
	var b *Bot
	b, stop, _ := onDiscord(t, s, echo(&b))
	ctx := within(t, 20*time.Second)
	if err := s.WaitReady(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	e, err := s.WaitGateway(ctx, func(e discordtest.GatewayEvent) bool { return e.Kind == "close" })
	if err != nil || e.Code != 1000 {
		t.Errorf("closed with %v, %v", e, err)
	}
}

// TestDiscordRegistration checks that a second start registers nothing.
func TestDiscordRegistration(t *testing.T) {
	s := discordtest.New(t, discordtest.Options{Spec: discordtest.FindSpec(t)})
	for start := range 2 {
		var b *Bot
		b, stop, log := onDiscord(t, s, echo(&b))
		ctx := within(t, 20*time.Second)
		if _, err := s.WaitRequest(ctx, func(r discordtest.Request) bool {
			return r.Method == map[int]string{0: "PUT", 1: "GET"}[start] && strings.Contains(r.Path, "/commands")
		}); err != nil {
			t.Fatal(err)
		}
		for !strings.Contains(log.String(), map[int]string{0: "registered the commands", 1: "registered already"}[start]) {
			if ctx.Err() != nil {
				t.Fatalf("start %d: the log does not say so", start)
			}
			time.Sleep(time.Millisecond)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	puts := 0
	for _, r := range s.Requests() {
		if r.Method == "PUT" {
			puts++
		}
	}
	if puts != 1 {
		t.Errorf("%d writes in two starts, want 1", puts)
	}
}
