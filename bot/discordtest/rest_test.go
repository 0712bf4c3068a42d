package discordtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"

	"github.com/bwmarrin/discordgo"
)

func mustRequest(t *testing.T, s *discordtest.Server) *http.Request {
	t.Helper()
	r, err := http.NewRequest("GET", s.URL()+"/v10/users/@me", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bot "+s.Token())
	r.Header.Set("User-Agent", "DiscordBot (https://example.org, 1)")
	return r
}

// What Discord answers before it looks at the body.
func TestRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{InvalidLimit: 5})
	for _, tc := range []struct {
		name   string
		change func(*http.Request)
		status int
		code   float64
	}{
		{"good", func(*http.Request) {}, 200, 0},
		{"v9", func(r *http.Request) { r.URL.Path = "/api/v9/users/@me" }, 200, 0},
		{"v6", func(r *http.Request) { r.URL.Path = "/api/v6/users/@me" }, 400, 50041},
		{"wrong token", func(r *http.Request) { r.Header.Set("Authorization", "Bot x") }, 401, 0},
		{"token without Bot", func(r *http.Request) { r.Header.Set("Authorization", s.Token()) }, 401, 0},
		{"no token", func(r *http.Request) { r.Header.Del("Authorization") }, 401, 0},
		{"no user agent", func(r *http.Request) { r.Header.Set("User-Agent", "curl/8") }, 403, 40333},
		{"unknown path", func(r *http.Request) { r.URL.Path = "/api/v10/nowhere" }, 404, 0},
		{"wrong method", func(r *http.Request) { r.Method = "DELETE" }, 405, 0},
		{"one 401 too many", func(r *http.Request) { r.Header.Del("Authorization") }, 401, 0},
		{"banned", func(*http.Request) {}, 429, -1},
	} {
		r := mustRequest(t, s)
		tc.change(r)
		status, h, b, err := do(s, r)
		if err != nil {
			t.Fatal(err)
		}
		if status != tc.status {
			t.Errorf("%s: %d %s; want %d", tc.name, status, b, tc.status)
		}
		if tc.code < 0 {
			if !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
				t.Errorf("%s: %s", tc.name, b)
			}
			continue
		}
		var v map[string]any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Errorf("%s: %v in %s", tc.name, err, b)
		}
		if status != 200 && v["code"] != tc.code {
			t.Errorf("%s: code %v; want %v", tc.name, v["code"], tc.code)
		}
	}
	if n := s.InvalidRequests(); n != 5 {
		t.Errorf("%d invalid requests counted", n)
	}
}

