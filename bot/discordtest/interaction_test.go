package discordtest_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/bot/discordtest"
)

// stage is a server with a command, a connected client and somebody to drive.
type stage struct {
	t     *testing.T
	s     *discordtest.Server
	c     *client
	alice *discordtest.User
}

func newStage(t *testing.T, more ...any) *stage {
	t.Helper()
	s := discordtest.New(t, discordtest.Options{Spec: discordtest.FindSpec(t)})
	st := &stage{t, s, connect(t, s, guilds|messages|1<<12), s.User("alice")}
	status, v := call(t, s, "PUT", "/applications/"+s.BotUser().ID+"/commands", append(commands(slash("options", list{opt("q", "autocomplete", true)}),
		obj{"type": 3, "name": "Cite"}), more...))
	if status != 200 {
		t.Fatalf("%d %v", status, v)
	}
	return st
}

// event is an INTERACTION_CREATE as a bot reads it.
type event struct {
	ID, Token string
	Type      int
	Context   int
	GuildID   string `json:"guild_id"`
	User      *struct{ ID string }
	Member    *struct{ User struct{ ID string } }
	Message   *struct{ ID, Content string }
	Owners    map[string]string `json:"authorizing_integration_owners"`
	Data      struct {
		Name       string
		CustomID   string `json:"custom_id"`
		Values     []string
		Options    []struct{ Name, Value any }
		Components json.RawMessage
	}
}

func (st *stage) next() event {
	st.t.Helper()
	var e event
	if err := json.Unmarshal(st.c.event("INTERACTION_CREATE"), &e); err != nil {
		st.t.Fatal(err)
	}
	return e
}

func (st *stage) ask() (*discordtest.Interaction, event) {
	st.t.Helper()
	return must(st.alice.Slash(st.s.General(), "ask", discordtest.Args{"q": "why"}))(st.t), st.next()
}

func (st *stage) callback(e event, body any) (int, any) {
	st.t.Helper()
	return call(st.t, st.s, "POST", "/interactions/"+e.ID+"/"+e.Token+"/callback", body)
}

func (st *stage) hook(method string, e event, path string, body any) (int, any) {
	st.t.Helper()
	return call(st.t, st.s, method, "/webhooks/"+st.s.BotUser().ID+"/"+e.Token+path, body)
}

func (st *stage) want(what string, status int, v any, wantStatus int, wantCode float64) {
	st.t.Helper()
	if code, _ := get(v, "code").(float64); status != wantStatus || code != wantCode {
		st.t.Errorf("%s: %d %v; want %d, code %v", what, status, v, wantStatus, wantCode)
	}
}

func TestInteractionClocks(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	hi := msg(obj{"content": "hi"})
	in, e := st.ask()
	status, v := st.hook("PATCH", e, "/messages/@original", obj{"content": "c"})
	st.want("edit before the response", status, v, 404, 10015)
	status, v = st.hook("POST", e, "", obj{"content": "c"})
	st.want("follow-up before the response", status, v, 404, 10015)
	st.s.Advance(discordtest.RespondWithin - time.Millisecond)
	status, v = st.callback(e, hi)
	st.want("just in time", status, v, 204, 0)
	status, v = st.callback(e, hi)
	st.want("a second time", status, v, 400, 40060)
	if m := must(in.Answer(deadline(t)))(t); m.Content != "hi" {
		t.Errorf("%+v", m)
	}

	late, e2 := st.ask()
	st.s.Advance(discordtest.RespondWithin)
	status, v = st.callback(e2, hi)
	st.want("too late", status, v, 404, 10062)
	if _, err := late.Response(deadline(t)); !errors.Is(err, discordtest.ErrNoResponse) {
		t.Errorf("%v; want ErrNoResponse", err)
	}
	status, v = st.callback(event{ID: "1", Token: "x"}, hi)
	st.want("unknown", status, v, 404, 10062)

	st.s.Advance(discordtest.TokenLasts - 3*discordtest.RespondWithin)
	status, v = st.hook("POST", e, "", obj{"content": "more"})
	st.want("a follow-up within 15 minutes", status, v, 200, 0)
	st.s.Advance(2 * discordtest.RespondWithin)
	status, v = st.hook("PATCH", e, "/messages/@original", obj{"content": "c"})
	st.want("after 15 minutes", status, v, 401, 50027)
}

