package bot

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// posts counts the answers the fake was given for each message, by nonce.
func (f *fake) posts() map[string]int {
	n := map[string]int{}
	for _, c := range f.callsTo("POST /api/v10/channels/10/messages") {
		_, rest, _ := strings.Cut(c.body, `"nonce":"`)
		id, _, _ := strings.Cut(rest, `"`)
		n[id]++
	}
	return n
}

// answered is when the fake was given the first answer for a message.
func (f *fake) answered(id string) time.Time {
	for _, c := range f.callsTo("POST /api/v10/channels/10/messages") {
		if strings.Contains(c.body, `"nonce":"`+id+`"`) {
			return f.start.Add(c.at)
		}
	}
	return time.Time{}
}

// idle stays until the bot goes.
func (c *link) idle() {
	for range c.in {
	}
}

// first is how most scripts begin: log in and get one answer.
func (c *link) first() {
	c.welcome()
	c.dispatch("MESSAGE_CREATE", aMessage("101", "one"))
	c.f.awaits("101")
}

// second is how they end.
func (c *link) second() {
	c.dispatch("MESSAGE_CREATE", aMessage("102", "two"))
	c.idle()
}

// awaits waits until the message was answered.
func (f *fake) awaits(id string) {
	for f.posts()[id] == 0 {
		select {
		case <-f.gone:
			return
		case <-time.After(time.Millisecond): // on the bubble's clock
		}
	}
}

