package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"footnote/knowledge"
)

// TestOutage takes the network away for ten minutes, in each way it can go. The bot must be back within the longest pause
// between two tries, resume its session, and not have hammered meanwhile.
func TestOutage(t *testing.T) {
	const outage = 10 * time.Minute
	for _, c := range []struct {
		name       string
		down, hang bool
		most       int           // dials meanwhile
		back       time.Duration // from its end to the next answer
	}{
		{name: "no route", down: true, most: 40, back: 46 * time.Second},
		{name: "connections that say nothing", hang: true, most: 40, back: 56 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(n int, l *link) {
					if n == 1 {
						l.first()
						l.f.set(c.down, c.hang)
						l.ws.NetConn().Close()
						return
					}
					l.welcome()
					l.second()
				})
				r := f.run(nil)
				defer r.end(f)
				time.Sleep(outage)
				f.mu.Lock()
				dials := len(f.dials)
				f.mu.Unlock()
				f.set(false, false)
				f.fault()
				back := f.until("the second answer", time.Hour, func() bool { return f.posts()["102"] > 0 })
				t.Logf("%d dials in %v; back after %v", dials, outage, back)
				if dials > c.most || back > c.back {
					t.Errorf("%d dials, back after %v; want at most %d, %v", dials, back, c.most, c.back)
				}
				if !strings.Contains(f.notes(), "2: RESUME s1 after 2") {
					t.Error("the session was not resumed")
				}
			})
		})
	}
}

// TestSlowReturn takes the network away till the pauses between two tries are at their longest, and then lets the gateway answer, but end the
// connection at once in each way it may. Since it has answered, the next try must not wait as one does for a gateway that is away.
func TestSlowReturn(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(l *link)
	}{
		{"RESUME refused", func(l *link) { <-l.in; l.op(9, false); l.idle() }},
		{"RESUME interrupted", func(l *link) { <-l.in; l.op(9, true); l.idle() }},
		{"told to reconnect", func(l *link) { <-l.in; l.op(7, nil); l.idle() }},
		{"the session timed out", func(l *link) { <-l.in; l.close(4009); l.idle() }},
		{"closed for no reason", func(l *link) { l.close(4000); l.idle() }},
		{"cut after HELLO", func(l *link) { <-l.in; l.ws.NetConn().Close() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(n int, l *link) {
					switch n {
					case 1:
						l.first()
						l.f.set(true, false)
						l.ws.NetConn().Close()
					case 2:
						l.f.fault() // it is back
						c.end(l)
					default:
						l.welcome()
						l.second()
					}
				})
				r := f.run(nil)
				defer r.end(f)
				time.Sleep(10 * time.Minute)
				f.set(false, false)
				f.until("the second answer", time.Hour, func() bool { return f.posts()["102"] > 0 })
				f.mu.Lock()
				struck := f.struck
				f.mu.Unlock()
				back := f.answered("102").Sub(struck)
				if back > 2*time.Second {
					t.Errorf("answering %v after the gateway did", back)
				}
			})
		})
	}
	t.Run("closed after each HELLO", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, func(n int, l *link) { l.close(4000); l.idle() })
			r := f.run(nil)
			defer r.end(f)
			time.Sleep(10 * time.Minute)
			f.mu.Lock()
			n := f.linked
			f.mu.Unlock()
			if n > 40 {
				t.Errorf("%d connections in ten minutes to a gateway that closes each", n)
			}
		})
	})
}

// TestNoHello checks that a gateway which takes the connection and then says nothing is left.
func TestNoHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(n int, l *link) { l.welcome(); l.second() })
		f.noHello = true
		r := f.run(nil)
		defer r.end(f)
		time.Sleep(helloWithin - time.Second)
		f.mu.Lock()
		f.noHello = false
		f.mu.Unlock()
		if took := f.says("2: IDENTIFY", time.Minute); took > 7*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// TestResumeAddress checks that a session is resumed at the common address where its own does not answer.
func TestResumeAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(n int, l *link) {
			if n == 1 {
				l.first()
				l.op(7, nil)
				l.idle()
				return
			}
			l.welcome()
			l.second()
		})
		f.deadHost = "resume"
		r := f.run(nil)
		defer r.end(f)
		took := f.until("the second answer", time.Minute, func() bool { return f.posts()["102"] > 0 })
		if n := f.notes(); !strings.Contains(n, "2: connected at /gw?") || !strings.Contains(n, "2: RESUME s1") {
			t.Errorf("not resumed at the common address:\n%s", n)
		}
		t.Logf("took %v", took)
	})
}

// TestBudget checks the day's budget of sessions: when it is used up nothing is started till it is full again, and when it is
// scarce what is left is spread.
func TestBudget(t *testing.T) {
	bot := func(remaining int, reset time.Duration) func(http.ResponseWriter, *http.Request, []byte) bool {
		return func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if !strings.HasSuffix(r.URL.Path, "/gateway/bot") {
				return false
			}
			fmt.Fprintf(w, `{"url":"ws://fake/gw","shards":1,"session_start_limit":{"total":1000,"remaining":%d,"reset_after":%d,"max_concurrency":1}}`, remaining, reset.Milliseconds())
			return true
		}
	}
	t.Run("used up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, func(n int, l *link) { l.welcome(); l.idle() })
			full := time.Now().Add(3*time.Hour - time.Second)
			f.refuse = func(w http.ResponseWriter, r *http.Request, b []byte) bool {
				if time.Now().Before(full) {
					return bot(0, time.Until(full)+time.Second)(w, r, b)
				}
				return bot(1000, 24*time.Hour)(w, r, b)
			}
			r := f.run(nil)
			defer r.end(f)
			if took := f.says("1: IDENTIFY", 4*time.Hour); took < 3*time.Hour-time.Second || took > 3*time.Hour+time.Minute {
				t.Errorf("a session was started after %v", took)
			}
			if !strings.Contains(r.log.String(), "budget of sessions is used up") {
				t.Error("the operator was not told")
			}
		})
	})
	t.Run("scarce, and refused for ever", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, func(n int, l *link) { <-l.in; l.op(9, false); l.idle() })
			left, reset := 40, time.Now().Add(2*time.Hour)
			f.refuse = func(w http.ResponseWriter, r *http.Request, b []byte) bool {
				return bot(left-strings.Count(f.notes(), "IDENTIFY"), time.Until(reset))(w, r, b)
			}
			r := f.run(nil)
			defer r.end(f)
			time.Sleep(time.Until(reset) - time.Minute)
			if n := strings.Count(f.notes(), "IDENTIFY"); n > left || n < left/2 {
				t.Errorf("%d sessions were started with a budget of %d", n, left)
			}
		})
	})
	t.Run("refused for ever", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, func(n int, l *link) { <-l.in; l.op(9, false); l.idle() })
			r := f.run(nil)
			defer r.end(f)
			time.Sleep(time.Hour)
			if n := strings.Count(f.notes(), "IDENTIFY"); n > 180 {
				t.Errorf("%d sessions in an hour", n)
			}
		})
	})
}

// TestShards checks that as many shards run as Discord advises, started in order and as many at once as it allows.
func TestShards(t *testing.T) {
	for _, c := range []struct {
		concurrency int
		took        time.Duration
	}{{1, 15 * time.Second}, {2, 5 * time.Second}, {16, 0}} {
		t.Run(fmt.Sprint("max_concurrency ", c.concurrency), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(n int, l *link) { l.welcome(); l.idle() })
				f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					if !strings.HasSuffix(r.URL.Path, "/gateway/bot") {
						return false
					}
					fmt.Fprintf(w, `{"url":"ws://fake/gw","shards":4,"session_start_limit":{"total":1000,"remaining":1000,"reset_after":1000,"max_concurrency":%d}}`, c.concurrency)
					return true
				}
				r := f.run(nil)
				defer r.end(f)
				took := f.until("four shards", time.Minute, func() bool { return r.ready.Load() == 4 })
				if took < c.took || took > c.took+time.Second {
					t.Errorf("four shards were ready after %v, want %v", took, c.took)
				}
				var order []string
				for _, line := range strings.Split(f.notes(), "\n") {
					if _, rest, ok := strings.Cut(line, "IDENTIFY shard ["); ok {
						order = append(order, rest[:3])
					}
				}
				if c.concurrency == 1 && !slices.Equal(order, []string{"0 4", "1 4", "2 4", "3 4"}) {
					t.Errorf("shards were started in the order %v", order)
				}
			})
		})
	}
}

