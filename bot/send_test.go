package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"footnote/bot/discordtest"
)

// after makes a handler that takes a while, on the bubble's clock.
func after(d time.Duration, r Response) func(context.Context, *Interaction) Response {
	return func(ctx context.Context, _ *Interaction) Response {
		sleep(ctx, d)
		return r
	}
}

// TestInteractions shows, for what a handler does and how long it takes, what is asked of Discord and when.
func TestInteractions(t *testing.T) {
	yes := func(*Interaction) bool { return true }
	public := Response{Action: Reply, Content: "x"}
	private := Response{Action: Reply, Content: "x", Private: true}
	const slow = 4 * time.Second
	const thinking = "+1.5s POST callback {\"type\":5}"
	for _, c := range []struct {
		name  string
		event map[string]any
		route Route
		want  []string
	}{
		{"a quick answer", aCommand("100", "go", "q"), Route{Handle: after(0, public)}, []string{`+0s POST callback {"type":4 "content":"x"}`}},
		{"a quick private answer", aCommand("100", "go", "q"), Route{Handle: after(0, private)}, []string{`+0s POST callback {"type":4 "content":"x" "flags":64}`}},
		{"just in time", aCommand("100", "go", "q"), Route{Handle: after(1400*time.Millisecond, public)}, []string{`+1.4s POST callback {"type":4 "content":"x"}`}},
		{"a slow answer", aCommand("100", "go", "q"), Route{Handle: after(slow, public)}, []string{thinking, `+4s PATCH @original {"content":"x"}`}},
		{"a slow private answer", aCommand("100", "go", "q"), Route{Handle: after(slow, private), Private: yes},
			[]string{`+1.5s POST callback {"type":5 "flags":64}`, `+4s PATCH @original {"content":"x"}`}},
		{"slow, and private against expectation", aCommand("100", "go", "q"), Route{Handle: after(slow, private)},
			[]string{thinking, `+4s DELETE @original {}`, `+4s POST followup {"content":"x" "flags":64}`}},
		{"slow, and public against expectation", aCommand("100", "go", "q"), Route{Handle: after(slow, public), Private: yes},
			[]string{`+1.5s POST callback {"type":5 "flags":64}`, `+4s DELETE @original {}`, `+4s POST followup {"content":"x"}`}},
		{"never done", aCommand("100", "go", "q"), Route{Handle: after(time.Hour, public)}, []string{thinking, `+30s PATCH @original {"content":"x"}`}},
		{"a second message", aCommand("100", "go", "q"), Route{Handle: after(0, Response{Action: Reply, Content: "x", Also: []Response{{Action: Reply, Content: "y", Private: true}}})},
			[]string{`+0s POST callback {"type":4 "content":"x"}`, `+0s POST followup {"content":"y" "flags":64}`}},
		{"a command without an answer", aCommand("100", "go", "q"), Route{Handle: after(0, Response{})}, []string{`+0s POST callback {"type":4 "content":"` + wentWrong + `" "flags":64}`}},
		{"a form", aCommand("100", "go", "q"), Route{Handle: after(0, Response{Action: Form, CustomID: "f", Title: "T"})}, []string{`+0s POST callback {"type":9}`}},
		{"a form too late", aCommand("100", "go", "q"), Route{Handle: after(slow, Response{Action: Form, CustomID: "f", Title: "T"}), Private: yes},
			[]string{`+1.5s POST callback {"type":5 "flags":64}`, `+4s PATCH @original {"content":"` + tooBusy + `"}`}},
		{"a panic", aCommand("100", "go", "q"), Route{Handle: func(context.Context, *Interaction) Response { panic("broken") }},
			[]string{`+0s POST callback {"type":4 "content":"` + wentWrong + `" "flags":64}`}},
		{"an unknown command", aCommand("100", "other", "q"), Route{}, []string{`+0s POST callback {"type":4 "content":"` + speak("").OldCommand + `" "flags":64}`}},

		{"a button that changes its message", aButton("100", "go:1"), Route{Handle: after(0, Response{Action: Update, Content: "x"})}, []string{`+0s POST callback {"type":7 "content":"x"}`}},
		{"the same, slow", aButton("100", "go:1"), Route{Handle: after(slow, Response{Action: Update, Content: "x"}), Updates: true},
			[]string{`+1.5s POST callback {"type":6}`, `+4s PATCH @original {"content":"x"}`}},
		{"a button that changes nothing", aButton("100", "go:1"), Route{Handle: after(0, Response{})}, []string{`+0s POST callback {"type":6}`}},
		{"a button that removes its message", aButton("100", "go:1"), Route{Handle: after(0, Response{Action: Remove})}, []string{`+0s POST callback {"type":6}`, `+0s DELETE @original {}`}},
		{"the same, slow", aButton("100", "go:1"), Route{Handle: after(slow, Response{Action: Remove}), Updates: true}, []string{`+1.5s POST callback {"type":6}`, `+4s DELETE @original {}`}},
		{"a button that says something", aButton("100", "go:1"), Route{Handle: after(0, private)}, []string{`+0s POST callback {"type":4 "content":"x" "flags":64}`}},
		{"one that should have changed its message, slow", aButton("100", "go:1"), Route{Handle: after(slow, private), Updates: true},
			[]string{`+1.5s POST callback {"type":6}`, `+4s POST followup {"content":"x" "flags":64}`}},
		{"an old button", aButton("100", "gone:1"), Route{}, []string{`+0s POST callback {"type":4 "content":"` + speak("").OldButton + `" "flags":64}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(n int, l *link) {
					l.welcome()
					l.f.fault()
					l.dispatch("INTERACTION_CREATE", c.event)
					l.idle()
				})
				r := f.run(&Handlers{Commands: map[string]Route{"go": c.route}, Buttons: map[string]Route{"go": c.route}})
				defer r.end(f)
				time.Sleep(time.Minute)
				checkCalls(t, f, c.want)
			})
		})
	}
}

// checkCalls compares what was asked of Discord for interactions and messages with what should have been.
func checkCalls(t *testing.T, f *fake, want []string) {
	t.Helper()
	var got []string
	for _, call := range f.callsTo("") {
		if !strings.Contains(call.path, "/interactions/") && !strings.Contains(call.path, "/webhooks/") && !strings.Contains(call.path, "/channels") {
			continue
		}
		got = append(got, told(f, call))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked of Discord:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// told is a request in short: when, what, and the parts of its body that matter.
func told(f *fake, c apiCall) string {
	what := "followup"
	for _, w := range []string{"callback", "@original", "messages/50", "users/@me/channels", "channels/10/messages", "channels/9"} {
		if strings.Contains(c.path, w) {
			what = w
			break
		}
	}
	var parts []string
	for _, key := range []string{`"type":`, `"content":"`, `"flags":`, `"nonce":"`} {
		if _, rest, ok := strings.Cut(c.body, key); ok {
			end := strings.IndexAny(rest, ",}")
			if strings.HasSuffix(key, `"`) {
				end = strings.Index(rest, `"`) + 1
			}
			parts = append(parts, key+rest[:end])
		}
	}
	return fmt.Sprintf("+%v %s %s {%s}", (c.at - f.struck.Sub(f.start)).Round(100*time.Millisecond), c.method, what, strings.Join(parts, " "))
}