// TestFaults injects each fault of the gateway. After it the bot must answer a message within a time, both messages must be
// answered exactly once, and the two sides must have said what the protocol asks for, in order.
func TestFaults(t *testing.T) {
	cases := []struct {
		name   string
		script script
		within time.Duration // from the fault to the next answer, by the bubble's clock
		want   []string      // stands in the notes, in this order
		never  []string
	}{
		{name: "op 7 while running", within: 300 * time.Millisecond, script: func(n int, c *link) {
			if n == 1 {
				c.first()
				c.f.fault()
				c.op(7, nil)
				c.idle()
				return
			}
			c.welcome()
			c.second()
		}, want: []string{"1: IDENTIFY", "1: closed by the bot with 4000", "2: connected at /gw-resume", "2: RESUME s1 after 2"}, never: []string{"2: IDENTIFY"}},

		{name: "op 7 at once after READY", within: 300 * time.Millisecond, script: func(n int, c *link) {
			if n == 1 {
				c.welcome()
				c.f.fault()
				c.op(7, nil)
				c.idle()
				return
			}
			c.welcome()
			c.dispatch("MESSAGE_CREATE", aMessage("101", "one"))
			c.second()
		}, want: []string{"1: closed by the bot with 4000", "2: RESUME s1 after 1"}, never: []string{"3: connected"}},

		{name: "op 7 in place of READY", within: 6 * time.Second, script: func(n int, c *link) {
			if n == 1 {
				<-c.in
				c.f.fault()
				c.op(7, nil)
				c.idle()
				return
			}
			c.first()
			c.second()
		}, want: []string{"1: IDENTIFY", "1: closed by the bot with 4000", "2: IDENTIFY"}},

		{name: "op 7 in place of RESUMED", within: 2 * time.Second, script: func(n int, c *link) {
			switch n {
			case 1:
				c.first()
				c.f.fault()
				c.op(7, nil)
				c.idle()
			case 2:
				<-c.in
				c.op(7, nil)
				c.idle()
			default:
				c.welcome()
				c.second()
			}
		}, want: []string{"2: RESUME s1 after 2", "2: closed by the bot with 4000", "3: RESUME s1 after 2"}},

		{name: "op 9 false in place of RESUMED", within: 3 * time.Second, script: func(n int, c *link) {
			switch n {
			case 1:
				c.first()
				time.Sleep(6 * time.Second) // past the turn that the first session took
				c.op(7, nil)
				c.idle()
			case 2:
				<-c.in
				c.f.fault()
				c.op(9, false)
				c.idle()
			default:
				c.welcome()
				c.second()
			}
		}, want: []string{"2: RESUME s1", "2: closed by the bot with 1000", "3: connected at /gw?", "3: IDENTIFY"}, never: []string{"2: IDENTIFY"}},

		{name: "op 9 true while running", within: 300 * time.Millisecond, script: func(n int, c *link) {
			if n == 1 {
				c.first()
				c.f.fault()
				c.op(9, true)
				c.idle()
				return
			}
			c.welcome()
			c.second()
		}, want: []string{"1: closed by the bot with 4000", "2: RESUME s1"}},

		{name: "op 9 false while running", within: 7 * time.Second, script: func(n int, c *link) {
			if n == 1 {
				c.first()
				c.f.fault()
				c.op(9, false)
				c.idle()
				return
			}
			c.welcome()
			c.second()
		}, want: []string{"1: closed by the bot with 1000", "2: connected at /gw?", "2: IDENTIFY"}},

		{name: "op 9 in place of READY", within: 11 * time.Second, script: func(n int, c *link) {
			if n == 1 {
				<-c.in
				c.f.fault()
				c.op(9, false)
				c.idle()
				return
			}
			c.first()
			c.second()
		}, want: []string{"1: IDENTIFY", "1: closed by the bot with 1000", "2: IDENTIFY"}},

		{name: "op 1", within: 10 * time.Millisecond, script: func(n int, c *link) {
			c.first()
			c.f.fault()
			c.op(1, nil)
			c.second()
		}, want: []string{"1: IDENTIFY", "-: fault", "1: heartbeat 2"}, never: []string{"2: connected"}},

		// The link goes silent right after an ACK: the worst place. The next beat is at most one interval later, and the
		// bot gives it ten seconds.
		{name: "silent link", within: 41250*time.Millisecond + ackWithin + 300*time.Millisecond, script: func(n int, c *link) {
			if n == 1 {
				c.first()
				c.f.until("a beat", time.Minute, func() bool { return strings.Contains(c.f.notes(), "1: heartbeat") })
				c.f.fault()
				c.silence()
				c.idle()
				return
			}
			c.welcome()
			c.second()
		}, want: []string{"-: fault", "1: heartbeat", "1: closed by the bot with 4000", "2: RESUME s1"}, never: []string{"2: IDENTIFY"}},

		// Events come, ACKs do not: dead by the next beat all the same.
		{name: "link without ACKs", within: 2*41250*time.Millisecond + 300*time.Millisecond, script: func(n int, c *link) {
			if n == 1 {
				c.first()
				c.f.until("a beat", time.Minute, func() bool { return strings.Contains(c.f.notes(), "1: heartbeat") })
				c.f.fault()
				c.silence()
				for range 100 {
					time.Sleep(time.Second)
					c.dispatch("TYPING_START", map[string]any{})
				}
				c.idle()
				return
			}
			c.welcome()
			c.second()
		}, want: []string{"1: closed by the bot with 4000", "2: RESUME s1"}},

		{name: "link cut without a close", within: 300 * time.Millisecond, script: func(n int, c *link) {
			if n == 1 {
				c.first()
				c.f.fault()
				c.ws.NetConn().Close()
				return
			}
			c.welcome()
			c.second()
		}, want: []string{"2: RESUME s1 after 2"}},

		{name: "the other side stops reading", within: 41250*time.Millisecond + writeWithin + 2*time.Second, script: func(n int, c *link) {
			if n == 1 {
				c.first()
				c.f.fault()
				c.stall()
				return
			}
			c.welcome()
			c.second()
		}, want: []string{"2: RESUME s1 after 2"}},

		{name: "replayed events", within: 300 * time.Millisecond, script: func(n int, c *link) {
			if n == 1 {
				c.first()
				c.f.fault()
				c.op(7, nil)
				c.idle()
				return
			}
			<-c.in
			c.seq = 1
			c.dispatch("MESSAGE_CREATE", aMessage("101", "one")) // again
			c.dispatch("MESSAGE_CREATE", aMessage("102", "two")) // came while it was away
			c.dispatch("RESUMED", map[string]any{})
			c.idle()
		}, want: []string{"2: RESUME s1 after 2"}},

		{name: "RESUME never answered", within: 2*readyWithin + 3*time.Second + 30*time.Second + 20*time.Second, script: func(n int, c *link) {
			switch n {
			case 1:
				c.first()
				c.f.fault()
				c.op(7, nil)
				c.idle()
			case 2, 3, 4:
				c.idle()
			default:
				c.welcome()
				c.second()
			}
		}, want: []string{"2: RESUME", "2: closed by the bot with 4000", "3: RESUME", "4: RESUME", "5: IDENTIFY"}},

		{name: "READY never comes", within: readyWithin + 6*time.Second, script: func(n int, c *link) {
			if n == 1 {
				<-c.in
				c.f.fault()
				c.idle()
				return
			}
			c.first()
			c.second()
		}, want: []string{"1: IDENTIFY", "1: closed by the bot with 4000", "2: IDENTIFY"}},

		{name: "compressed, undecodable and unknown events", within: 10 * time.Millisecond, script: func(n int, c *link) {
			c.zip = true
			c.first()
			c.f.fault()
			c.ws.WriteMessage(websocket.BinaryMessage, []byte("no zlib"))
			c.ws.WriteMessage(websocket.TextMessage, []byte("no JSON"))
			c.dispatch("SOMETHING_NEW", []any{1, "two"})
			c.dispatch("MESSAGE_CREATE", "not a message")
			c.dispatch("INTERACTION_CREATE", map[string]any{"id": 5})
			c.op(99, nil)
			c.second()
		}, never: []string{"2: connected"}},
	}
	for _, code := range []int{1000, 1001, 4000, 4001, 4002, 4003, 4005, 4008} {
		cases = append(cases, struct {
			name   string
			script script
			within time.Duration
			want   []string
			never  []string
		}{name: fmt.Sprint("closed with ", code), within: 6 * time.Second, script: func(n int, c *link) {
			if n == 1 {
				c.first()
				c.f.fault()
				c.close(code)
				c.idle()
				return
			}
			c.welcome()
			c.second()
		}, want: []string{"2: connected at /gw-resume", "2: RESUME s1"}})
	}
	for _, code := range []int{4007, 4009} {
		cases = append(cases, struct {
			name   string
			script script
			within time.Duration
			want   []string
			never  []string
		}{name: fmt.Sprint("closed with ", code), within: 6 * time.Second, script: func(n int, c *link) {
			if n == 1 {
				c.first()
				c.f.fault()
				c.close(code)
				c.idle()
				return
			}
			c.welcome()
			c.second()
		}, want: []string{"2: connected at /gw?", "2: IDENTIFY"}, never: []string{"RESUME"}})
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, tc.script)
				r := f.run(nil)
				defer r.end(f)
				f.until("both answers", 10*time.Minute, func() bool { p := f.posts(); return p["101"] > 0 && p["102"] > 0 })
				took := f.answered("102").Sub(f.struck) // until looks the more seldom the longer it takes
				t.Logf("answered again after %v", took.Round(time.Millisecond))
				if took > tc.within {
					t.Errorf("answered again after %v, want within %v", took, tc.within)
				}
				time.Sleep(time.Minute) // whatever else is to come
				for id, n := range f.posts() {
					if n != 1 {
						t.Errorf("message %s was answered %d times", id, n)
					}
				}
				rest := f.notes()
				for _, w := range tc.want {
					_, after, ok := strings.Cut(rest, w)
					if !ok {
						t.Errorf("%q is missing, or out of order", w)
						break
					}
					rest = after
				}
				for _, w := range tc.never {
					if strings.Contains(f.notes(), w) {
						t.Errorf("%q happened", w)
					}
				}
			})
		})
	}
}

// TestFinalCloses checks that a close which Discord would repeat for ever ends the bot with one line, and that it connected
// just once.
func TestFinalCloses(t *testing.T) {
	for _, code := range []int{4004, 4010, 4011, 4012, 4013, 4014} {
		for _, when := range []string{"in place of READY", "while running"} {
			t.Run(fmt.Sprint(code, " ", when), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFake(t, func(n int, c *link) {
						if when == "while running" {
							c.first()
						} else {
							<-c.in
						}
						c.close(code)
						c.idle()
					})
					r := f.run(nil)
					var err error
					select {
					case err = <-r.over:
					case <-time.After(time.Hour):
						t.Errorf("the bot went on")
						r.stop()
						<-r.over
					}
					var stop *StopError
					if !errors.As(err, &stop) || stop.Code != code {
						t.Errorf("Run: %v, want a StopError with %d", err, code)
					} else if strings.Contains(stop.Error(), "\n") {
						t.Errorf("more than one line: %q", stop.Error())
					}
					r.stop()
					r.clean(f)
					if strings.Contains(f.notes(), "2: connected") {
						t.Error("it connected again")
					}
				})
			})
		}
	}
}