// A waiter is woken by the clock, not by its own patience.
func TestNoResponseWakes(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	in, _ := st.ask()
	got := make(chan error, 1)
	go func() {
		_, err := in.Answer(deadline(t))
		got <- err
	}()
	st.s.Clock().(*discordtest.FakeClock).Advance(discordtest.RespondWithin)
	if err := <-got; !errors.Is(err, discordtest.ErrNoResponse) {
		t.Errorf("%v", err)
	}
}

func TestDeferral(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	in, e := st.ask()
	st.callback(e, obj{"type": 5, "data": obj{"flags": 64}})
	r := must(in.Response(deadline(t)))(t)
	if r.Type != 5 || !r.Ephemeral || !r.Message.Loading || r.Message.VisibleTo != st.alice {
		t.Errorf("deferred: %+v", r)
	}
	status, v := st.hook("PATCH", e, "/messages/@original", obj{"content": "answer", "flags": 0})
	st.want("edit", status, v, 200, 0)
	m := must(in.Answer(deadline(t)))(t)
	if m.Content != "answer" || m.VisibleTo != st.alice || m.Flags&discordtest.FlagEphemeral == 0 || m.Loading {
		t.Errorf("an ephemeral deferral stays ephemeral: %+v", m)
	}
	if _, ok := st.s.Message(m.ID); !ok {
		t.Error("gone")
	}
	status, v = call(t, st.s, "GET", "/channels/"+st.s.General().ID+"/messages/"+m.ID, nil)
	st.want("an ephemeral message is not in the channel", status, v, 404, 10008)
	status, v = st.hook("GET", e, "/messages/@original", nil)
	st.want("but has its webhook", status, v, 200, 0)
	status, v = st.hook("GET", e, "/messages/%40original", nil)
	st.want("also as discord.js writes it", status, v, 200, 0)

	st.s.Dispatch("END", json.RawMessage("{}"))
	for p := st.c.next(); p.T != "END"; p = st.c.next() {
		t.Errorf("the gateway tells %s of an ephemeral message", p.T)
	}

	// The first follow-up to a deferral is the deferred message, whatever it asks for.
	in, e = st.ask()
	st.callback(e, obj{"type": 5})
	status, v = st.hook("POST", e, "", obj{"content": "so", "flags": 64})
	st.want("follow-up", status, v, 200, 0)
	if m := must(in.Answer(deadline(t)))(t); m.Content != "so" || m.VisibleTo != nil {
		t.Errorf("%+v", m)
	}
	status, v = st.hook("DELETE", e, "/messages/@original", nil)
	st.want("delete", status, v, 204, 0)
	status, v = st.hook("PATCH", e, "/messages/@original", obj{"content": "c"})
	st.want("edit of the deleted", status, v, 404, 10008)

	// with_response tells the message.
	_, e = st.ask()
	status, v = call(t, st.s, "POST", "/interactions/"+e.ID+"/"+e.Token+"/callback?with_response=true", msg(obj{"content": "hi"}))
	st.want("with_response", status, v, 200, 0)
	if get(v, "resource", "message", "content") != "hi" || get(v, "interaction", "response_message_id") != get(v, "resource", "message", "id") {
		t.Errorf("%v", v)
	}
}