// TestFirstResponse holds first responses against trouble: they are repeated while there is time, and given up when there is none.
func TestFirstResponse(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter, try int)
		want   []string
		log    string
	}{
		{"503 twice", func(w http.ResponseWriter, try int) {
			if try < 3 {
				w.WriteHeader(503)
				return
			}
			ok(w)
		}, []string{`"type":4`, `"type":4`, `"type":4`}, ""},
		{"a hang", func(w http.ResponseWriter, try int) {
			if try == 1 {
				time.Sleep(2 * time.Second)
				return
			}
			refuse(codeAlreadyAnswered, 400)(w)
		}, []string{`"type":4`, `"type":4`}, ""},
		{"unknown interaction", always(refuse(codeUnknownInteraction, 404)), []string{`"type":4`}, "too late"},
		{"answered by another", always(refuse(codeAlreadyAnswered, 400)), []string{`"type":4`}, "another process"},
		{"a body Discord refuses", func(w http.ResponseWriter, try int) {
			if try == 1 {
				refuse(50035, 400)(w)
				return
			}
			ok(w)
		}, []string{`"content":"x"`, wentWrong}, "refused the form"},
		{"429 for a second", tooMany(false, "1.0", 2), []string{`"type":4`, `"type":4`}, ""},
		{"429 for longer than there is", tooMany(false, "5.0", 2), []string{`"type":4`}, "could not be answered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(n int, l *link) {
					l.welcome()
					l.dispatch("INTERACTION_CREATE", aCommand("100", "go", "q"))
					l.idle()
				})
				var try atomic.Int32
				f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					if !strings.HasSuffix(r.URL.Path, "/callback") {
						return false
					}
					c.answer(w, int(try.Add(1)))
					return true
				}
				r := f.run(&Handlers{Commands: map[string]Route{"go": {Handle: after(0, Response{Action: Reply, Content: "x"})}}})
				defer r.end(f)
				time.Sleep(time.Minute)
				calls := f.callsTo("/callback")
				if len(calls) != len(c.want) {
					t.Fatalf("%d first responses, want %d", len(calls), len(c.want))
				}
				for n, w := range c.want {
					if !strings.Contains(calls[n].body, w) {
						t.Errorf("response %d is %s, want %s in it", n+1, calls[n].body, w)
					}
				}
				if !strings.Contains(r.log.String(), c.log) {
					t.Errorf("the log does not say %q", c.log)
				}
			})
		})
	}
}

