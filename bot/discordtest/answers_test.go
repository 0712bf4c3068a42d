package discordtest_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"footnote/bot/discordtest"
)

// The server's own answers and events must be what Discord's description says, or a bot would be tested against something that is not Discord.
func TestAnswersMatchTheDescription(t *testing.T) {
	t.Parallel()
	spec := discordtest.FindSpec(t)
	if spec == nil {
		t.Skip("no OpenAPI description")
	}
	st := newStage(t)
	s := st.s
	seen := map[string]bool{}
	ask := func(method, path string, body any) any {
		t.Helper()
		status, v := call(t, s, method, path, body)
		if status/100 != 2 {
			t.Errorf("%s %s: %d %v", method, path, status, v)
			return v
		}
		bare, _, _ := strings.Cut(path, "?")
		route, problems := spec.CheckAnswer(method, bare, status, v)
		seen[method+" "+route] = true
		for _, p := range problems {
			t.Errorf("%s %s: %s", method, path, p)
		}
		return v
	}
	app, g, ch := s.BotUser().ID, s.Home(), "/channels/"+s.General().ID
	s.General().Deny(s.User("bob"), discordtest.SendMessages)
	g.Role("mods", discordtest.ManageGuild)
	for _, path := range []string{"/gateway", "/gateway/bot", "/users/@me", "/users/@me/guilds", "/users/" + st.alice.ID, "/applications/@me", "/oauth2/applications/@me", "/oauth2/@me",
		"/guilds/" + g.ID, "/guilds/" + g.ID + "/channels", "/guilds/" + g.ID + "/roles", "/guilds/" + g.ID + "/members/" + st.alice.ID, ch} {
		ask("GET", path, nil)
	}
	ask("POST", "/users/@me/channels", obj{"recipient_id": st.alice.ID})
	ask("POST", ch+"/typing", nil)
	said := must(st.alice.Say(s.General(), "hello", discordtest.Upload{Name: "a.txt", Data: []byte("x")}))(t)
	made := ask("POST", ch+"/messages", obj{"content": "c " + st.alice.Mention(), "message_reference": obj{"message_id": said.ID}, "nonce": "1", "embeds": list{obj{"title": "t"}},
		"components": list{row(button("a")), row(menu(2))}})
	id := get(made, "id").(string)
	ask("GET", ch+"/messages/"+id, nil)
	ask("GET", ch+"/messages", nil)
	ask("PATCH", ch+"/messages/"+id, obj{"content": "d"})
	ask("PUT", ch+"/messages/"+id+"/reactions/"+url.PathEscape("👍")+"/@me", nil)
	ask("GET", ch+"/messages/"+id, nil)
	ask("DELETE", ch+"/messages/"+id+"/reactions/"+url.PathEscape("👍")+"/@me", nil)
	ask("POST", ch+"/messages/"+id+"/threads", obj{"name": "thread"})
	ask("DELETE", ch+"/messages/"+id, nil)
	for _, base := range []string{"/applications/" + app + "/commands", "/applications/" + app + "/guilds/" + g.ID + "/commands"} {
		ask("PUT", base, commands(slash("options", list{opt("q", "autocomplete", true)}, "contexts", list{0, 1}, "default_member_permissions", "32"), obj{"type": 3, "name": "Cite"}))
		ask("GET", base+"?with_localizations=true", nil)
		cmd := ask("POST", base, slash("name", "more"))
		ask("POST", base, slash("name", "more", "description", "again"))
		ask("GET", base+"/"+get(cmd, "id").(string), nil)
		ask("PATCH", base+"/"+get(cmd, "id").(string), obj{"description": "e"})
		ask("DELETE", base+"/"+get(cmd, "id").(string), nil)
		ask("PUT", base, commands(slash()))
	}
	for _, kind := range []int{4, 5} {
		must(st.alice.Slash(s.General(), "ask", nil))(t)
		e := st.next()
		hook := "/webhooks/" + app + "/" + e.Token
		ask("POST", "/interactions/"+e.ID+"/"+e.Token+"/callback?with_response=true", obj{"type": kind, "data": obj{"content": "c", "components": list{row(button("a"))}}})
		ask("GET", hook+"/messages/@original", nil)
		ask("PATCH", hook+"/messages/@original", obj{"content": "d"})
		f := get(ask("POST", hook, obj{"content": "f"}), "id").(string)
		ask("GET", hook+"/messages/"+f, nil)
		ask("PATCH", hook+"/messages/"+f, obj{"content": "d"})
		ask("DELETE", hook+"/messages/"+f, nil)
		ask("DELETE", hook+"/messages/@original", nil)
	}
	for _, r := range discordtest.RoutePaths() {
		if !seen[r] {
			t.Errorf("%s was not asked", r)
		}
	}

	// Events carry the same objects.
	check := func(name string, v any) {
		t.Helper()
		for _, p := range spec.CheckSchema(name, v) {
			t.Errorf("%s: %s", name, p)
		}
	}
	must(st.alice.Say(s.General(), "hi "+st.alice.Mention()))(t)
	var m any
	json.Unmarshal(st.c.event("MESSAGE_CREATE"), &m)
	check("MessageResponse", m)
	noRefusals(t, s)

	// GUILD_CREATE's parts are a guild, its channels and members.
	c := dial(t, s, s.GatewayURL())
	c.op(10)
	c.send(2, identity(s, guilds))
	var gc map[string]any
	json.Unmarshal(c.event("GUILD_CREATE"), &gc)
	check("GuildResponse", gc)
	for _, ch := range gc["channels"].([]any) {
		check("GuildChannelResponse", ch)
	}
	for _, ch := range gc["threads"].([]any) {
		check("ThreadResponse", ch)
	}
	for _, mem := range gc["members"].([]any) {
		check("GuildMemberResponse", mem)
	}
	if !slices.Contains([]any{g.ID}, gc["id"]) {
		t.Error("another guild")
	}
}