func TestResponseTypes(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	form := modal(row(input("label", "l")))
	types := map[int]any{4: msg(obj{"content": "c"}), 5: obj{"type": 5}, 6: obj{"type": 6}, 7: obj{"type": 7, "data": obj{"content": "u"}}, 8: choices(choice("n", "v")), 9: form}
	button := func() discordtest.Message {
		in, e := st.ask()
		st.callback(e, rows(row(button("a"))))
		return must(in.Answer(deadline(t)))(t)
	}
	for _, tc := range []struct {
		name string
		make func() error
		good []int
	}{
		{"slash command", func() error { _, err := st.alice.Slash(st.s.General(), "ask", nil); return err }, []int{4, 5, 9}},
		{"message command", func() error {
			m := must(st.alice.Say(st.s.General(), "x"))(t)
			_, err := st.alice.MessageCommand(m, "Cite")
			return err
		}, []int{4, 5, 9}},
		{"button", func() error { _, err := st.alice.Click(button(), "a"); return err }, []int{4, 5, 6, 7, 9}},
		{"autocomplete", func() error { _, err := st.alice.BeginTyping(st.s.General(), "ask", "q", "x", nil); return err }, []int{8}},
		{"modal of a command", func() error {
			in, e := st.ask()
			st.callback(e, form)
			m := must(in.Form(deadline(t)))(t)
			_, err := st.alice.Submit(m, discordtest.Values{"l": "v"})
			return err
		}, []int{4, 5}},
		{"modal of a button", func() error {
			in := must(st.alice.Click(button(), "a"))(t)
			st.callback(st.next(), form)
			m := must(in.Form(deadline(t)))(t)
			_, err := st.alice.Submit(m, discordtest.Values{"q": "v"})
			return err
		}, []int{4, 5, 6, 7}},
	} {
		for kind, body := range types {
			if err := tc.make(); err != nil {
				t.Fatal(err)
			}
			status, v := st.callback(st.next(), body)
			if slices.Contains(tc.good, kind) != (status == 204) {
				t.Errorf("%s answered with type %d: %d %v", tc.name, kind, status, v)
			}
		}
	}
}

func TestComponents(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	bob := st.s.User("bob")
	in, e := st.ask()
	st.callback(e, msg(obj{"content": "c", "flags": 64, "components": list{row(button("a"), with(button("off"), "disabled", true), obj{"type": 2, "style": 5, "label": "site", "url": "https://example.org"}),
		row(with(menu(3), "placeholder", "pick", "max_values", 2)), row(obj{"type": 5, "custom_id": "who"})}}))
	m := must(in.Answer(deadline(t)))(t)
	for _, bad := range []func() error{
		func() error { _, err := bob.Click(m, "a"); return err },
		func() error { _, err := st.alice.Click(m, "nothing"); return err },
		func() error { _, err := st.alice.Click(m, "off"); return err },
		func() error { _, err := st.alice.Click(m, "site"); return err },
		func() error { _, err := st.alice.Select(m, "pick", "v0", "v1", "v2"); return err },
		func() error { _, err := st.alice.Select(m, "pick", "v9"); return err },
		func() error { _, err := st.alice.Reply(m, "hello", true); return err },
	} {
		if err := bad(); err == nil {
			t.Error("a member did what Discord's client does not let them")
		}
	}
	must(st.alice.Select(m, "pick", "l0", "v2"))(t)
	if e := st.next(); !slices.Equal(e.Data.Values, []string{"v0", "v2"}) || e.Data.CustomID != "s" || e.Message.ID != m.ID {
		t.Errorf("select: %+v", e)
	}
	must(st.alice.Select(m, "who", bob.ID))(t)
	if e := st.next(); !slices.Equal(e.Data.Values, []string{bob.ID}) {
		t.Errorf("user select: %+v", e)
	}
	click := must(st.alice.Click(m, "a"))(t)
	e = st.next()
	if e.Type != 3 || e.Message == nil || e.Message.Content != "c" {
		t.Errorf("click: %+v", e)
	}
	st.callback(e, obj{"type": 6})
	if r := must(click.Response(deadline(t)))(t); r.Type != 6 {
		t.Errorf("%+v", r)
	}
	st.hook("PATCH", e, "/messages/@original", obj{"content": "changed", "components": list{}})
	if now, _ := st.s.Message(m.ID); now.Content != "changed" || len(now.Components) != 0 || !now.Edited {
		t.Errorf("%+v", now)
	}
	if _, err := st.alice.Click(m, "a"); err == nil {
		t.Error("clicked a button that is no longer there")
	}
	if err := st.alice.Delete(m); err != nil { // dismiss
		t.Error(err)
	}
}