// TestCompletions checks that completions come at once or never, and are a list also when there are none.
func TestCompletions(t *testing.T) {
	for _, c := range []struct {
		name string
		d    time.Duration
		list []Choice
		want string
	}{
		{"some", 0, []Choice{{"a", "b"}}, `{"type":8,"data":{"choices":[{"name":"a","value":"b"}]}}`},
		{"none", 0, nil, `{"type":8,"data":{"choices":[]}}`},
		{"too late", 3 * time.Second, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := aCommand("100", "go", "wh")
				e["type"] = 4
				f := newFake(t, func(n int, l *link) {
					l.welcome()
					l.dispatch("INTERACTION_CREATE", e)
					l.idle()
				})
				r := f.run(&Handlers{Commands: map[string]Route{"go": {Complete: after(c.d, Response{Action: Complete, Choices: c.list})}}})
				defer r.end(f)
				time.Sleep(time.Minute)
				var got string
				for _, call := range f.callsTo("/callback") {
					got += call.body
				}
				if got != c.want {
					t.Errorf("completions %s, want %s", got, c.want)
				}
			})
		})
	}
}

// TestMessages shows what is asked of Discord for a response to a message.
func TestMessages(t *testing.T) {
	direct := aMessage("100", "q")
	delete(direct, "guild_id")
	byBot := aMessage("100", "q")
	byBot["author"] = map[string]any{"id": "6", "bot": true}
	byHook := aMessage("100", "q")
	byHook["webhook_id"] = "7"
	joined := aMessage("100", "q")
	joined["type"] = 7
	unknown := aMessage("100", "q")
	unknown["components"] = []any{map[string]any{"type": 99, "components": []any{map[string]any{"type": 20, "id": 1}}}, "odd"}
	unknown["flags"] = "0"
	for _, c := range []struct {
		name  string
		event map[string]any
		r     Response
		want  []string
	}{
		{"an answer", aMessage("100", "q"), Response{Action: Reply, Content: "x"}, []string{`+0s POST channels/10/messages {"content":"x" "nonce":"100"}`}},
		{"nothing to say", aMessage("100", "q"), Response{}, nil},
		{"two messages", aMessage("100", "q"), Response{Action: Reply, Content: "x", Also: []Response{{Action: Reply, Content: "y"}}},
			[]string{`+0s POST channels/10/messages {"content":"x" "nonce":"100"}`, `+0s POST channels/10/messages {"content":"y" "nonce":"100.1"}`}},
		{"a private word", aMessage("100", "q"), Response{Action: Reply, Content: "x", Private: true},
			[]string{`+0s POST users/@me/channels {}`, `+0s POST channels/9 {"content":"x" "nonce":"100"}`}},
		{"a private word where all is private", direct, Response{Action: Reply, Content: "x", Private: true}, []string{`+0s POST channels/10/messages {"content":"x" "nonce":"100"}`}},
		{"another bot", byBot, Response{Action: Reply, Content: "x"}, nil},
		{"a webhook", byHook, Response{Action: Reply, Content: "x"}, nil},
		{"a member who joined", joined, Response{Action: Reply, Content: "x"}, nil},
		{"components nobody knows", unknown, Response{Action: Reply, Content: "x"}, []string{`+0s POST channels/10/messages {"content":"x" "nonce":"100"}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(n int, l *link) {
					l.welcome()
					l.f.fault()
					l.dispatch("MESSAGE_CREATE", c.event)
					l.idle()
				})
				r := f.run(&Handlers{Message: func(context.Context, *Message) Response { return c.r }})
				defer r.end(f)
				time.Sleep(time.Minute)
				checkCalls(t, f, c.want)
			})
		})
	}
}

// TestForbiddenChannel checks that a channel in which the bot may not write is told to the operator once, and not tried again
// for a while.
func TestForbiddenChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(n int, l *link) {
			l.welcome()
			for k := range 20 {
				l.dispatch("MESSAGE_CREATE", aMessage(fmt.Sprint(100+k), "q"))
				time.Sleep(time.Second)
			}
			time.Sleep(deniedFor)
			l.dispatch("MESSAGE_CREATE", aMessage("200", "q"))
			l.idle()
		})
		f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.Contains(r.URL.Path, "/channels/") {
				refuse(codeMissingPermissions, 403)(w)
				return true
			}
			return false
		}
		r := f.run(nil)
		defer r.end(f)
		time.Sleep(20 * time.Minute)
		if n := len(f.callsTo("/channels/10/messages")); n != 4 { // once as a reply, once without
			t.Errorf("the channel was tried %d times in 20 minutes, want 2, each as a reply and without", n)
		}
		if n := strings.Count(r.log.String(), "may not write in a channel"); n != 2 {
			t.Errorf("the operator was told %d times", n)
		}
	})
}

// TestNoHistory asks in a channel whose history the bot may not read, where Discord refuses replies. Each question is answered by a message of its
// own, which shows what was asked; the channel is told to the operator, once, and no further reply is refused there.
func TestNoHistory(t *testing.T) {
	g := newStage(t, "testdata/dialogue", discordtest.Options{})
	s := g.s
	alice, secret := s.User("alice"), s.Home().Channel("rules")
	secret.Deny(s.BotUser(), discordtest.ReadMessageHistory)
	for n := range 3 {
		if _, err := alice.Say(secret, s.BotUser().Mention()+" when will the bridge open?"); err != nil {
			t.Fatal(err)
		}
		answers := 0
		if _, err := s.WaitMessage(g.ctx, func(m discordtest.Message) bool {
			if s.ByBot(m) && m.Channel == secret {
				answers++
			}
			return answers == n+1
		}); err != nil {
			t.Fatalf("question %d: %v\n%s", n+1, err, g.log)
		}
	}
	g.leave()
	for _, m := range secret.Messages() {
		if m.Author == s.BotUser() && (m.ReplyTo != "" || !strings.HasPrefix(m.Content, "-# ❓ when will the bridge open?\nThe bridge is planned to open in June 2025. [1]")) {
			t.Errorf("posted, in reply to %q: %s", m.ReplyTo, m.Content)
		}
	}
	if r := s.Refusals(); len(r) != 1 || r[0].Code != codeNoHistory {
		t.Errorf("refused: %v", r)
	}
	if log := g.log.String(); strings.Count(log, "give it Read Message History") != 1 || !strings.Contains(log, "channel="+secret.ID) {
		t.Errorf("the log:\n%s", log)
	}
}

// TestReferenceRefused checks which refusals of a reply are answered without the reference, once, and that no other is.
func TestReferenceRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		times  int // how many posts are refused
		want   int // posts in all
		posted bool
	}{
		{"no history", 403, `{"code":160002,"message":"Cannot reply without permission to read message history"}`, 1, 2, true},
		{"some permission", 403, `{"code":50013,"message":"Missing Permissions"}`, 1, 2, true},
		{"an unknown message", 400, `{"code":50035,"message":"Invalid Form Body","errors":{"message_reference":{"_errors":[{"code":"REPLIES_UNKNOWN_MESSAGE","message":"Unknown message"}]}}}`, 1, 2, true},
		{"an unknown message, said otherwise", 404, `{"code":10008,"message":"Unknown Message"}`, 1, 2, true},
		{"nor without it", 403, `{"code":50013,"message":"Missing Permissions"}`, 2, 2, false},
		{"no access", 403, `{"code":50001,"message":"Missing Access"}`, 1, 1, false},
		{"another field", 400, `{"code":50035,"message":"Invalid Form Body","errors":{"content":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"too long"}]}}}`, 1, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, nil)
				n := 0
				f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					if n++; n > c.times {
						return false
					}
					w.WriteHeader(c.status)
					io.WriteString(w, c.body)
					return true
				}
				r, done := f.client()
				defer done()
				_, err := r.CreateMessage(t.Context(), "10", "5", "77", newPost(Response{Content: "x"}))
				posts := f.callsTo("POST")
				if (err == nil) != c.posted || len(posts) != c.want {
					t.Errorf("%d posts, %v", len(posts), err)
				}
				if last := posts[len(posts)-1].body; strings.Contains(last, "message_reference") == (c.want == 2) || !strings.Contains(last, `"nonce":"77"`) {
					t.Errorf("the last post: %s", last)
				}
			})
		})
	}
}

// TestRefusalsProvoked checks that neither a server made of forbidden channels nor members who take no direct messages can use up the
// refusals after which the bot must stop asking: Discord counts them for all servers together.
func TestRefusalsProvoked(t *testing.T) {
	for _, c := range []struct {
		name    string
		private bool
		code    int
		event   func(m map[string]any, k int)
		most    int
	}{
		{"five hundred forbidden channels", false, codeMissingPermissions, func(m map[string]any, k int) { m["channel_id"] = fmt.Sprint(1000 + k) }, 2 * maxDenied},
		{"a member without direct messages", true, codeCannotMessageUser, func(map[string]any, int) {}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(n int, l *link) {
					l.welcome()
					for k := range 500 {
						m := aMessage(fmt.Sprint(10_000+k), "q")
						c.event(m, k)
						l.dispatch("MESSAGE_CREATE", m)
						time.Sleep(time.Second)
					}
					other := aMessage("100", "q")
					other["guild_id"], other["channel_id"] = "21", "10"
					l.dispatch("MESSAGE_CREATE", other)
					l.idle()
				})
				f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					if strings.HasSuffix(r.URL.Path, "/messages") && !strings.Contains(r.URL.Path, "/channels/10/") {
						refuse(c.code, 403)(w)
						return true
					}
					return false
				}
				r := f.run(&Handlers{Message: func(_ context.Context, m *Message) Response {
					return Response{Action: Reply, Private: c.private && m.ID != "100", Content: "x"}
				}})
				defer r.end(f)
				time.Sleep(9 * time.Minute)
				if n := len(f.callsTo("/messages")) - len(f.callsTo("/channels/10/messages")); n != c.most {
					t.Errorf("%d refusals were provoked, want %d", n, c.most)
				}
				if len(f.callsTo("POST /api/v10/channels/10/messages")) != 1 {
					t.Error("another server was not answered")
				}
			})
		})
	}
}

// TestSent checks that whoever wants to know of a posted message is told its id, also where the first response does not give it.
func TestSent(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, func(n int, l *link) {
				l.welcome()
				l.dispatch("INTERACTION_CREATE", aCommand("100", "go", "q"))
				l.idle()
			})
			f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				switch {
				case quiet && strings.HasSuffix(r.URL.Path, "/callback"):
					w.WriteHeader(204)
				case r.Method == "GET" && strings.HasSuffix(r.URL.Path, "@original"):
					io.WriteString(w, `{"id":"77","channel_id":"10"}`)
				default:
					return false
				}
				return true
			}
			ids := make(chan string, 2)
			r := f.run(&Handlers{Commands: map[string]Route{"go": {Handle: after(0, Response{Action: Reply, Content: "x",
				Sent: func(_ context.Context, m *Message) { ids <- m.ID }})}}})
			defer r.end(f)
			if id := <-ids; !strings.HasPrefix(id, "7") {
				t.Errorf("the posted message's id is %q", id)
			}
		})
	}
}

// TestPanic checks that a panic costs one answer: others go on, and the operator can read where it was.
func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(n int, l *link) {
			l.welcome()
			for k := range 10 {
				l.dispatch("MESSAGE_CREATE", aMessage(fmt.Sprint(100+k), "q"))
			}
			l.idle()
		})
		r := f.run(&Handlers{Message: func(_ context.Context, m *Message) Response {
			if m.ID == "103" {
				var none *Interaction
				return Response{Content: none.ID}
			}
			return Response{Action: Reply, Content: "fine", Sent: func(context.Context, *Message) {
				if m.ID == "104" {
					panic("while sending")
				}
			}}
		}})
		defer r.end(f)
		time.Sleep(time.Minute)
		fine := 0
		for _, c := range f.callsTo("/channels/10/messages") {
			if strings.Contains(c.body, "fine") {
				fine++
			}
		}
		if fine != 9 {
			t.Errorf("%d answers, want 9", fine)
		}
		if log := r.log.String(); !strings.Contains(log, "send_test.go") || !strings.Contains(log, "nil pointer") || !strings.Contains(log, "while sending") {
			t.Error("the log does not hold the stack")
		}
	})
}

// TestInDoubt checks that what follows a first response is sent also where it is not known whether that was taken: it may stand there, as "thinking..." or
// as "shared".
func TestInDoubt(t *testing.T) {
	for _, c := range []struct {
		name string
		slow time.Duration
		r    Response
		want []string
	}{
		{"a deferral", 4 * time.Second, Response{Action: Reply, Content: "x"}, []string{`POST callback {"type":5}`, `PATCH @original {"content":"x"}`}},
		{"a response with more to come", 0, Response{Action: Reply, Content: "x", Also: []Response{{Action: Reply, Content: "y"}}},
			[]string{`POST callback {"type":4 "content":"x"}`, `POST callback {"type":4 "content":"x"}`, `POST followup {"content":"y"}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(n int, l *link) {
					l.welcome()
					l.f.fault()
					l.dispatch("INTERACTION_CREATE", aCommand("100", "go", "q"))
					l.idle()
				})
				f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					if strings.HasSuffix(r.URL.Path, "/callback") {
						time.Sleep(10 * time.Second) // it is taken, and nobody says so
					}
					return false
				}
				r := f.run(&Handlers{Commands: map[string]Route{"go": {Handle: after(c.slow, c.r)}}})
				defer r.end(f)
				time.Sleep(time.Minute)
				var got []string
				for _, call := range f.callsTo("") {
					if _, what, _ := strings.Cut(told(f, call), " "); strings.Contains(call.path, "/interactions/") || strings.Contains(call.path, "/webhooks/") {
						got = append(got, what) // when varies: repeats are spread
					}
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("asked of Discord: %q, want %q", got, c.want)
				}
			})
		})
	}
}

