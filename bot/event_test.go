package bot

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/bwmarrin/discordgo"
)

// TestDecodeInteraction reads interactions that hold what discordgo does not know, or what nobody expects.
func TestDecodeInteraction(t *testing.T) {
	form := `{"id":"88","application_id":"1","type":5,"token":"tok","channel_id":"10","user":{"id":"5"},"data":{"custom_id":"down:x","components":[
		{"type":10,"id":1,"content":"why?"},
		{"type":18,"id":2,"component":{"type":4,"id":3,"custom_id":"t","value":"hi"}},
		{"type":18,"id":4,"component":{"type":3,"id":5,"custom_id":"sel","values":["a","b"]}},
		{"type":18,"id":6,"component":{"type":19,"id":7,"custom_id":"f","values":["123"]}},
		{"type":18,"id":8,"component":{"type":21,"id":9,"custom_id":"radio","value":"r"}},
		{"type":18,"component":{"type":23,"custom_id":"box","value":true}},
		{"type":99,"custom_id":{"no":"string"},"components":5},
		{"type":1,"components":[{"type":4,"custom_id":"classic","value":"old"}]}],
		"resolved":{"attachments":{"123":{"id":"123","filename":"a.yaml","size":5,"url":"http://x"}}}}}`
	i, err := decodeInteraction([]byte(form))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"t": {"hi"}, "sel": {"a", "b"}, "f": {"123"}, "radio": {"r"}, "box": {"true"}, "classic": {"old"}}
	if !reflect.DeepEqual(i.Fields, want) {
		t.Errorf("fields %v, want %v", i.Fields, want)
	}
	if i.Form("t") != "hi" || i.Form("none") != "" || i.Attachments["123"].Filename != "a.yaml" || i.CustomID != "down:x" || i.Context != int(discordgo.InteractionContextBotDM) {
		t.Errorf("%+v", i)
	}

	command := `{"id":"88","application_id":"1","type":2,"token":"tok","channel":{"id":"10"},"guild_id":"20","context":0,"locale":"de","app_permissions":"2048",
		"member":{"user":{"id":"5","username":"ann"},"permissions":"8","roles":["30"],"nick":null},"authorizing_integration_owners":{"0":"20"},
		"data":{"id":"3","name":"facts","type":1,"options":[{"type":2,"name":"group","options":[{"type":1,"name":"add","options":[
			{"type":3,"name":"text","value":"x \"y\""},{"type":4,"name":"n","value":5,"focused":true},{"type":5,"name":"private","value":true},{"type":77,"name":"new","value":{"a":1}}]}]}]}}`
	if i, err = decodeInteraction([]byte(command)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(i.Sub, []string{"group", "add"}) || !reflect.DeepEqual(i.Options, map[string]string{"text": `x "y"`, "n": "5", "private": "true", "new": `{"a":1}`}) {
		t.Errorf("sub %v, options %v", i.Sub, i.Options)
	}
	if i.User.Username != "ann" || i.ChannelID != "10" || !i.Member.Permissions.Has(discordgo.PermissionAdministrator) || i.AppPermissions != 2048 || i.Focused != "n" || i.Locale != "de" {
		t.Errorf("%+v", i)
	}

	target := `{"id":"88","type":2,"token":"tok","channel_id":"10","data":{"name":"Ask the facts","type":3,"target_id":"7","resolved":{"messages":{"7":
		{"id":"7","channel_id":"10","content":"where?","author":{"id":"6"},"components":[{"type":17,"components":[{"type":99}]}],"flags":"0","poll":{"odd":[]}}}}}}`
	if i, err = decodeInteraction([]byte(target)); err != nil || i.Target == nil || i.Target.Content != "where?" {
		t.Errorf("%+v, %v", i, err)
	}

	for _, bad := range []string{``, `null`, `5`, `"x"`, `[]`, `{}`, `{"id":"1"}`, `{"id":"1","type":2}`, `{"id":1,"type":2,"token":"x"}`, `{"id":"1","type":2,"token":"x"`} {
		if _, err := decodeInteraction([]byte(bad)); err == nil {
			t.Errorf("%s was taken for an interaction", bad)
		}
	}
}

// TestDecodeMessage reads messages the same way.
func TestDecodeMessage(t *testing.T) {
	m, err := decodeMessage([]byte(`{"id":"7","channel_id":"10","guild_id":"20","type":19,"content":"and when?","author":{"id":"5","username":"ann","bot":false},
		"mentions":[{"id":"1"},5],"message_reference":{"message_id":"6","channel_id":"10"},"flags":64,
		"referenced_message":{"id":"6","channel_id":"10","content":"x","author":{"id":"1","bot":true},"components":[{"type":1,"components":[{"type":2,"custom_id":"a:1"},{"type":2,"custom_id":"b:2"}]},
		{"type":17,"components":[{"type":9,"accessory":{"type":2,"custom_id":"c:3"}},{"type":42}]}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if !m.Mentioned("1") || m.Mentioned("5") || m.FromMachine() || !m.Ephemeral() || m.Reference.MessageID != "6" || !m.Referenced.FromMachine() {
		t.Errorf("%+v", m)
	}
	if ids := m.Referenced.CustomIDs(); !reflect.DeepEqual(ids, []string{"a:1", "b:2", "c:3"}) {
		t.Errorf("custom ids %v", ids)
	}
	if m, err := decodeMessage([]byte(`{"id":"7","channel_id":"10","author":null,"referenced_message":null}`)); err != nil || !m.FromMachine() {
		t.Errorf("a message without an author: %+v, %v", m, err)
	}
	for _, bad := range []string{``, `null`, `[]`, `{}`, `{"id":"7"}`, `{"id":7,"channel_id":"1"}`} {
		if _, err := decodeMessage([]byte(bad)); err == nil {
			t.Errorf("%s was taken for a message", bad)
		}
	}
}

// FuzzEvents reads whatever comes as every kind of event. Nothing may panic, and what is read holds what is relied upon.
func FuzzEvents(f *testing.F) {
	for _, e := range []any{aMessage("1", "q"), aCommand("1", "ask", "q"), aButton("1", "go:1"), map[string]any{"id": "20", "roles": []any{map[string]any{"id": "20", "permissions": "8"}},
		"members": []any{map[string]any{"user": map[string]any{"id": "1"}}}, "channels": []any{map[string]any{"id": "1", "last_message_id": "5"}}}} {
		data, err := json.Marshal(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"id":"1","type":5,"token":"t","data":{"components":[[[[{"component":{"accessory":{"custom_id":"a","value":1}}}]]]]}}`))
	b, err := New(nil, testToken, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := decodeMessage(data); err == nil {
			if m.ID == "" || m.ChannelID == "" {
				t.Errorf("%+v", m)
			}
			m.CustomIDs()
			m.Mentioned("1")
		}
		if i, err := decodeInteraction(data); err == nil {
			if i.ID == "" || i.Token == "" || i.Options == nil || i.Fields == nil {
				t.Errorf("%+v", i)
			}
		}
		b.checkGuild(data)
		channelsOf(data)
		b.identify(data)
	})
}
