package bot

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/bwmarrin/discordgo"

	"footnote/knowledge"
)

// All that a button needs to know is in its custom_id: a route, then its arguments, with a colon before each. So buttons go on
// working after a restart, and nothing is kept for them. Facts are named by a hash of their ids, since an id may be longer than
// the 100 characters there are.

// maxCustomID is Discord's limit.
const maxCustomID = 100

// customID joins a route and its arguments.
func customID(route string, args ...string) string {
	return strings.Join(append([]string{route}, args...), ":")
}

// args gives what customID was given after the route; missing ones are empty.
func args(id string, n int) []string {
	parts := strings.SplitN(id, ":", n+1)[1:]
	for len(parts) < n {
		parts = append(parts, "")
	}
	return parts
}

// hash names something in a custom_id in 12 characters. Among a million facts, the chance that any two share a hash is one in
// nine billion.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// refs names facts, at most three, which is what an answer has.
func refs(facts []*knowledge.Fact) string {
	var ids []string
	for _, f := range facts {
		ids = append(ids, f.ID)
	}
	return refsOf(ids)
}

// refsOf is refs of the facts with the ids.
func refsOf(ids []string) string {
	var hs []string
	for _, id := range ids[:min(len(ids), maxRefs)] {
		hs = append(hs, hash(id))
	}
	return strings.Join(hs, ".")
}

const maxRefs = 3

// resolve gives the facts named by refs, in that order, without those that are gone or withdrawn.
func resolve(set *knowledge.Set, named string) []*knowledge.Fact {
	hs := strings.Split(named, ".")
	found := make([]*knowledge.Fact, len(hs))
	for _, f := range set.Facts {
		if f.Status == knowledge.Withdrawn {
			continue
		}
		h := hash(f.ID)
		for i := range hs {
			if hs[i] == h && found[i] == nil {
				found[i] = f
			}
		}
	}
	var facts []*knowledge.Fact
	for _, f := range found {
		if f != nil {
			facts = append(facts, f)
		}
	}
	return facts
}

// factsOf gives the facts of a set in a custom_id's first argument.
func factsOf(set *knowledge.Set, id string) []*knowledge.Fact { return resolve(set, args(id, 2)[0]) }

// The routes of buttons and menus, and what follows them in the custom_id.
const (
	routeContext = "ctx"    // facts
	routeWhy     = "why"    // facts
	routeFollow  = "fu"     // facts; the form as well
	routeUp      = "up"     // facts
	routeDown    = "down"   // facts; the form as well
	routeRemove  = "del"    // who asked
	routeShare   = "share"  // facts
	routePick    = "pick"   // fact, who asked, which of the fact's asks
	routeNone    = "none"   // who asked
	routeTopics  = "topics" // page
	routeTopic   = "topic"  // topic, page; a menu without arguments whose values are topics
	routeOpen    = "open"   // a menu whose values are facts
	routeSources = "src"    // page
	routeTell    = "tell"   // the gap's key
	routeSetup   = "set"    // which setting; menus
	routePrivacy = "mine"   // which step

	// Moderators' gaps and suggestions.
	routeGaps      = "gaps"  // page; a menu without arguments whose values are keys of gaps
	routeFill      = "fill"  // the gap's key
	routeBelongs   = "bel"   // the gap's key; a menu whose values are facts
	routeScope     = "scope" // the gap's key, whether to take it back; or page, scopeList; a menu without arguments takes back what is chosen
	routeSuggested = "sug"   // page; a menu without arguments whose values are suggestions
	routeAccept    = "acc"   // suggestion
	routeCorrect   = "corr"  // suggestion
	routeDismiss   = "dis"   // suggestion
)

func button(label, id string) discordgo.Button {
	return discordgo.Button{Label: label, Style: discordgo.SecondaryButton, CustomID: id}
}

func row(cs ...discordgo.MessageComponent) discordgo.ActionsRow {
	return discordgo.ActionsRow{Components: cs}
}

// answerButtons are those below an answer. A private one has no 🗑, since the asker can dismiss it, but can be shared.
func answerButtons(p *phrases, facts []*knowledge.Fact, asker string, private bool) []discordgo.MessageComponent {
	return buttonsFor(p, refs(facts), asker, private)
}