// TestSwamped checks that with much waiting the bot defers before it thinks, except where a form is wanted, which can't come after a deferral.
func TestSwamped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		much := make(chan struct{})
		f := newFake(t, func(n int, l *link) {
			l.welcome()
			<-much
			l.f.fault()
			l.dispatch("INTERACTION_CREATE", aButton("100", customID(routeFollow, hash("a fact"))))
			time.Sleep(time.Second)
			l.dispatch("INTERACTION_CREATE", aButton("101", customID(routeDown, hash("a fact"))))
			time.Sleep(time.Second)
			l.dispatch("INTERACTION_CREATE", aCommand("102", "ask", "q"))
			l.idle()
		})
		h := (&desk{presses: newPace(pressBurst, pressEvery, paceSize), now: time.Now}).handlers()
		h.Commands["ask"] = Route{Handle: after(0, Response{Action: Reply, Content: "x"})}
		r := f.run(&h)
		defer r.end(f)
		synctest.Wait()
		for range swampedAt {
			r.begin()
			defer r.Bot.end()
		}
		close(much)
		time.Sleep(time.Minute)
		checkCalls(t, f, []string{`+0s POST callback {"type":9}`, `+1s POST callback {"type":9}`, `+2s POST callback {"type":5}`, `+2s PATCH @original {"content":"x"}`})
	})
}