func TestModalsOfLabels(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	in, e := st.ask()
	st.callback(e, modal(text("Say why."), obj{"type": 18, "label": "Reason", "description": "be kind", "component": input("min_length", 3, "max_length", 5)},
		obj{"type": 18, "label": "Kind", "component": with(menu(3), "required", false)}))
	form := must(in.Form(deadline(t)))(t)
	if len(form.Fields) != 2 || form.Fields[0].Title != "Reason" || form.Fields[0].Help != "be kind" || form.Text[0] != "Say why." {
		t.Fatalf("%+v", form)
	}
	for _, bad := range []discordtest.Values{{}, {"Reason": "x"}, {"Reason": "xxxxxx"}, {"Reason": "good", "Kind": "v9"}, {"Reason": "good", "Other": "x"}} {
		if _, err := st.alice.Submit(form, bad); err == nil {
			t.Errorf("submitted %v", bad)
		}
	}
	if _, err := st.s.User("bob").Submit(form, discordtest.Values{"Reason": "good"}); err == nil {
		t.Error("bob submits alice's form")
	}
	must(st.alice.Submit(form, discordtest.Values{"Reason": "good", "Kind": []string{"l1"}}))(t)
	e = st.next()
	var got []struct {
		Type      int
		Component struct {
			Type     int
			CustomID string `json:"custom_id"`
			Value    string
			Values   []string
		}
	}
	if err := json.Unmarshal(e.Data.Components, &got); err != nil || len(got) != 3 {
		t.Fatalf("%s: %v", e.Data.Components, err)
	}
	if got[0].Type != 10 || got[1].Type != 18 || got[1].Component.Value != "good" || got[2].Component.Values[0] != "v1" {
		t.Errorf("%+v", got)
	}
}

func TestAutocomplete(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	if _, err := st.alice.BeginTyping(st.s.General(), "ask", "other", "x", nil); err == nil {
		t.Error("typed into an option that is not there")
	}
	in := must(st.alice.BeginTyping(st.s.General(), "ask", "q", "wh", nil))(t)
	e := st.next()
	if e.Type != 4 || e.Data.Options[0].Value != "wh" {
		t.Errorf("%+v", e)
	}
	st.callback(e, choices())
	if r := must(in.Response(deadline(t)))(t); len(r.Choices) != 0 {
		t.Errorf("%+v", r)
	}
}

