package discordtest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"footnote/bot/discordtest"
)

// The places a body goes to.
type place string

const (
	respond  place = "callback of a slash command"
	suggest  place = "callback of autocomplete"
	followup place = "follow-up"
	original place = "edit of @original"
	post     place = "message"
	patch    place = "edit of a message"
	register place = "PUT commands"
	upsert   place = "POST command"
)

func x(n int) string { return strings.Repeat("x", n) }

func times(n int, f func(i int) any) list {
	out := list{}
	for i := range n {
		out = append(out, f(i))
	}
	return out
}

func msg(d obj) obj           { return obj{"type": 4, "data": d} }
func row(cs ...any) obj       { return obj{"type": 1, "components": append(list{}, cs...)} }
func button(id string) obj    { return obj{"type": 2, "style": 2, "label": "b", "custom_id": id} }
func rows(cs ...any) obj      { return msg(obj{"content": "c", "components": append(list{}, cs...)}) }
func text(s string) obj       { return obj{"type": 10, "content": s} }
func v2(cs ...any) obj        { return msg(obj{"flags": 1 << 15, "components": append(list{}, cs...)}) }
func choices(cs ...any) obj   { return obj{"type": 8, "data": obj{"choices": append(list{}, cs...)}} }
func choice(n, v string) obj  { return obj{"name": n, "value": v} }
func commands(cs ...any) list { return append(list{}, cs...) }
func opt(name string, more ...any) obj {
	return with(obj{"type": 3, "name": name, "description": "d"}, more...)
}
func slash(more ...any) obj { return with(obj{"type": 1, "name": "ask", "description": "d"}, more...) }
func menu(n int) obj {
	return obj{"type": 3, "custom_id": "s", "options": times(n, func(i int) any { return obj{"label": fmt.Sprint("l", i), "value": fmt.Sprint("v", i)} })}
}
func input(more ...any) obj { return with(obj{"type": 4, "custom_id": "q", "style": 1}, more...) }
func modal(cs ...any) obj {
	return obj{"type": 9, "data": obj{"custom_id": "m", "title": "t", "components": append(list{}, cs...)}}
}
func label(c obj) obj { return obj{"type": 18, "label": "l", "component": c} }