// TestStart checks what the operator reads when the bot can't start, or finds Discord in trouble.
func TestStart(t *testing.T) {
	t.Run("no token", func(t *testing.T) {
		b, err := New(nil, "", Options{})
		if err != nil {
			t.Fatal(err)
		}
		var stop *StopError
		if err := b.Run(context.Background()); !errors.As(err, &stop) || !strings.Contains(err.Error(), "set DISCORD_TOKEN") {
			t.Errorf("Run: %v", err)
		}
	})
	t.Run("a wrong token", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, nil)
			f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool { refuse(0, 401)(w); return true }
			r := f.run(nil)
			var stop *StopError
			if err := <-r.over; !errors.As(err, &stop) || !strings.Contains(err.Error(), "does not know this token") || strings.Contains(err.Error(), testToken) {
				t.Errorf("Run: %v", err)
			}
			if n := len(f.callsTo("")); n != 1 {
				t.Errorf("%d requests with a wrong token, want 1", n)
			}
			r.clean(f)
		})
	})
	t.Run("Discord is down for five minutes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, func(n int, l *link) { l.first(); l.second() })
			f.set(true, false)
			time.AfterFunc(5*time.Minute, func() { f.set(false, false) })
			r := f.run(nil)
			defer r.end(f)
			if took := f.says("1: IDENTIFY", 10*time.Minute); took > 7*time.Minute {
				t.Errorf("a session was started after %v", took)
			}
		})
	})
	t.Run("told to end while Discord is down", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, nil)
			f.set(true, false)
			r := f.run(nil)
			time.Sleep(time.Minute)
			began := time.Now()
			r.end(f)
			if took := time.Since(began); took > 0 {
				t.Errorf("it took %v to end", took)
			}
		})
	})
	t.Run("only /gateway/bot", func(t *testing.T) { onlyOne(t, "/gateway") })
	t.Run("only /gateway", func(t *testing.T) { onlyOne(t, "/gateway/bot") })
	t.Run("an address in use", func(t *testing.T) {
		s := httptest.NewServer(http.NotFoundHandler())
		defer s.Close()
		b, err := New(nil, testToken, Options{Listen: strings.TrimPrefix(s.URL, "http://")})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "listen on 127.0.0.1") {
			t.Errorf("Run: %v", err)
		}
	})
	t.Run("in no server, and without permissions in one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, func(n int, l *link) {
				<-l.in
				l.dispatch("READY", map[string]any{"session_id": "s", "user": map[string]any{"id": "1"}, "guilds": []any{}})
				l.dispatch("GUILD_CREATE", map[string]any{"id": "20", "name": "Home", "owner_id": "4", "roles": []any{
					map[string]any{"id": "20", "permissions": "1024"}, map[string]any{"id": "30", "permissions": "65536"}, map[string]any{"id": "31", "permissions": "8"}},
					"members": []any{map[string]any{"user": map[string]any{"id": "1"}, "roles": []any{"30"}}}})
				l.idle()
			})
			r := f.run(nil)
			defer r.end(f)
			f.until("the warning", time.Minute, func() bool { return strings.Contains(r.log.String(), "lacks permissions") })
			for _, want := range []string{"in no server yet; invite it with: https://discord.com/oauth2/authorize?client_id=1&", `missing="Send Messages, Send Messages in Threads"`} {
				if !strings.Contains(r.log.String(), want) {
					t.Errorf("the log does not say %q", want)
				}
			}
		})
	})
}