// Rate limits and errors, and how the real discordgo takes them.
func TestRESTFaults(t *testing.T) {
	t.Parallel()
	send := func(d *discordgo.Session, s *discordtest.Server) error {
		_, err := d.ChannelMessageSend(s.General().ID, "hello")
		return err
	}
	post := discordtest.Fault{Method: "POST", Path: "/channels/*/messages"}
	times := func(f discordtest.Fault, n int) discordtest.Fault { f.Times = n; return f }
	for _, tc := range []struct {
		name     string
		fault    discordtest.Fault
		calls    int // discordgo makes
		messages int
		fails    bool
	}{
		{"none", discordtest.Fault{Path: "/nowhere"}, 1, 1, false},
		{"429 as JSON, twice", times(post.TooMany(20*time.Millisecond, discordtest.ScopeUser), 2), 3, 1, false},
		{"429 global", post.TooMany(20*time.Millisecond, discordtest.ScopeGlobal), 2, 1, false},
		{"429 as HTML", post.Cloudflare(time.Second), 1, 0, true},
		{"500", post.ServerError(500), 1, 0, true},
		{"502, which discordgo repeats", post.ServerError(502), 2, 1, false},
		{"cut before it is processed", discordtest.Fault{Method: "POST", Path: post.Path, CutBefore: true}, 1, 0, true},
		{"cut after it is processed", discordtest.Fault{Method: "POST", Path: post.Path, CutAfter: true}, 1, 1, true},
		{"slow", discordtest.Fault{Method: "POST", Path: post.Path, Slow: 20 * time.Millisecond}, 1, 1, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := discordtest.New(t, discordtest.Options{})
			s.Fault(tc.fault)
			if err := send(session(t, s), s); (err != nil) != tc.fails {
				t.Errorf("error %v", err)
			}
			if n := len(s.Requests()); n != tc.calls {
				t.Errorf("%d calls; want %d", n, tc.calls)
			}
			if n := len(s.General().Messages()); n != tc.messages {
				t.Errorf("%d messages; want %d", n, tc.messages)
			}
			noRefusals(t, s)
		})
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{})
	h := s.Hold("GET", "/users/@me")
	got := make(chan int, 1)
	go func() {
		status, _, _, _ := do(s, mustRequest(t, s))
		got <- status
	}()
	if err := h.Wait(deadline(t), 1); err != nil {
		t.Fatal(err)
	}
	select {
	case <-got:
		t.Fatal("answered while held")
	default:
	}
	h.Release()
	if status := <-got; status != 200 {
		t.Errorf("%d", status)
	}
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{})
	s.Limit("GET", "/users/@me", 2, 5*time.Second)
	ask := func() (int, http.Header) {
		status, h, _, err := do(s, mustRequest(t, s))
		if err != nil {
			t.Fatal(err)
		}
		return status, h
	}
	if status, h := ask(); status != 200 || h.Get("X-RateLimit-Remaining") != "1" || h.Get("X-RateLimit-Bucket") == "" {
		t.Errorf("%d %v", status, h)
	}
	ask()
	if status, h := ask(); status != 429 || h.Get("Retry-After") != "5" || h.Get("X-RateLimit-Scope") != "user" {
		t.Errorf("%d %v", status, h)
	}
	s.Advance(5 * time.Second)
	if status, _ := ask(); status != 200 {
		t.Errorf("%d after the bucket was filled again", status)
	}
	s.LimitGlobal(1)
	ask()
	if status, h := ask(); status != 429 || h.Get("X-RateLimit-Global") != "true" {
		t.Errorf("%d %v", status, h)
	}
}

