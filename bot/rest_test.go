package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAPIBase(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "https://discord.com/api/v10",
		"http://127.0.0.1:8080":         "http://127.0.0.1:8080/api/v10",
		"http://127.0.0.1:8080/":        "http://127.0.0.1:8080/api/v10",
		"127.0.0.1:8080":                "http://127.0.0.1:8080/api/v10",
		"http://127.0.0.1:8080/api":     "http://127.0.0.1:8080/api/v10",
		"http://127.0.0.1:8080/api/":    "http://127.0.0.1:8080/api/v10",
		"http://127.0.0.1:8080/api/v9":  "http://127.0.0.1:8080/api/v10",
		"http://127.0.0.1:8080/api/v10": "http://127.0.0.1:8080/api/v10",
		"https://proxy.example/discord": "https://proxy.example/discord/api/v10",
		"ftp://x":                       "",
		"http://":                       "",
		"http://a b":                    "",
	} {
		got, err := apiBase(in)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("apiBase(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

// restCase is one way in which Discord does not simply answer.
type restCase struct {
	name string
	do   func(ctx context.Context, r *rest) error
	// answer plays the try with the number, from 1.
	answer func(w http.ResponseWriter, try int)
	tries  int           // that must be made
	took   time.Duration // at least; and no more than half as much again and two seconds
	fails  bool
}

var anInteraction = &Interaction{ID: "8", ApplicationID: "2", Token: "tok"}

func respondTo(ctx context.Context, r *rest) error {
	_, err := r.Respond(ctx, anInteraction, answer{Type: 4, Data: newPost(Response{Content: "x"})})
	return err
}

func create(nonce string) func(ctx context.Context, r *rest) error {
	return func(ctx context.Context, r *rest) error {
		_, err := r.CreateMessage(ctx, "10", "5", nonce, newPost(Response{Content: "x"}))
		return err
	}
}

func followup(ctx context.Context, r *rest) error {
	_, err := r.Followup(ctx, anInteraction, newPost(Response{Content: "x"}))
	return err
}

func edit(ctx context.Context, r *rest) error {
	_, err := r.EditMessage(ctx, "10", "5", amendment{Content: "x"})
	return err
}

func remove(ctx context.Context, r *rest) error { return r.DeleteMessage(ctx, "10", "5") }

// status answers with a status until the try with the number.
func status(code, until int) func(http.ResponseWriter, int) {
	return func(w http.ResponseWriter, try int) {
		if try < until {
			w.WriteHeader(code)
			io.WriteString(w, "upstream trouble")
			return
		}
		io.WriteString(w, `{"id":"9"}`)
	}
}

// cut breaks the connection, after the request arrived, until the try with the number.
func cut(until int, then func(http.ResponseWriter)) func(http.ResponseWriter, int) {
	return func(w http.ResponseWriter, try int) {
		if try < until {
			panic(http.ErrAbortHandler)
		}
		then(w)
	}
}

func ok(w http.ResponseWriter) { io.WriteString(w, `{"id":"9"}`) }

func refuse(code, status int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"code":%d,"message":"no"}`, code)
	}
}

func always(f func(http.ResponseWriter)) func(http.ResponseWriter, int) {
	return func(w http.ResponseWriter, _ int) { f(w) }
}

func tooMany(html bool, after string, until int) func(http.ResponseWriter, int) {
	return func(w http.ResponseWriter, try int) {
		if try >= until {
			ok(w)
			return
		}
		w.Header().Set("Retry-After", after)
		if html {
			w.Header().Set("Content-Type", "text/html")
		}
		w.WriteHeader(429)
		if html {
			io.WriteString(w, "<html>error 1015</html>")
		} else {
			fmt.Fprintf(w, `{"message":"You are being rate limited.","retry_after":%s,"global":false}`, after)
		}
	}
}

func TestRetries(t *testing.T) {
	for _, c := range []restCase{
		{name: "500 on a message with a nonce", do: create("77"), answer: status(500, 3), tries: 3, took: 200 * time.Millisecond},
		{name: "502 on a message with a nonce", do: create("77"), answer: status(502, 3), tries: 3, took: 200 * time.Millisecond},
		{name: "500 on a message without a nonce", do: create(""), answer: status(500, 3), tries: 1, fails: true},
		{name: "500 on a followup", do: followup, answer: status(500, 3), tries: 1, fails: true},
		{name: "503 on an edit", do: edit, answer: status(503, 2), tries: 2, took: 100 * time.Millisecond},
		{name: "504 for ever", do: edit, answer: status(504, 99), tries: maxTries, took: time.Second, fails: true},
		{name: "cut after a followup arrived", do: followup, answer: cut(2, ok), tries: 1, fails: true},
		{name: "cut after a message with a nonce arrived", do: create("77"), answer: cut(2, ok), tries: 2, took: 100 * time.Millisecond},
		{name: "cut after a first response arrived", do: respondTo, answer: cut(2, refuse(40060, 400)), tries: 2, took: 100 * time.Millisecond},
		{name: "a first response that was given already", do: respondTo, answer: always(refuse(40060, 400)), tries: 1, fails: true},
		{name: "cut after a removal arrived", do: remove, answer: cut(2, refuse(10008, 404)), tries: 2, took: 100 * time.Millisecond},
		{name: "a message that is not there", do: remove, answer: always(refuse(10008, 404)), tries: 1, fails: true},
		{name: "400", do: edit, answer: always(refuse(50035, 400)), tries: 1, fails: true},
		{name: "403", do: edit, answer: always(refuse(50013, 403)), tries: 1, fails: true},
		{name: "429 as JSON", do: followup, answer: tooMany(false, "2.5", 3), tries: 3, took: 5 * time.Second},
		{name: "429 as HTML", do: followup, answer: tooMany(true, "4", 2), tries: 2, took: 4 * time.Second},
		{name: "429 longer than there is time", do: followup, answer: tooMany(false, "60", 2), tries: 1, fails: true},
		{name: "slow once", do: edit, answer: func(w http.ResponseWriter, try int) {
			if try == 1 {
				time.Sleep(tryTimeout + time.Second)
			}
			ok(w)
		}, tries: 2, took: tryTimeout},
		{name: "an answer that is no JSON", do: edit, answer: always(func(w http.ResponseWriter) { io.WriteString(w, "<html>") }), tries: 1, fails: true},
		{name: "no answer's body", do: remove, answer: always(func(w http.ResponseWriter) { w.WriteHeader(204) }), tries: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, nil)
				var tries atomic.Int32
				f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					c.answer(w, int(tries.Add(1)))
					return true
				}
				r, done := f.client()
				defer done()
				ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
				defer cancel()
				began := time.Now()
				err := c.do(ctx, r)
				took := time.Since(began)
				if (err != nil) != c.fails {
					t.Errorf("error %v, want one: %t", err, c.fails)
				}
				if int(tries.Load()) != c.tries {
					t.Errorf("%d tries, want %d", tries.Load(), c.tries)
				}
				if took < c.took || took > c.took*3/2+10*time.Second {
					t.Errorf("took %v, want about %v", took, c.took)
				}
				if err != nil && strings.Contains(err.Error(), "tok") {
					t.Errorf("the interaction's token is in the error: %v", err)
				}
			})
		})
	}
}

// client makes a rest that speaks to the fake.
func (f *fake) client() (*rest, func()) {
	tr := &http.Transport{DialContext: f.dial, MaxIdleConnsPerHost: 20}
	r, err := newREST("http://fake", testToken, tr, slog.New(slog.DiscardHandler), newMetrics())
	if err != nil {
		f.t.Fatal(err)
	}
	return r, tr.CloseIdleConnections
}

// TestDialFailure checks that a request which was never sent is repeated, whatever it is.
func TestDialFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, nil)
		r, done := f.client()
		defer done()
		f.set(true, false)
		time.AfterFunc(time.Second, func() { f.set(false, false) })
		if err := followup(context.Background(), r); err != nil {
			t.Errorf("a followup while the network was away for a second: %v", err)
		}
		if n := len(f.callsTo("POST")); n != 1 {
			t.Errorf("%d requests arrived, want 1", n)
		}
	})
}

// TestGlobalLimit checks that 50 requests a second is the most, whatever their routes, but that interactions are not held up.
func TestGlobalLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, nil)
		r, done := f.client()
		defer done()
		errs := make(chan error)
		for n := range 200 {
			go func() {
				_, err := r.GetMessage(context.Background(), strconv.Itoa(n), "5")
				errs <- err
			}()
		}
		synctest.Wait()
		began := time.Now()
		if err := respondTo(context.Background(), r); err != nil || time.Since(began) > 10*time.Millisecond {
			t.Errorf("an interaction's response took %v (%v) while others waited", time.Since(began), err)
		}
		for range 200 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		calls := f.callsTo("GET /api/v10/channels")
		for n := 50; n < len(calls); n++ {
			if d := calls[n].at - calls[n-50].at; d < time.Second {
				t.Fatalf("requests %d to %d within %v", n-50, n, d)
			}
		}
		if took := calls[199].at - calls[0].at; took > 3100*time.Millisecond {
			t.Errorf("200 requests took %v", took)
		}
	})
}

// TestBucket checks that a channel's limit, as Discord tells it, is never overstepped, and that other channels do not wait for it.
func TestBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, nil)
		used, since := 0, time.Time{}
		refused := 0
		f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if !strings.Contains(r.URL.Path, "/channels/10/") {
				return false
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if time.Since(since) >= 5*time.Second {
				used, since = 0, time.Now()
			}
			used++
			h := w.Header()
			h.Set("X-RateLimit-Bucket", "abcd")
			h.Set("X-RateLimit-Limit", "5")
			h.Set("X-RateLimit-Remaining", strconv.Itoa(max(5-used, 0)))
			h.Set("X-RateLimit-Reset-After", fmt.Sprintf("%.3f", (5*time.Second-time.Since(since)).Seconds()))
			if used > 5 {
				refused++
				h.Set("Retry-After", "1")
				w.WriteHeader(429)
				io.WriteString(w, `{"retry_after":1.0,"global":false}`)
				return true
			}
			io.WriteString(w, `{"id":"9"}`)
			return true
		}
		r, done := f.client()
		defer done()
		errs := make(chan error)
		began := time.Now()
		for n := range 23 {
			go func() { errs <- create(fmt.Sprint("n", n))(context.Background(), r) }()
		}
		if _, err := r.CreateMessage(context.Background(), "11", "", "z", newPost(Response{Content: "x"})); err != nil || time.Since(began) > 10*time.Millisecond {
			t.Errorf("another channel waited %v (%v)", time.Since(began), err)
		}
		for range 23 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took < 20*time.Second || took > 21*time.Second {
			t.Errorf("23 messages at 5 in 5 s took %v", took)
		}
		if refused > 0 {
			t.Errorf("%d requests overstepped the limit", refused)
		}
	})
}

// TestLaterEndOfTwo checks that the wait a refusal asks for is not cut short by an answer that was on its way already, of the same window or of an
// earlier one, on the same route or on one that Discord counts with it.
func TestLaterEndOfTwo(t *testing.T) {
	headers := func(w http.ResponseWriter, remaining, after string) {
		h := w.Header()
		h.Set("X-RateLimit-Bucket", "abcd")
		h.Set("X-RateLimit-Limit", "5")
		h.Set("X-RateLimit-Remaining", remaining)
		h.Set("X-RateLimit-Reset-After", after)
	}
	for _, c := range []struct {
		name       string
		headers429 bool   // whether the refusal tells of the bucket as well
		remaining  string // what the answer in flight says
		after      string
		other      bool // whether that answer is of another route of the bucket
		scope      string
	}{
		{name: "a shorter window", headers429: true, remaining: "4", after: "1.000"},
		{name: "a refusal without headers", remaining: "4", after: "1.000"},
		{name: "a longer window with room", headers429: true, remaining: "3", after: "30.000"},
		{name: "the same window with room", headers429: true, remaining: "2", after: "3.900"},
		{name: "another route of the bucket", headers429: true, remaining: "4", after: "1.000", other: true},
		{name: "a limit that others share", headers429: true, remaining: "4", after: "1.000", scope: "shared"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, nil)
				var refusedAt, after time.Time
				f.refuse = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
					switch {
					case strings.Contains(string(body), "slow"), r.Method == "GET": // done first, told last
						time.Sleep(time.Second)
						headers(w, c.remaining, c.after)
					case strings.Contains(string(body), "refused") && refusedAt.IsZero():
						time.Sleep(100 * time.Millisecond)
						refusedAt = time.Now()
						if c.headers429 {
							headers(w, "0", "4.000")
						}
						if c.scope != "" {
							w.Header().Set("X-RateLimit-Scope", c.scope)
						}
						w.Header().Set("Retry-After", "4")
						w.WriteHeader(429)
						io.WriteString(w, `{"retry_after":4.0,"global":false}`)
						return true
					case strings.Contains(string(body), "next"):
						after = time.Now()
					default:
						headers(w, "5", "1.000")
					}
					ok(w)
					return true
				}
				r, done := f.client()
				defer done()
				post := func(what string) {
					if err := create(what)(t.Context(), r); err != nil {
						t.Errorf("%s: %v", what, err)
					}
				}
				post("first") // so that several may be on their way
				if c.other {
					if _, err := r.GetMessage(t.Context(), "10", "5"); err != nil {
						t.Error(err)
					}
					time.Sleep(2 * time.Second)
					post("first again")
				}
				var all sync.WaitGroup
				if c.other {
					all.Go(func() { _, _ = r.GetMessage(t.Context(), "10", "5") })
				} else {
					all.Go(func() { post("slow") })
				}
				all.Go(func() { post("refused") })
				time.Sleep(2 * time.Second) // both answers are there
				post("next")
				all.Wait()
				if wait := after.Sub(refusedAt); wait < 4*time.Second || wait > 4100*time.Millisecond {
					t.Errorf("the next request went %v after a refusal that said 4 s", wait)
				}
			})
		})
	}
}

// TestBucketsAreForgotten checks that interactions, each with a bucket of its own, leave nothing behind, and do not wait for
// one another.
func TestBucketsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, nil)
		f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			time.Sleep(200 * time.Millisecond)
			return false
		}
		r, done := f.client()
		defer done()
		errs := make(chan error)
		began := time.Now()
		for n := range 1000 {
			go func() {
				_, err := r.EditOriginal(context.Background(), &Interaction{ID: strconv.Itoa(n), ApplicationID: "2", Token: "t"}, newPost(Response{Content: "x"}))
				errs <- err
			}()
		}
		for range 1000 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took > 300*time.Millisecond {
			t.Errorf("1000 edits of 1000 interactions took %v at 200 ms each", took)
		}
		time.Sleep(2 * idleBucket)
		respondTo(context.Background(), r)
		if n := len(r.limits.buckets); n > 1 {
			t.Errorf("%d buckets are remembered", n)
		}
	})
}

// TestInvalidRequests checks that the bot stops asking well before Discord blocks its address, and asks again later.
func TestInvalidRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, nil)
		var mended atomic.Bool
		f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if mended.Load() {
				return false
			}
			refuse(50013, 403)(w)
			return true
		}
		r, done := f.client()
		defer done()
		var err error
		for range 12_000 {
			err = edit(context.Background(), r)
		}
		if !errors.Is(err, errHalted) {
			t.Errorf("after 12,000 refusals: %v", err)
		}
		if n := len(f.callsTo("PATCH")); n != maxInvalid {
			t.Errorf("%d requests were made, want %d", n, maxInvalid)
		}
		mended.Store(true)
		time.Sleep(invalidWindow + time.Second)
		if err := edit(context.Background(), r); err != nil {
			t.Errorf("ten minutes later: %v", err)
		}
	})
}

// TestNetworkBlock checks that Cloudflare's 429 holds up every request, interactions' too.
func TestNetworkBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, nil)
		var second atomic.Bool
		f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if !second.Swap(true) {
				tooMany(true, "20", 2)(w, 1)
				return true
			}
			return false
		}
		r, done := f.client()
		defer done()
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := edit(short, r); err == nil {
			t.Error("the first request was not refused")
		}
		began := time.Now()
		if err := respondTo(context.Background(), r); err != nil || time.Since(began) < 19*time.Second {
			t.Errorf("a response was sent after %v: %v", time.Since(began), err)
		}
		if len(f.callsTo("")) != 2 {
			t.Errorf("%d requests, want 2", len(f.callsTo("")))
		}
	})
}

// TestBodies shows the bodies that discordgo's structs get wrong.
func TestBodies(t *testing.T) {
	for _, c := range []struct {
		name string
		body any
		want string
	}{
		{"a plain answer", newPost(Response{Content: "x"}), `{"content":"x","components":[],"allowed_mentions":{"parse":[],"replied_user":false}}`},
		{"a private one", newPost(Response{Content: "x", Private: true}), `{"content":"x","components":[],"flags":64,"allowed_mentions":{"parse":[],"replied_user":false}}`},
		{"no completions", answer{Type: 8, Data: completions{[]Choice{}}}, `{"type":8,"data":{"choices":[]}}`},
		{"a deferred update", answer{Type: 6}, `{"type":6}`},
		{"a command", Command{Type: 3, Name: "Ask the facts"}, `{"type":3,"name":"Ask the facts"}`},
	} {
		got, err := json.Marshal(c.body)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
	}
}

// TestHeaders checks what every request carries.
func TestHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, nil)
		r, done := f.client()
		defer done()
		if err := create("77")(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		if err := remove(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		post, del := f.callsTo("POST")[0], f.callsTo("DELETE")[0]
		if got := post.header.Get("User-Agent"); !strings.HasPrefix(got, "DiscordBot (https://") {
			t.Errorf("User-Agent %q", got)
		}
		if post.header.Get("Authorization") != "Bot "+testToken || post.header.Get("Content-Type") != "application/json" || del.header.Get("Content-Type") != "" {
			t.Errorf("headers %v, %v", post.header, del.header)
		}
		if want := `{"content":"x","components":[],"allowed_mentions":{"parse":[],"replied_user":false},"message_reference":{"message_id":"5","fail_if_not_exists":false},"nonce":"77","enforce_nonce":true}`; post.body != want {
			t.Errorf("body %s, want %s", post.body, want)
		}
	})
}

// TestNeverSent keeps apart what was never sent from what may have arrived.
func TestNeverSent(t *testing.T) {
	if !neverSent(&restError{err: &net.OpError{Op: "dial", Err: errors.New("refused")}}) || neverSent(&restError{err: &net.OpError{Op: "read", Err: errors.New("reset")}}) {
		t.Error("dial and read are taken for one another")
	}
}