// with sets keys of an object, given in pairs.
func with(o obj, more ...any) obj {
	for i := 0; i+1 < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

// bodies is what the server must take and must refuse. rule is "" for a good body and "spec" where only the description refuses it.
var bodies = []struct {
	name string
	to   place
	body any
	rule string
	at   string // where in errors the problem must be found
}{
	{"plain answer", respond, msg(obj{"content": "hi", "flags": 64, "allowed_mentions": obj{"parse": list{}}}), "", ""},
	{"content 2000", respond, msg(obj{"content": x(2000)}), "", ""},
	{"content 2000 of runes", respond, msg(obj{"content": strings.Repeat("é", 2000)}), "", ""},
	{"content 2001", respond, msg(obj{"content": x(2001)}), "content-length", "data.content"},
	{"content 2001 in a message, which the description allows", post, obj{"content": x(2001)}, "content-length", "content"},
	{"content 2001 in an edit", patch, obj{"content": x(2001)}, "content-length", "content"},
	{"content 2001 in a follow-up", followup, obj{"content": x(2001)}, "content-length", "content"},
	{"content 2001 in @original", original, obj{"content": x(2001)}, "content-length", "content"},
	{"nulls as discordgo sends them", respond, msg(obj{"content": "c", "components": nil, "embeds": nil, "tts": false}), "", ""},

	{"empty message", post, obj{}, "message-empty", ""},
	{"empty answer", respond, msg(obj{}), "message-empty", "data"},
	{"only spaces", respond, msg(obj{"content": "  "}), "message-empty", "data"},
	{"empty follow-up", followup, obj{"content": ""}, "message-empty", ""},
	{"an edit need not say everything", patch, obj{"allowed_mentions": obj{"parse": list{}}}, "", ""},

	{"10 embeds", respond, msg(obj{"embeds": times(10, func(int) any { return obj{"title": "t"} })}), "", ""},
	{"11 embeds", respond, msg(obj{"embeds": times(11, func(int) any { return obj{"title": "t"} })}), "embeds-number", "data.embeds"},
	{"embeds of 6000", respond, msg(obj{"embeds": list{obj{"description": x(3000)}, obj{"description": x(2000), "footer": obj{"text": x(1000)}}}}), "", ""},
	{"embeds of 6001 over two", respond, msg(obj{"embeds": list{obj{"description": x(3001)}, obj{"description": x(3000)}}}), "embeds-total", "data.embeds"},
	{"embeds of 6001 in fields", post, obj{"embeds": list{obj{"description": x(4096)}, obj{"fields": list{obj{"name": x(256), "value": x(1024)}, obj{"name": x(1), "value": x(624)}}}}}, "embeds-total", "embeds"},
	{"embed title 257", respond, msg(obj{"embeds": list{obj{"title": x(257)}}}), "spec", "data.embeds.0.title"},
	{"embed url that is none", respond, msg(obj{"embeds": list{obj{"url": "not a url"}}}), "spec", ""},

	{"nobody pinged", post, obj{"content": "c", "allowed_mentions": obj{"parse": list{}, "replied_user": false}}, "", ""},
	{"parse users and a list of users", respond, msg(obj{"content": "c", "allowed_mentions": obj{"parse": list{"users"}, "users": list{"1"}}}), "mentions-parse-and-list", "data.allowed_mentions"},
	{"parse roles and a list of users", post, obj{"content": "c", "allowed_mentions": obj{"parse": list{"roles"}, "users": list{"1"}}}, "", ""},
	{"parse of an unknown word", post, obj{"content": "c", "allowed_mentions": obj{"parse": list{"all"}}}, "spec", ""},
	{"nonce 26", post, obj{"content": "c", "nonce": x(26)}, "spec", "nonce"},

	{"embeds of strings", post, obj{"content": "c", "embeds": list{"e"}}, "list-of-objects", "embeds.0"},
	{"attachments of numbers", post, obj{"content": "c", "attachments": list{1}}, "list-of-objects", "attachments.0"},
	{"components of nulls", respond, rows(nil), "list-of-objects", "data.components.0"},
	{"choices of strings", suggest, choices("a"), "list-of-objects", "data.choices.0"},

	{"5 rows", respond, rows(times(5, func(i int) any { return row(button(fmt.Sprint(i))) })...), "", ""},
	{"6 rows", respond, rows(times(6, func(i int) any { return row(button(fmt.Sprint(i))) })...), "rows", "data.components"},
	{"5 buttons in a row", post, obj{"content": "c", "components": list{row(times(5, func(i int) any { return button(fmt.Sprint(i)) })...)}}, "", ""},
	{"6 buttons in a row", respond, rows(row(times(6, func(i int) any { return button(fmt.Sprint(i)) })...)), "row-buttons", "data.components.0.components"},
	{"a row with nothing", respond, rows(row()), "row-buttons", "data.components.0.components"},
	{"button and select in a row", respond, rows(row(button("a"), menu(2))), "row-mixed", "data.components.0.components"},
	{"two selects in a row", respond, rows(row(menu(2), with(menu(2), "custom_id", "z"))), "row-mixed", "data.components.0.components"},
	{"button outside a row", respond, rows(button("a")), "spec", ""},
	{"label 81", respond, rows(row(with(button("a"), "label", x(81)))), "button-label", "data.components.0.components.0.label"},
	{"custom id 100", respond, rows(row(button(x(100)))), "", ""},
	{"custom id 101", respond, rows(row(button(x(101)))), "custom-id-length", "data.components.0.components.0.custom_id"},
	{"custom id twice in a row", respond, rows(row(button("a"), button("a"))), "custom-id-twice", "data.components.0.components.1.custom_id"},
	{"custom id twice in two rows", patch, obj{"components": list{row(button("a")), row(button("a"))}}, "custom-id-twice", "components.1.components.0.custom_id"},
	{"link button", respond, rows(row(obj{"type": 2, "style": 5, "label": "b", "url": "https://example.org/"})), "", ""},
	{"link button without url", respond, rows(row(obj{"type": 2, "style": 5, "label": "b"})), "button-link-url", "data.components.0.components.0.url"},
	{"link button with a url of 513", respond, rows(row(obj{"type": 2, "style": 5, "label": "b", "url": "https://example.org/" + x(493)})), "button-link-url", "data.components.0.components.0.url"},
	{"link button with a custom id", respond, rows(row(obj{"type": 2, "style": 5, "label": "b", "url": "https://example.org/", "custom_id": "a"})), "button-link-url", "data.components.0.components.0.custom_id"},
	{"button without custom id", respond, rows(row(obj{"type": 2, "style": 1, "label": "b"})), "button-custom-id", "data.components.0.components.0.custom_id"},
	{"select of 25", respond, rows(row(menu(25))), "", ""},
	{"select of 26", respond, rows(row(menu(26))), "select-options", "data.components.0.components.0.options"},
	{"select of 0", respond, rows(row(menu(0))), "select-options", "data.components.0.components.0.options"},
	{"select min over max", respond, rows(row(with(menu(5), "min_values", 3, "max_values", 2))), "select-min-max", "data.components.0.components.0.min_values"},
	{"select min over the default max", respond, rows(row(with(menu(5), "min_values", 2))), "select-min-max", "data.components.0.components.0.min_values"},
	{"select min 0", respond, rows(row(with(menu(5), "min_values", 0))), "", ""},
	{"text input in a message", respond, rows(row(input("label", "l"))), "spec", ""},

	{"v2", respond, v2(obj{"type": 17, "components": list{text("t"), obj{"type": 14}}}), "", ""},
	{"v2 with content", respond, msg(obj{"flags": 1 << 15, "content": "c", "components": list{text("t")}}), "v2-alone", "data.content"},
	{"v2 with embeds", post, obj{"flags": 1 << 15, "embeds": list{obj{"title": "t"}}, "components": list{text("t")}}, "v2-alone", "embeds"},
	{"v2 component without the flag", respond, msg(obj{"components": list{text("t")}}), "v2-flag-missing", "data.components.0.type"},
	{"v2 component without the flag in @original", original, obj{"components": list{text("t")}}, "v2-flag-missing", "components"},
	{"40 components", respond, v2(times(2, func(int) any {
		return obj{"type": 17, "components": times(19, func(int) any { return text("t") })}
	})...), "", ""},
	{"41 components nested", respond, v2(append(times(2, func(int) any {
		return obj{"type": 17, "components": times(19, func(int) any { return text("t") })}
	}), text("t"))...), "components-number", "data.components"},
	{"v2 text of 4000", respond, v2(text(x(2000)), text(x(2000))), "", ""},
	{"v2 text of 4001", respond, v2(text(x(2001)), text(x(2000))), "v2-text-total", "data.components"},

	{"modal of rows", respond, modal(row(input("label", "l"))), "", ""},
	{"modal of labels", respond, modal(label(input()), label(menu(2)), text("t")), "", ""},
	{"modal of 6", respond, modal(times(6, func(i int) any { return label(input("custom_id", fmt.Sprint(i))) })...), "modal-components", "data.components"},
	{"modal of none", respond, modal(), "modal-components", "data.components"},
	{"modal title 46", respond, obj{"type": 9, "data": obj{"custom_id": "m", "title": x(46), "components": list{label(input())}}}, "modal-title", "data.title"},
	{"modal without title", respond, obj{"type": 9, "data": obj{"custom_id": "m", "components": list{label(input())}}}, "modal-title", "data.title"},
	{"modal without custom id", respond, obj{"type": 9, "data": obj{"title": "m", "components": list{label(input())}}}, "modal-title", "data.custom_id"},
	{"classic input without label", respond, modal(row(input())), "modal-input-label", "data.components.0.components.0.label"},
	{"modal with the same field twice", respond, modal(label(input()), label(input())), "custom-id-twice", "data.components.1.component.custom_id"},
	{"modal with a button", respond, modal(row(button("a"))), "spec", ""},
	{"unknown type of response", respond, obj{"type": 99}, "spec", "type"},

	{"25 choices", suggest, choices(times(25, func(i int) any { return choice(fmt.Sprint(i), x(100)) })...), "", ""},
	{"no choice", suggest, choices(), "", ""},
	{"26 choices", suggest, choices(times(26, func(i int) any { return choice(fmt.Sprint(i), "v") })...), "choices-number", "data.choices"},
	{"choices missing", suggest, obj{"type": 8, "data": obj{}}, "choices-missing", "data.choices"},
	{"choices null", suggest, obj{"type": 8, "data": obj{"choices": nil}}, "choices-missing", "data.choices"},
	{"choice name 101", suggest, choices(choice(x(101), "v")), "choice-name", "data.choices.0.name"},
	{"choice name empty", suggest, choices(choice("", "v")), "choice-name", "data.choices.0.name"},
	{"choice value 101", suggest, choices(choice("n", "v"), choice("n", x(101))), "choice-value", "data.choices.1.value"},

	{"commands", register, commands(slash("options", list{opt("q", "required", true, "autocomplete", true), opt("private")}, "contexts", list{0, 1}, "integration_types", list{0, 1},
		"name_localizations", obj{"de": "frage", "es-ES": "preguntar", "ja": "質問"}, "default_member_permissions", "32"), obj{"type": 3, "name": "Ask the facts"}), "", ""},
	{"permissions as a number", upsert, slash("default_member_permissions", 32), "", ""},
	{"name in upper case", register, commands(slash("name", "Ask")), "command-name", "0.name"},
	{"name with a space", upsert, slash("name", "ask it"), "command-name", "name"},
	{"name of 33", register, commands(slash("name", x(33))), "command-name", "0.name"},
	{"localised name in upper case", register, commands(slash("name_localizations", obj{"de": "Frage"})), "command-name", "0.name_localizations.de"},
	{"option's name with a space", register, commands(slash("options", list{opt("a b")})), "command-name", "0.options.0.name"},
	{"menu command of 33", register, commands(obj{"type": 3, "name": x(33)}), "command-name", "0.name"},
	{"slash command without description", register, commands(obj{"name": "ask"}), "command-description", "0.description"},
	{"menu command with description", register, commands(obj{"type": 3, "name": "Cite", "description": "d"}), "menu-description", "0.description"},
	{"menu command with options", register, commands(obj{"type": 2, "name": "Cite", "options": list{opt("q")}}), "menu-options", "0.options"},
	{"required after optional", register, commands(slash("options", list{opt("a"), opt("b", "required", true)})), "option-required-order", "0.options.1"},
	{"required after optional in a subcommand", register, commands(slash("options", list{obj{"type": 1, "name": "add", "description": "d", "options": list{opt("a"), opt("b", "required", true)}}})),
		"option-required-order", "0.options.0.options.1"},
	{"autocomplete with choices", register, commands(slash("options", list{opt("a", "autocomplete", true, "choices", list{choice("n", "v")})})), "option-autocomplete-choices", "0.options.0"},
	{"option twice", register, commands(slash("options", list{opt("a"), opt("a")})), "option-name-twice", "0.options.1.name"},
	{"command twice", register, commands(slash(), slash()), "command-name-twice", "1.name"},
	{"the same name as slash and menu command", register, commands(slash(), obj{"type": 3, "name": "ask"}), "", ""},
	{"100 slash commands", register, times(100, func(i int) any { return slash("name", fmt.Sprint("c", i)) }), "", ""},
	{"101 slash commands", register, times(101, func(i int) any { return slash("name", fmt.Sprint("c", i)) }), "commands-number", ""},
	{"16 message commands", register, times(16, func(i int) any { return obj{"type": 3, "name": fmt.Sprint("c", i)} }), "commands-number", ""},
	{"command of more than 8000", register, commands(slash("options", times(4, func(i int) any {
		return opt(fmt.Sprint("o", i), "choices", times(25, func(j int) any { return choice(fmt.Sprint(j), x(90)) }))
	}))), "command-size", "0"},
	{"unknown locale", register, commands(slash("name_localizations", obj{"xx": "v"})), "locale", "0.name_localizations.xx"},
	{"unknown locale of an option", register, commands(slash("options", list{opt("a", "description_localizations", obj{"en": "v"})})), "locale", "0.options.0.description_localizations.en"},
	{"contexts of 9", register, commands(slash("contexts", list{9})), "spec", ""},
}

func TestBodies(t *testing.T) {
	t.Parallel()
	spec := discordtest.FindSpec(t)
	seen := map[string]bool{}
	for _, with := range []struct {
		name string
		spec *discordtest.Spec
	}{{"rules alone", nil}, {"with the description", spec}} {
		if with.name != "rules alone" && spec == nil {
			continue
		}
		t.Run(with.name, func(t *testing.T) {
			s := discordtest.New(t, discordtest.Options{Spec: with.spec, RulesAlone: with.spec == nil})
			c := connect(t, s, 1)
			for _, b := range bodies {
				seen[b.rule] = true
				if b.rule == "spec" && with.spec == nil {
					continue
				}
				t.Run(b.name, func(t *testing.T) {
					s.ClearRefusals()
					status, answer := deliver(t, s, c, b.to, b.body)
					if b.rule == "" {
						if status/100 != 2 {
							t.Fatalf("refused: %d %v", status, answer)
						}
						return
					}
					if status != 400 {
						t.Fatalf("answered %d %v; want 400", status, answer)
					}
					code := get(answer, "code").(float64)
					switch {
					case b.rule == "message-empty" && code == 50006, b.rule == "commands-number" && code == 30032:
					case code != 50035:
						t.Errorf("code %v", code)
					}
					at := get(answer, "errors")
					if b.at != "" {
						for _, k := range strings.Split(b.at, ".") {
							at = get(at, k)
						}
						if get(at, "_errors", 0, "message") == nil {
							j, _ := json.Marshal(answer)
							t.Errorf("no error at %s in %s", b.at, j)
						}
					}
					rs := s.Refusals()
					if len(rs) != 1 {
						t.Fatalf("%d refusals kept", len(rs))
					}
					if b.rule != "spec" && with.spec == nil {
						if len(rs[0].Problems) != 1 || rs[0].Problems[0].Rule != b.rule || rs[0].Problems[0].Source == "" {
							t.Errorf("refused by %v; want just the rule %s", rs[0].Problems, b.rule)
						}
					}
				})
			}
		})
	}
	for _, r := range discordtest.Rules() {
		if !seen[r.Name] {
			t.Errorf("rule %s has no case", r.Name)
		}
	}
}

// deliver sends a body where it belongs, after making the interaction or message it needs.
func deliver(t *testing.T, s *discordtest.Server, c *client, to place, body any) (int, any) {
	t.Helper()
	app := s.BotUser().ID
	switch to {
	case register:
		return call(t, s, "PUT", "/applications/"+app+"/commands", body)
	case upsert:
		return call(t, s, "POST", "/applications/"+app+"/guilds/"+s.Home().ID+"/commands", body)
	case post:
		return call(t, s, "POST", "/channels/"+s.General().ID+"/messages", body)
	case patch:
		_, m := call(t, s, "POST", "/channels/"+s.General().ID+"/messages", obj{"content": "before"})
		return call(t, s, "PATCH", "/channels/"+s.General().ID+"/messages/"+get(m, "id").(string), body)
	}
	if status, v := call(t, s, "PUT", "/applications/"+app+"/commands", commands(slash("options", list{opt("q", "autocomplete", true)}))); status != 200 {
		t.Fatalf("%d %v", status, v)
	}
	id, token := interact(t, s, c, to == suggest)
	callback := "/interactions/" + id + "/" + token + "/callback"
	if to == respond || to == suggest {
		return call(t, s, "POST", callback, body)
	}
	if status, v := call(t, s, "POST", callback, obj{"type": 4, "data": obj{"content": "before"}}); status != 204 {
		t.Fatalf("%d %v", status, v)
	}
	if to == followup {
		return call(t, s, "POST", "/webhooks/"+app+"/"+token, body)
	}
	return call(t, s, "PATCH", "/webhooks/"+app+"/"+token+"/messages/@original", body)
}

// interact lets a member use the command "ask" and returns the interaction's id and token.
func interact(t *testing.T, s *discordtest.Server, c *client, typing bool) (id, token string) {
	t.Helper()
	alice := s.User("alice")
	if typing {
		must(alice.BeginTyping(s.General(), "ask", "q", "x", nil))(t)
	} else {
		must(alice.Slash(s.General(), "ask", discordtest.Args{"q": "x"}))(t)
	}
	var in struct{ ID, Token string }
	if err := json.Unmarshal(c.event("INTERACTION_CREATE"), &in); err != nil {
		t.Fatal(err)
	}
	return in.ID, in.Token
}