// buttonsFor are the buttons below an answer from the facts that r names.
func buttonsFor(p *phrases, r, asker string, private bool) []discordgo.MessageComponent {
	last := button("🗑", customID(routeRemove, asker))
	if private {
		last = button(p.Share, customID(routeShare, r))
		last.Style = discordgo.PrimaryButton
	}
	return []discordgo.MessageComponent{
		row(button(p.InContext, customID(routeContext, r)), button(p.Why, customID(routeWhy, r)), button(p.FollowUp, customID(routeFollow, r))),
		row(button("👍", customID(routeUp, r)), button("👎", customID(routeDown, r)), last),
	}
}

// pickButtons offer questions, one a row, since they are long. Questions that the row of others leaves no room for are
// left out: there are at most five rows.
func pickButtons(picks []knowledge.Suggestion, asker string, others ...discordgo.MessageComponent) []discordgo.MessageComponent {
	var rows []discordgo.MessageComponent
	seen := map[string]bool{}
	for _, s := range picks {
		id := customID(routePick, hash(s.Fact.ID), asker, askNumber(s))
		label := clip(visible(s.Question), maxLabel)
		if len(rows) == maxRows-1 || seen[id] || label == "" {
			continue
		}
		seen[id] = true
		b := button(label, id)
		b.Style = discordgo.PrimaryButton
		rows = append(rows, row(b))
	}
	if len(others) > 0 {
		rows = append(rows, row(others...))
	}
	return rows
}

const (
	maxLabel = 80 // of a button
	maxRows  = 5
)

// removeButton lets the asker or a moderator delete the message.
func removeButton(asker string) discordgo.MessageComponent {
	return button("🗑", customID(routeRemove, asker))
}

// menu is a string select menu. Discordgo's writes an empty description, which Discord takes for one.
type menu struct {
	CustomID    string       `json:"custom_id"`
	Placeholder string       `json:"placeholder,omitempty"`
	Options     []menuOption `json:"options"`
	Required    *bool        `json:"required,omitempty"` // in forms only
}

type menuOption struct {
	Label       string `json:"label"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Default     bool   `json:"default,omitempty"` // chosen already
}

// maxOptions is how many options a menu may have.
const maxOptions = 25

// Type implements discordgo.MessageComponent.
func (menu) Type() discordgo.ComponentType { return discordgo.SelectMenuComponent }

// MarshalJSON implements discordgo.MessageComponent.
func (m menu) MarshalJSON() ([]byte, error) {
	type plain menu
	return json.Marshal(struct {
		Type discordgo.ComponentType `json:"type"`
		plain
	}{m.Type(), plain(m)})
}

// labelled is a field of a form with its label above, which discordgo v0.29.0 does not have.
type labelled struct {
	Label       string                     `json:"label"`
	Description string                     `json:"description,omitempty"`
	Component   discordgo.MessageComponent `json:"component"`
}

// labelComponent is the number Discord has given to it.
const labelComponent discordgo.ComponentType = 18

// Type implements discordgo.MessageComponent.
func (labelled) Type() discordgo.ComponentType { return labelComponent }

// MarshalJSON implements discordgo.MessageComponent.
func (l labelled) MarshalJSON() ([]byte, error) {
	type plain labelled
	return json.Marshal(struct {
		Type discordgo.ComponentType `json:"type"`
		plain
	}{l.Type(), plain(l)})
}

// textField is a text input within a label. Discordgo's always writes a label of its own.
type textField struct {
	CustomID    string                   `json:"custom_id"`
	Style       discordgo.TextInputStyle `json:"style"`
	Placeholder string                   `json:"placeholder,omitempty"`
	Value       string                   `json:"value,omitempty"` // what is there before
	Required    bool                     `json:"required"`        // Discord's default is true, so it is always said
	MaxLength   int                      `json:"max_length,omitempty"`
}

// Type implements discordgo.MessageComponent.
func (textField) Type() discordgo.ComponentType { return discordgo.TextInputComponent }

// MarshalJSON implements discordgo.MessageComponent.
func (t textField) MarshalJSON() ([]byte, error) {
	type plain textField
	return json.Marshal(struct {
		Type discordgo.ComponentType `json:"type"`
		plain
	}{t.Type(), plain(t)})
}

// askNumber says which of its fact's asks a suggestion's question is: its number from 0, or "" where it is none.
func askNumber(s knowledge.Suggestion) string {
	for i, ask := range s.Fact.Asks {
		if ask == s.Question && i < 1000 {
			return itoa(i)
		}
	}
	return ""
}