// TestDrain checks how the bot ends: no new answer, running ones finished, within their time; the session closed with 1000.
func TestDrain(t *testing.T) {
	for _, c := range []struct {
		name  string
		d     time.Duration // that an answer takes
		posts int
		took  time.Duration
	}{
		{"at rest", 0, 1, 0},
		{"an answer that takes 3 seconds", 3 * time.Second, 1, 3 * time.Second},
		{"an answer that takes for ever", time.Hour, 0, drainWithin},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				more := make(chan bool)
				f := newFake(t, func(n int, l *link) {
					l.welcome()
					l.dispatch("MESSAGE_CREATE", aMessage("100", "q"))
					<-more
					l.dispatch("MESSAGE_CREATE", aMessage("101", "q"))
					l.idle()
				})
				r := f.run(&Handlers{Message: func(ctx context.Context, m *Message) Response {
					if !sleep(ctx, c.d) {
						return Response{}
					}
					return Response{Action: Reply, Content: "x"}
				}})
				time.Sleep(time.Second)
				began := time.Now()
				if c.d > 0 {
					began = began.Add(-time.Second) // when the answer was begun
				}
				r.stop()
				synctest.Wait()
				close(more)
				err := <-r.over
				took := time.Since(began)
				if c.d > drainWithin {
					took -= time.Second
				}
				if err != nil || took < c.took || took > c.took+50*time.Millisecond {
					t.Errorf("Run ended with %v after %v, want nil after %v", err, took, c.took)
				}
				if p := f.posts(); len(p) != c.posts || p["101"] != 0 {
					t.Errorf("answered: %v", p)
				}
				synctest.Wait()
				if !strings.Contains(f.notes(), "1: closed by the bot with 1000") {
					t.Error("the session was not closed with 1000")
				}
				r.clean(f)
			})
		})
	}
}