// Who has which command where, and what the event says of it.
func TestContexts(t *testing.T) {
	t.Parallel()
	st := newStage(t,
		slash("name", "here", "contexts", list{0}),
		slash("name", "mine", "integration_types", list{1}, "contexts", list{0, 1, 2}),
		slash("name", "admin", "default_member_permissions", "32"),
		slash("name", "closed", "default_member_permissions", "0"))
	s, alice := st.s, st.alice
	bob := s.User("bob")
	bob.Install()
	elsewhere := s.GuildWithoutBot("Elsewhere")
	elsewhere.Add(bob)
	elsewhere.Add(alice)
	lobby := elsewhere.Channel("lobby")
	mod := s.User("mod")
	s.Home().Add(mod, s.Home().Role("mods", discordtest.ManageGuild))
	for _, tc := range []struct {
		name    string
		who     *discordtest.User
		where   *discordtest.Channel
		command string
		ok      bool
		context int
		owners  string
	}{
		{"in the guild", alice, s.General(), "ask", true, 0, "0"},
		{"in a direct message", alice, alice.DMChannel(), "ask", true, 1, "0"},
		{"guild only, in the guild", alice, s.General(), "here", true, 0, "0"},
		{"guild only, in a direct message", alice, alice.DMChannel(), "here", false, 0, ""},
		{"not installed elsewhere", alice, lobby, "ask", false, 0, ""},
		{"a guild's command elsewhere", bob, lobby, "ask", false, 0, ""},
		{"a user's command elsewhere", bob, lobby, "mine", true, 0, "1"},
		{"a user's command in another's messages", bob, s.PrivateChannel(bob, alice), "mine", true, 2, "1"},
		{"a user's command without installation", alice, s.General(), "mine", false, 0, ""},
		{"for moderators, a member", alice, s.General(), "admin", false, 0, ""},
		{"for moderators, one", mod, s.General(), "admin", true, 0, "0"},
		{"for administrators, a moderator", mod, s.General(), "closed", false, 0, ""},
		{"for administrators, the owner", s.Home().Owner(), s.General(), "closed", true, 0, "0"},
		{"no such command", alice, s.General(), "nothing", false, 0, ""},
	} {
		_, err := tc.who.Slash(tc.where, tc.command, nil)
		if (err == nil) != tc.ok {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if err != nil {
			continue
		}
		e := st.next()
		if e.Context != tc.context || e.Owners[tc.owners] == "" {
			t.Errorf("%s: context %d, owners %v", tc.name, e.Context, e.Owners)
		}
		if (e.GuildID != "") != (tc.context == 0) || (e.Member == nil) != (tc.context != 0) || (e.User == nil) != (tc.context == 0) {
			t.Errorf("%s: guild %q, member %v, user %v", tc.name, e.GuildID, e.Member, e.User)
		}
	}
	s.SetCommandPermission("admin", alice, true) // an administrator overrides the default
	must(alice.Slash(s.General(), "admin", nil))(t)
	st.next()

	// A user's installation elsewhere has five follow-ups.
	must(bob.Slash(lobby, "mine", nil))(t)
	e := st.next()
	st.callback(e, msg(obj{"content": "c"}))
	for i := range 6 {
		status, v := st.hook("POST", e, "", obj{"content": "more"})
		if i < 5 {
			st.want("follow-up", status, v, 200, 0)
		} else {
			st.want("the sixth", status, v, 400, 40094)
		}
	}

	// Where the member may not use such apps for all to see, what they answer is private.
	quiet := elsewhere.Channel("quiet")
	quiet.Deny(bob, discordtest.UseExternalApps)
	must(bob.Slash(quiet, "mine", nil))(t)
	e = st.next()
	st.callback(e, msg(obj{"content": "c"}))
	st.hook("POST", e, "", obj{"content": "more"})
	if ms := quiet.Messages(); len(ms) != 2 || ms[0].VisibleTo != bob || ms[1].VisibleTo != bob {
		t.Errorf("in a channel that denies external apps: %+v", ms)
	}
}

func TestCommandRegistry(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	s := st.s
	base := "/applications/" + s.BotUser().ID + "/commands"
	_, v := call(t, s, "GET", base, nil)
	if l, _ := v.([]any); len(l) != 2 || get(v, 0, "name") != "ask" || get(v, 0, "version") == nil {
		t.Fatalf("%v", v)
	}
	id := get(v, 0, "id").(string)
	status, v := call(t, s, "POST", base, slash("description", "new", "name_localizations", obj{"de": "frage"}))
	if status != 200 || get(v, "id") != id || get(v, "description") != "new" {
		t.Errorf("an upsert of the same name: %d %v", status, v)
	}
	if _, v = call(t, s, "GET", base, nil); get(v, 0, "name_localizations") != nil {
		t.Error("localisations without with_localizations")
	}
	if _, v = call(t, s, "GET", base+"?with_localizations=true", nil); get(v, 0, "name_localizations", "de") != "frage" {
		t.Errorf("%v", v)
	}
	if status, _ = call(t, s, "POST", base, slash("name", "other")); status != 201 {
		t.Errorf("a new one: %d", status)
	}
	if status, v = call(t, s, "PATCH", base+"/"+id, obj{"description": "newer"}); status != 200 || get(v, "description") != "newer" || get(v, "name") != "ask" {
		t.Errorf("%d %v", status, v)
	}
	if status, _ = call(t, s, "DELETE", base+"/"+id, nil); status != 204 {
		t.Errorf("%d", status)
	}
	if status, v = call(t, s, "GET", base+"/"+id, nil); status != 404 || get(v, "code") != 10063.0 {
		t.Errorf("%d %v", status, v)
	}
	if status, v = call(t, s, "PUT", base, commands(slash("name", "only"))); status != 200 || len(s.Commands()) != 1 {
		t.Errorf("%d %v", status, v)
	}
	// A guild's own command hides the global one.
	call(t, s, "PUT", "/applications/"+s.BotUser().ID+"/guilds/"+s.Home().ID+"/commands", commands(slash("name", "only", "description", "of the guild")))
	must(st.alice.Slash(s.General(), "only", nil))(t)
	st.next()
	// 200 creations a day.
	n := 0
	for i := 0; ; i++ {
		status, v = call(t, s, "PUT", base, commands(slash("name", "n"+strings.Repeat("x", i%20)+string(rune('a'+i/20)))))
		if status != 200 {
			break
		}
		n++
	}
	if get(v, "code") != 30034.0 || n > 200 {
		t.Errorf("after %d more: %v", n, v)
	}
}
