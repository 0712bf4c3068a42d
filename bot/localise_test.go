package bot

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"
)

var verbs = regexp.MustCompile(`%[a-z]`)

// TestPhrases holds that each language has every phrase, with the same places to fill in, within Discord's limits.
func TestPhrases(t *testing.T) {
	limits := map[string]int{
		"InContext": 80, "Why": 80, "FollowUp": 80, "Share": 80, "None": 80, "Back": 70, "More": 70, "AllTopics": 80,
		"DownTitle": 45, "DownReason": 45, "DownNote": 45, "Reasons": 100, "FollowTitle": 45, "FollowLabel": 45, "FollowHint": 100,
		"TopicsPick": 150, "FactPick": 150, "FactCount": 90, "Help": 1800, "TellMe": 80, "PrivacyDelete": 80, "PrivacyYes": 80, "Privacy": 1500,
	}
	english := reflect.ValueOf(*languages["en"])
	for language, p := range languages {
		v := reflect.ValueOf(*p)
		for n := range v.NumField() {
			name := v.Type().Field(n).Name
			texts, of := []string{}, []string{}
			if v.Field(n).Kind() == reflect.Array {
				for k := range v.Field(n).Len() {
					texts, of = append(texts, v.Field(n).Index(k).String()), append(of, english.Field(n).Index(k).String())
				}
			} else {
				texts, of = []string{v.Field(n).String()}, []string{english.Field(n).String()}
			}
			for k, text := range texts {
				limit := limits[name]
				if limit == 0 {
					limit = 400
				}
				if text == "" || units(text) > limit {
					t.Errorf("%s %s is %d characters, want 1 to %d: %q", language, name, units(text), limit, text)
				}
				if a, b := verbs.FindAllString(text, -1), verbs.FindAllString(of[k], -1); strings.Join(a, "") != strings.Join(b, "") {
					t.Errorf("%s %s takes %v, English takes %v", language, name, a, b)
				}
				if language != "en" && text == of[k] && name != "TopicTitle" {
					t.Errorf("%s %s is the English one", language, name)
				}
			}
		}
	}
}

func TestSpeak(t *testing.T) {
	for locale, want := range map[string]string{"de": "de", "fr": "fr", "es-ES": "es", "es-419": "es", "ja": "ja", "en-GB": "en", "": "en", "zh-CN": "en"} {
		if speak(locale) != languages[want] {
			t.Errorf("speak(%q) is not %s", locale, want)
		}
	}
}

// TestHeadInEveryLanguage holds that a question is found again in whatever language the answer was posted.
func TestHeadInEveryLanguage(t *testing.T) {
	for language, p := range languages {
		for _, s := range []string{"and when?", "“quoted” and «thus» and „so“", "*[x](y)*", "和訳「は」"} {
			content := strings.Join(append(head{question: "q", reading: s}.lines(p, 300), "text [1]"), "\n")
			if got := readHead(content); got.reading != s || got.question != "q" {
				t.Errorf("%s: %q is read back as %+v", language, content, got)
			}
		}
	}
}

var (
	chatName    = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)
	translators = []discordgo.Locale{discordgo.German, discordgo.French, discordgo.SpanishES, discordgo.SpanishLATAM, discordgo.Japanese}
)

// TestCommands holds Discord's rules of commands, in each language.
func TestCommands(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range (&Bot{}).commands() {
		size := 0
		text := func(what string, s string, all map[discordgo.Locale]string, limit int, name bool) {
			size += utf8.RuneCountInString(s)
			check := func(locale discordgo.Locale, s string) {
				n := utf8.RuneCountInString(s)
				if n < 1 || n > limit {
					t.Errorf("/%s: %s in %q is %d characters, want 1 to %d", c.Name, what, locale, n, limit)
				}
				if name && c.Type == discordgo.ChatApplicationCommand && (!chatName.MatchString(s) || strings.ToLower(s) != s) {
					t.Errorf("/%s: %q is no name of a command", c.Name, s)
				}
			}
			check("", s)
			for _, l := range translators {
				check(l, all[l])
			}
		}
		text("name", c.Name, c.NameLocalizations, 32, true)
		if c.Type == discordgo.ChatApplicationCommand {
			text("description", c.Description, c.DescriptionLocalizations, 100, false)
		} else if c.Description != "" || len(c.Options) > 0 {
			t.Errorf("%s is no slash command and has a description or options", c.Name)
		}
		optional := false
		for _, o := range c.Options {
			text("option "+o.Name, o.Name, o.NameLocalizations, 32, true)
			text("description of "+o.Name, o.Description, o.DescriptionLocalizations, 100, false)
			if o.Required && optional {
				t.Errorf("/%s: a required option after one that is not", c.Name)
			}
			optional = optional || !o.Required
		}
		if size > 8000 || seen[c.Name] {
			t.Errorf("/%s is there twice or has %d characters", c.Name, size)
		}
		seen[c.Name] = true
		if c.Name != "setup" && (len(c.Contexts) != 3 || len(c.IntegrationTypes) != 2) {
			t.Errorf("/%s is not for servers and users alike: %v, %v", c.Name, c.Contexts, c.IntegrationTypes)
		}
	}
	// No two commands may be the same in any language.
	for _, l := range translators {
		names := map[string]string{}
		for _, c := range (&Bot{}).commands() {
			if other := names[c.NameLocalizations[l]]; other != "" {
				t.Errorf("%s and %s are both %q in %s", c.Name, other, c.NameLocalizations[l], l)
			}
			names[c.NameLocalizations[l]] = c.Name
		}
	}
}

// TestRoutes holds that everything that can be pressed is handled.
func TestRoutes(t *testing.T) {
	h := (&desk{}).handlers()
	for _, c := range (&Bot{}).commands() {
		r, ok := h.Commands[c.Name]
		if !ok {
			t.Errorf("nobody handles /%s", c.Name)
		}
		for _, o := range c.Options {
			if o.Autocomplete && r.Complete == nil {
				t.Errorf("nobody completes /%s %s", c.Name, o.Name)
			}
		}
	}
	rows := append(answerButtons(languages["en"], nil, "1", true), answerButtons(languages["en"], nil, "1", false)...)
	rows = append(rows, row(button("", routePick), button("", routeNone), button("", routeTopics), button("", routeTopic), button("", routeOpen), button("", routeSources)), row(button("", routeTell), button("", routeSetup), button("", routePrivacy)))
	for _, r := range rows {
		for _, b := range r.(discordgo.ActionsRow).Components {
			name, _, _ := strings.Cut(b.(discordgo.Button).CustomID, ":")
			if _, ok := h.Buttons[name]; !ok {
				t.Errorf("nobody handles the button %q", name)
			}
		}
	}
}
