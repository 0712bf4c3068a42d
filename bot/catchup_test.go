package bot

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestCatchUp loses a session while things are said in three channels and a direct message, and checks that what is young enough
// is answered once, and that a channel which may not be read is not asked again at each new session.
func TestCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		id := func(d time.Duration) string { // of a message sent that long after the start
			return strconv.FormatUint(atOrAfter(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(20, 0, 0).Add(d)), 10)
		}
		time.Sleep(time.Until(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(20, 0, 0))) // ids begin in 2015
		start := time.Now()
		guild := func(l *link, last ...string) {
			var cs []any
			for n, m := range last {
				cs = append(cs, map[string]any{"id": fmt.Sprint(10 + n), "type": 0, "last_message_id": m})
			}
			l.dispatch("GUILD_CREATE", map[string]any{"id": "20", "channels": append(cs, map[string]any{"id": 5, "last_message_id": []int{}}), "threads": nil})
		}
		old, heard, direct := id(0), id(20*time.Minute), id(20*time.Minute+time.Second)
		stale, late1, late2, late3 := id(20*time.Minute+2*time.Second), id(38*time.Minute), id(39*time.Minute), id(39*time.Minute+time.Second)
		f := newFake(t, func(n int, l *link) {
			switch n {
			case 1:
				l.welcome()
				guild(l, old, old, old)
				time.Sleep(20*time.Minute - time.Since(start))
				l.dispatch("MESSAGE_CREATE", aMessage(heard, "heard"))
				dm := aMessage(direct, "direct")
				delete(dm, "guild_id")
				dm["channel_id"] = "40"
				l.dispatch("MESSAGE_CREATE", dm)
				time.Sleep(40*time.Minute - time.Since(start))
				l.close(4009)
				l.idle()
			default:
				<-l.in
				l.ready()
				guild(l, late2, late1, late1)
				if n == 2 {
					time.Sleep(time.Minute)
					l.close(4009)
				}
				l.idle()
			}
		})
		f.refuse = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.Method != "GET" || !strings.HasSuffix(r.URL.Path, "/messages") {
				return false
			}
			switch {
			case strings.Contains(r.URL.Path, "/channels/10/"): // newest first, and one that was heard
				fmt.Fprintf(w, `[{"id":%q,"channel_id":"10","content":"<@1> two","author":{"id":"5"}},{"id":%q,"channel_id":"10","content":"<@1> stale","author":{"id":"5"}},
					{"id":"1","channel_id":"10","content":"mine","author":{"id":"1","bot":true}},{"id":%q,"channel_id":"10","content":"<@1> heard","author":{"id":"5"}}]`, late2, stale, heard)
			case strings.Contains(r.URL.Path, "/channels/40/"):
				fmt.Fprintf(w, `[{"id":%q,"channel_id":"40","content":"three","author":{"id":"5"}}]`, late3)
			case strings.Contains(r.URL.Path, "/channels/11/"):
				refuse(codeMissingAccess, 403)(w)
			default:
				io.WriteString(w, `[]`)
			}
			return true
		}
		r := f.run(nil)
		defer r.end(f)
		time.Sleep(time.Hour)
		posts := map[string]int{}
		for _, c := range f.callsTo("POST /api/v10/channels/") {
			_, rest, _ := strings.Cut(c.body, `"nonce":"`)
			id, _, _ := strings.Cut(rest, `"`)
			posts[id]++
		}
		for _, id := range []string{heard, direct, late2, late3} {
			if posts[id] != 1 {
				t.Errorf("message %s was answered %d times", id, posts[id])
			}
		}
		if len(posts) != 4 {
			t.Errorf("answered: %v", posts)
		}
		if n := len(f.callsTo("GET /api/v10/channels/11/")); n != 1 {
			t.Errorf("a channel that may not be read was asked %d times", n)
		}
	})
}