// A blind repeat posts twice; with a nonce it does not.
func TestNonce(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{})
	path := "/channels/" + s.General().ID + "/messages"
	var ids []any
	for _, b := range []obj{{"content": "c", "nonce": "1"}, {"content": "c", "nonce": "1"}, {"content": "c", "nonce": "2", "enforce_nonce": true}, {"content": "c", "nonce": "2", "enforce_nonce": true}} {
		_, v := call(t, s, "POST", path, b)
		ids = append(ids, get(v, "id"))
	}
	if ids[0] == ids[1] || ids[2] != ids[3] {
		t.Errorf("ids %v", ids)
	}
	s.Advance(time.Hour)
	if _, v := call(t, s, "POST", path, obj{"content": "c", "nonce": "2", "enforce_nonce": true}); get(v, "id") == ids[2] {
		t.Error("a nonce is remembered for an hour")
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{})
	c := connect(t, s, guilds|messages)
	g, alice, bot := s.Home(), s.User("alice"), s.BotUser()
	said := must(alice.Say(s.General(), "hello"))(t)
	for _, tc := range []struct {
		name         string
		deny         discordtest.Permissions
		method, path string
		body         any
		status       int
		code         float64
	}{
		{"send", discordtest.SendMessages, "POST", "", obj{"content": "c"}, 403, 50013},
		{"see", discordtest.ViewChannel, "POST", "", obj{"content": "c"}, 403, 50001},
		{"type", discordtest.SendMessages, "POST", "/typing", nil, 403, 50013},
		{"read one", discordtest.ReadMessageHistory, "GET", "/" + said.ID, nil, 403, 50013},
		{"read one unseen", discordtest.ViewChannel, "GET", "/" + said.ID, nil, 403, 50001},
		{"reply", discordtest.ReadMessageHistory, "POST", "", obj{"content": "c", "message_reference": obj{"message_id": said.ID}}, 403, 160002},
		{"delete another's", 0, "DELETE", "/" + said.ID, nil, 403, 50013},
		{"edit another's", 0, "PATCH", "/" + said.ID, obj{"content": "c"}, 403, 50005},
		{"unknown message", 0, "GET", "/1", nil, 404, 10008},
		{"reply to nothing", 0, "POST", "", obj{"content": "c", "message_reference": obj{"message_id": "1"}}, 400, 50035},
		{"reply to nothing, by leave", 0, "POST", "", obj{"content": "c", "message_reference": obj{"message_id": "1", "fail_if_not_exists": false}}, 200, 0},
	} {
		s.General().Deny(bot, tc.deny)
		path := "/channels/" + s.General().ID + "/messages" + tc.path
		if tc.path == "/typing" {
			path = "/channels/" + s.General().ID + "/typing"
		}
		status, v := call(t, s, tc.method, path, tc.body)
		if code, _ := get(v, "code").(float64); status != tc.status || code != tc.code {
			t.Errorf("%s: %d %v; want %d, code %v", tc.name, status, v, tc.status, tc.code)
		}
		s.General().Allow(bot, tc.deny)
	}

	// The computed permissions of a member, as a bot must read them.
	call(t, s, "PUT", "/applications/"+bot.ID+"/commands", commands(slash("options", list{opt("q")})))
	may := func(u *discordtest.User, ch *discordtest.Channel) discordtest.Permissions {
		must(u.Slash(ch, "ask", discordtest.Args{"q": "x"}))(t)
		var in struct {
			Member struct {
				Permissions discordtest.Permissions `json:",string"`
			}
		}
		if err := json.Unmarshal(c.event("INTERACTION_CREATE"), &in); err != nil {
			t.Fatal(err)
		}
		return in.Member.Permissions
	}
	if p := may(alice, s.General()); p != discordtest.DefaultPermissions {
		t.Errorf("alice: %b", p)
	}
	g.Add(s.User("mod"), g.Role("moderators", discordtest.ManageGuild))
	if p := may(s.User("mod"), s.General()); !p.Has(discordtest.ManageGuild | discordtest.SendMessages) {
		t.Errorf("mod: %b", p)
	}
	if p := may(g.Owner(), s.General()); !p.Has(discordtest.Administrator) {
		t.Errorf("owner: %b", p)
	}
	quiet := g.Channel("quiet")
	quiet.Deny(g.Everyone(), discordtest.SendMessages)
	quiet.Allow(g.Role("moderators", 0), discordtest.SendMessages)
	if p := may(alice, quiet); p.Has(discordtest.SendMessages) {
		t.Errorf("alice in quiet: %b", p)
	}
	if p := may(s.User("mod"), quiet); !p.Has(discordtest.SendMessages) {
		t.Errorf("mod in quiet: %b", p)
	}
	if _, err := alice.Say(quiet, "hello"); err == nil {
		t.Error("alice speaks in quiet")
	}
	hidden := g.Channel("hidden")
	hidden.Deny(g.Everyone(), discordtest.ViewChannel)
	must(g.Owner().Say(hidden, "secret"))(t)
	must(alice.Say(s.General(), "not secret"))(t)
	var m struct {
		ChannelID string `json:"channel_id"`
	}
	json.Unmarshal(c.event("MESSAGE_CREATE"), &m)
	if m.ChannelID == hidden.ID {
		t.Error("the bot hears what it cannot see")
	}
}