// onlyOne checks that the gateway is found where one of the two places to ask is not there.
func onlyOne(t *testing.T, missing string) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(n int, l *link) { l.first(); l.second() })
		f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.HasSuffix(r.URL.Path, missing) {
				http.NotFound(w, r)
				return true
			}
			return false
		}
		r := f.run(nil)
		defer r.end(f)
		f.says("1: IDENTIFY", time.Minute)
	})
}

// TestSequence checks what heartbeats say: null before the first event, then the last event's number.
func TestSequence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(n int, l *link) {
			l.op(1, nil)
			l.welcome()
			l.idle()
		})
		r := f.run(nil)
		defer r.end(f)
		time.Sleep(2 * time.Minute)
		n := f.notes()
		if !strings.Contains(n, "1: heartbeat null") || !strings.Contains(n, "1: heartbeat 1") {
			t.Errorf("heartbeats:\n%s", n)
		}
		if beats := strings.Count(n, "heartbeat"); beats < 3 || beats > 4 {
			t.Errorf("%d heartbeats in two minutes, one of them asked for", beats)
		}
	})
}

// TestFlood checks that a flood of op 1 does not make the bot send more than Discord allows, nor lose its link.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(n int, l *link) {
			l.welcome()
			for range 1000 {
				l.op(1, nil)
				time.Sleep(10 * time.Millisecond)
			}
			l.idle()
		})
		r := f.run(nil)
		defer r.end(f)
		time.Sleep(40 * time.Second)
		if n := strings.Count(f.notes(), "heartbeat"); n > maxSends+2 {
			t.Errorf("%d messages in a minute", n)
		}
		time.Sleep(10 * time.Minute)
		if strings.Contains(f.notes(), "2: connected") {
			t.Error("the link was lost")
		}
	})
}

// TestPages reads the operator's pages.
func TestPages(t *testing.T) {
	base, problems, err := knowledge.Open(t.Context(), oneFact)
	if err != nil || len(problems) > 0 {
		t.Skipf("no base can be opened: %v %v", err, problems)
	}
	defer base.Close()
	b, err := New(base, testToken, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.loaded(nil)
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		b.pages().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code, w.Body.String()
	}
	if code, body := get("/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("/healthz: %d %s", code, body)
	}
	if code, body := get("/readyz"); code != 503 || !strings.Contains(body, `"ready":false`) {
		t.Errorf("/readyz before it is connected: %d %s", code, body)
	}
	b.shards.Store(2)
	b.connected(0, true)
	if code, _ := get("/readyz"); code != 503 {
		t.Errorf("/readyz with one of two shards: %d", code)
	}
	b.connected(1, true)
	if code, body := get("/readyz"); code != 200 {
		t.Errorf("/readyz: %d %s", code, body)
	}
	b.metrics.ask("slash")
	b.metrics.outcome("declined")
	b.metrics.restError("429")
	b.metrics.took("command", time.Second)
	code, body := get("/metrics")
	for _, want := range []string{`footnote_questions_total{way="slash"} 1`, `footnote_answers_total{outcome="declined"} 1`, `footnote_gateway_ready{shard="0"} 1`,
		`footnote_rest_errors_total{status="429"} 1`, `footnote_facts 1`, `footnote_fact_problems{level="error"} 0`, `footnote_response_seconds_count{kind="command"} 1`} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics (%d) does not say %s", code, want)
		}
	}
	if err := b.drain(t.Context()); err != nil {
		t.Error(err)
	}
	if code, body := get("/readyz"); code != 503 || !strings.Contains(body, `"draining":true`) {
		t.Errorf("/readyz while it ends: %d %s", code, body)
	}
}

// TestRedact checks that the token does not get through the log, in whatever it is hidden.
func TestRedact(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(redact(slog.NewTextHandler(&out, nil), testToken)).With("with", "a "+testToken)
	log.Info("said "+testToken, "text", testToken, "err", fmt.Errorf("no: %w", errors.New(testToken)), "any", struct{ T string }{testToken},
		slog.Group("g", "inner", testToken), "n", 5)
	log.WithGroup("w").Info("x", "y", []string{testToken})
	if strings.Contains(out.String(), "secret") || strings.Count(out.String(), "[token]") != 8 {
		t.Error(out.String())
	}
}
