package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/discordtest"
)

// safeBuffer is what a running command writes.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// TestRun runs the whole program against a Discord on loopback, with --debug: it answers, from the folder as that changes;
// serves the operator's pages; ends with 0 when told to; and never writes its token, nor what was asked.
func TestRun(t *testing.T) {
	s := discordtest.New(t, discordtest.Options{Spec: discordtest.FindSpec(t), Clock: discordtest.RealClock{}})
	dir := t.TempDir()
	write := func(text string) {
		t.Helper()
		file := "sources:\n  article: {title: The article}\nfacts:\n  - id: office\n    text: " + text + "\n    cite: [{paragraph: 1}]\n    asks: [Where will the zeppelin office be?]\n"
		if err := os.WriteFile(filepath.Join(dir, "office.yaml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("The zeppelin office will be in Tokyo.")
	wait, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ctx, stop := context.WithCancel(t.Context())
	var stdout, stderr safeBuffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"run", "--discord", s.URL(), "--facts", dir, "--data", filepath.Join(t.TempDir(), "data"), "--listen", "127.0.0.1:0", "--debug"}, func(key string) string {
			if key == "DISCORD_TOKEN" {
				return s.Token()
			}
			return ""
		}, strings.NewReader(""), &stdout, &stderr)
	}()
	end := func() int {
		stop()
		return <-code
	}
	defer func() {
		if t.Failed() {
			t.Log(stderr.String())
		}
	}()
	if err := s.WaitReady(wait, 1); err != nil {
		end()
		t.Fatal(err)
	}
	if _, err := s.WaitRequest(wait, func(r discordtest.Request) bool { return r.Method == "PUT" }); err != nil {
		end()
		t.Fatal(err)
	}
	ann := s.User("ann")
	const question = "where will the zeppelin office be?"
	ask := func() string {
		in, err := ann.Slash(s.General(), "ask", discordtest.Args{"question": question})
		if err != nil {
			t.Error(err)
			return ""
		}
		m, err := in.Answer(wait)
		if err != nil {
			t.Error(err)
		}
		return m.Content
	}
	if a := ask(); !strings.Contains(a, "The zeppelin office will be in Tokyo.") {
		t.Errorf("answered: %q", a)
	}

	addr := regexp.MustCompile(`listening for the operator" addr=(\S+)`).FindStringSubmatch(stderr.String())
	if addr == nil {
		t.Error("the log does not say where the operator's pages are")
	} else {
		for path, want := range map[string]string{"/healthz": "ok", "/readyz": `"ready":true`, "/metrics": `footnote_answers_total{outcome="answered"} 1`} {
			resp, err := http.Get("http://" + addr[1] + path)
			if err != nil {
				t.Error(err)
				continue
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != 200 || !strings.Contains(string(body), want) {
				t.Errorf("%s: %s, without %s", path, resp.Status, want)
			}
		}
		http.DefaultClient.CloseIdleConnections()
	}

	await := func(what string) {
		for !strings.Contains(stderr.String(), what) {
			if wait.Err() != nil {
				t.Fatalf("the log never says %q", what)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	write("The zeppelin office will be in Kyoto.")
	await("new facts are in use")
	if a := ask(); !strings.Contains(a, "Kyoto") {
		t.Errorf("answered from the new facts: %q", a)
	}
	write("")
	await("earlier ones go on serving")
	if a := ask(); !strings.Contains(a, "Kyoto") {
		t.Errorf("answered when the newest facts are bad: %q", a)
	}

	if c := end(); c != exitGood {
		t.Errorf("exit code %d", c)
	}
	for _, want := range []string{"msg=event name=INTERACTION_CREATE", `msg=request method=POST route=/interactions/{}/{}/callback`, "status=20"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("with --debug the log has no %q", want)
		}
	}
	for _, secret := range []string{s.Token(), "zeppelin", "itok."} {
		if log := stderr.String(); strings.Contains(strings.ReplaceAll(log, "The zeppelin", ""), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if stdout.String() != "" {
		t.Errorf("stdout: %q", &stdout.b)
	}
	for _, r := range s.Refusals() {
		t.Errorf("refused: %v", r)
	}
}

// TestRunRefused checks the one line and the exit code of a bot that Discord refuses.
func TestRunRefused(t *testing.T) {
	for name, c := range map[string]struct {
		token string
		set   func(*discordtest.Server)
		want  string
	}{
		"a wrong token":    {"wrong.token.here", func(*discordtest.Server) {}, "footnote: Discord does not know this token: set DISCORD_TOKEN"},
		"an intent denied": {"", func(s *discordtest.Server) { s.OnIdentify(discordtest.CloseWith(4014)) }, "footnote: Discord denies the bot an intent (4014): switch it on under https://discord.com/developers/applications"},
	} {
		t.Run(name, func(t *testing.T) {
			s := discordtest.New(t, discordtest.Options{})
			c.set(s)
			token := c.token
			if token == "" {
				token = s.Token()
			}
			var stdout, stderr safeBuffer
			code := run(t.Context(), []string{"run", "--discord", s.URL(), "--data", t.TempDir()}, func(key string) string {
				if key == "DISCORD_TOKEN" {
					return token
				}
				return ""
			}, strings.NewReader(""), &stdout, &stderr)
			lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
			if last := lines[len(lines)-1]; code != bot.ExitStopped || !strings.HasPrefix(last, c.want) || strings.Contains(stderr.String(), token) {
				t.Errorf("exit code %d, and:\n%s", code, stderr.String())
			}
		})
	}
}