// What the bot may read without the privileged intent, on the gateway and over REST.
func TestContent(t *testing.T) {
	t.Parallel()
	for _, privileged := range []bool{false, true} {
		t.Run(fmt.Sprint("privileged ", privileged), func(t *testing.T) {
			s := discordtest.New(t, discordtest.Options{MessageContent: privileged})
			intents := guilds | messages | 1<<12
			if privileged {
				intents |= content
			}
			c := connect(t, s, intents)
			alice, bot := s.User("alice"), s.BotUser()
			own := func() discordtest.Message {
				_, v := call(t, s, "POST", "/channels/"+s.General().ID+"/messages", obj{"content": "my own"})
				c.event("MESSAGE_CREATE")
				m, _ := s.Message(get(v, "id").(string))
				return m
			}
			slashed := func() discordtest.Message {
				call(t, s, "PUT", "/applications/"+bot.ID+"/commands", commands(slash("options", list{opt("q")})))
				in := must(alice.Slash(s.General(), "ask", nil))(t)
				var i struct{ ID, Token string }
				json.Unmarshal(c.event("INTERACTION_CREATE"), &i)
				call(t, s, "POST", "/interactions/"+i.ID+"/"+i.Token+"/callback", msg(obj{"content": "answer"}))
				c.event("MESSAGE_CREATE")
				return must(in.Answer(deadline(t)))(t)
			}
			for _, tc := range []struct {
				name string
				say  func() (discordtest.Message, error)
				read bool // without the privilege
			}{
				{"ordinary", func() (discordtest.Message, error) { return alice.Say(s.General(), "hello") }, false},
				{"mention", func() (discordtest.Message, error) { return alice.Say(s.General(), "hello "+bot.Mention()) }, true},
				{"mention of another", func() (discordtest.Message, error) {
					return alice.Say(s.General(), "hello "+s.User("bob").Mention())
				}, false},
				{"direct message", func() (discordtest.Message, error) { return alice.DM("hello") }, true},
				{"reply with ping", func() (discordtest.Message, error) { return alice.Reply(own(), "hello", true) }, true},
				{"reply without ping", func() (discordtest.Message, error) { return alice.Reply(own(), "hello", false) }, false},
				{"reply to a slash answer", func() (discordtest.Message, error) { return alice.Reply(slashed(), "hello", true) }, false},
				{"reply to a slash answer with mention", func() (discordtest.Message, error) {
					return alice.Reply(slashed(), bot.Mention()+" hello", true)
				}, true},
				{"file", func() (discordtest.Message, error) {
					return alice.Say(s.General(), "hello", discordtest.Upload{Name: "a.txt", Data: []byte("x")})
				}, false},
			} {
				said := must(tc.say())(t)
				want := privileged || tc.read
				var m struct {
					Content     string
					Attachments []any
				}
				if err := json.Unmarshal(c.event("MESSAGE_CREATE"), &m); err != nil {
					t.Fatal(err)
				}
				if (m.Content != "") != want || tc.name == "file" && (len(m.Attachments) > 0) != want {
					t.Errorf("%s: gateway shows %q; want shown: %v", tc.name, m.Content, want)
				}
				_, v := call(t, s, "GET", "/channels/"+said.Channel.ID+"/messages/"+said.ID, nil)
				if (get(v, "content") != "") != want {
					t.Errorf("%s: REST shows %q; want shown: %v", tc.name, get(v, "content"), want)
				}
			}
			// A message's own command shows it whole.
			call(t, s, "PUT", "/applications/"+bot.ID+"/commands", commands(obj{"type": 3, "name": "Cite"}))
			said := must(alice.Say(s.General(), "shown to the bot"))(t)
			must(alice.MessageCommand(said, "Cite"))(t)
			var in struct {
				Data struct {
					Resolved struct {
						Messages map[string]struct{ Content string }
					}
				}
			}
			json.Unmarshal(c.event("INTERACTION_CREATE"), &in)
			if got := in.Data.Resolved.Messages[said.ID].Content; got != "shown to the bot" {
				t.Errorf("the target of a message command shows %q", got)
			}
		})
	}
}