// TestRegistration checks that commands are written when they differ from the registered ones, and only then.
func TestRegistration(t *testing.T) {
	own, err := New(nil, testToken, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		have   func() string
		writes int
	}{
		{"none", func() string { return "[]" }, 1},
		{"the same, as Discord writes them", func() string { return discordStyle(t, own.commands(), nil) }, 0},
		{"another description", func() string {
			return discordStyle(t, own.commands(), func(c map[string]any) { c["description"] = "old" })
		}, 1},
		{"an option more", func() string {
			return discordStyle(t, own.commands(), func(c map[string]any) {
				c["options"] = []any{map[string]any{"type": 3, "name": "old", "description": "old"}}
			})
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(n int, l *link) {
					l.welcome()
					l.idle()
				})
				f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					if r.Method == "GET" && strings.HasSuffix(r.URL.Path, "/applications/2/commands") {
						io.WriteString(w, c.have())
						return true
					}
					return false
				}
				r := f.run(nil)
				defer r.end(f)
				time.Sleep(time.Minute)
				if n := len(f.callsTo("PUT /api/v10/applications/2/commands")); n != c.writes {
					t.Errorf("%d writes, want %d", n, c.writes)
				}
			})
		})
	}
}

// discordStyle writes commands as Discord gives them back: with ids and versions, defaults and nulls, in an order of its own.
func discordStyle(t *testing.T, cs []Command, change func(map[string]any)) string {
	t.Helper()
	var list []map[string]any
	data, err := json.Marshal(cs)
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	for n, c := range list {
		c["id"], c["version"], c["application_id"], c["nsfw"] = fmt.Sprint(900+n), "1", "2", false
		c["dm_permission"], c["default_permission"] = true, true
		for _, k := range []string{"name_localizations", "description_localizations", "default_member_permissions", "contexts"} {
			if c[k] == nil {
				c[k] = nil
			}
		}
		if c["integration_types"] == nil {
			c["integration_types"] = []int{0}
		}
		if c["description"] == nil {
			c["description"] = ""
		}
		if change != nil {
			change(c)
		}
	}
	slices.Reverse(list)
	out, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