// A bot walks a chain of replies back over REST.
func TestReplyChain(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{})
	alice := s.User("alice")
	first := must(alice.Say(s.General(), s.BotUser().Mention()+" where?"))(t)
	path := "/channels/" + s.General().ID + "/messages"
	_, v := call(t, s, "POST", path, obj{"content": "there", "message_reference": obj{"message_id": first.ID}, "allowed_mentions": obj{"parse": list{}}})
	answer, _ := s.Message(get(v, "id").(string))
	if len(answer.Pinged) > 0 {
		t.Errorf("pinged %v", answer.Pinged)
	}
	second := must(alice.Reply(answer, "and when?", true))(t)
	var texts []any
	for id := second.ID; id != ""; {
		_, m := call(t, s, "GET", path+"/"+id, nil)
		texts = append(texts, get(m, "content"))
		id, _ = get(m, "message_reference", "message_id").(string)
	}
	if want := (list{"and when?", "there", s.BotUser().Mention() + " where?"}); !slices.Equal(texts, want) {
		t.Errorf("%v; want %v", texts, want)
	}
}

func TestPings(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{BotPermissions: discordtest.MentionEveryone})
	alice, bob := s.User("alice"), s.User("bob")
	role := s.Home().Role("mods", 0)
	said := must(alice.Say(s.General(), "hi"))(t)
	path := "/channels/" + s.General().ID + "/messages"
	text := bob.Mention() + " <@&" + role.ID + "> @everyone"
	ref := obj{"message_id": said.ID}
	for _, tc := range []struct {
		name string
		body obj
		want []string
	}{
		{"by default everything", obj{"content": text}, []string{"@bob", "@mods", "@everyone"}},
		{"nothing", obj{"content": text, "allowed_mentions": obj{"parse": list{}}}, nil},
		{"users", obj{"content": text, "allowed_mentions": obj{"parse": list{"users"}}}, []string{"@bob"}},
		{"a role by id", obj{"content": text, "allowed_mentions": obj{"roles": list{role.ID}}}, []string{"@mods"}},
		{"a reply by default", obj{"content": "c", "message_reference": ref}, []string{"@alice"}},
		{"a reply without", obj{"content": "c", "message_reference": ref, "allowed_mentions": obj{"parse": list{}}}, nil},
		{"a reply with", obj{"content": "c", "message_reference": ref, "allowed_mentions": obj{"parse": list{}, "replied_user": true}}, []string{"@alice"}},
	} {
		_, v := call(t, s, "POST", path, tc.body)
		m, ok := s.Message(fmt.Sprint(get(v, "id")))
		if !ok || !slices.Equal(m.Pinged, tc.want) {
			t.Errorf("%s: pinged %v; want %v", tc.name, m.Pinged, tc.want)
		}
	}
	if m := must(alice.Say(s.General(), "@everyone"))(t); len(m.Pinged) > 0 {
		t.Errorf("alice pings %v without permission", m.Pinged)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	s := discordtest.New(t, discordtest.Options{Spec: discordtest.FindSpec(t)})
	d := session(t, s)
	m, err := d.ChannelMessageSendComplex(s.General().ID, &discordgo.MessageSend{Content: "c", Files: []*discordgo.File{{Name: "facts.yaml", ContentType: "text/yaml", Reader: strings.NewReader("facts: []")}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Filename != "facts.yaml" || m.Attachments[0].Size != 9 {
		t.Fatalf("%+v", m.Attachments)
	}
	r, err := d.Client.Get(m.Attachments[0].URL)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if b, _ := io.ReadAll(r.Body); string(b) != "facts: []" || r.Header.Get("Content-Type") != "text/yaml" {
		t.Errorf("downloaded %q", b)
	}
	// An edit that lists no attachment takes them away.
	_, v := call(t, s, "PATCH", "/channels/"+s.General().ID+"/messages/"+m.ID, obj{"content": "c", "attachments": list{}})
	if files, _ := get(v, "attachments").([]any); len(files) != 0 {
		t.Errorf("%v", files)
	}
	// Bad JSON in the form is refused.
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	w.WriteField("payload_json", "{")
	w.Close()
	req := mustRequest(t, s)
	req.Method, req.URL.Path = "POST", "/api/v10/channels/"+s.General().ID+"/messages"
	req.Body = io.NopCloser(&b)
	req.Header.Set("Content-Type", w.FormDataContentType())
	if status, _, answer, err := do(s, req); err != nil || status != 400 || !strings.Contains(string(answer), "50109") {
		t.Errorf("%d %s %v", status, answer, err)
	}
}
