package discordtest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Violation is one thing wrong with a body.
type Violation struct {
	Path    []string // the keys that lead to it
	Code    string   // Discord's, such as BASE_TYPE_MAX_LENGTH, where it is known
	Message string
	Source  string // where the limit is written
	Rule    string // the name of the Rule; empty if the OpenAPI description says it

	code int // of the whole answer, where it is not 50035
}

// String is the violation on one line.
func (v Violation) String() string {
	s := strings.Join(v.Path, ".") + ": " + v.Message
	if v.Rule != "" {
		s += " [" + v.Rule + "]"
	}
	return s
}

// A Rule is a limit of Discord's that its OpenAPI description does not hold, or that is worth having where the description is absent.
type Rule struct {
	Name   string
	Source string // the page of docs.discord.com/developers
	check  func(*checker)
}

// The pages the rules are from.
const (
	docMessage    = "resources/message"
	docMentions   = "resources/message#allowed-mentions-object"
	docEmbeds     = "resources/message#embed-object-embed-limits"
	docComponents = "components/reference"
	docRespond    = "interactions/receiving-and-responding"
	docCommands   = "interactions/application-commands"
	docLocales    = "reference#locales"
)

type bodyKind int

const (
	noBody bodyKind = iota
	plainBody
	messageBody
	messageEditBody
	callbackBody
	followupBody
	webhookEditBody
	commandBody
	commandsBody
	commandEditBody
)

// checker holds one body while the rules look at it. A rule sees the part it is about; the others are nil.
type checker struct {
	at    []string // the keys that lead to message, choices or modal
	edit  bool     // the body changes something that exists, so what is missing is not wrong
	files int

	message  obj
	choices  obj // the data of an autocomplete response
	modal    obj
	commands []command

	rule  Rule
	found []Violation
}

type command struct {
	at  []string
	def obj
}

// report adds a violation at some keys below the body.
func (c *checker) report(path []string, code, format string, args ...any) {
	c.found = append(c.found, Violation{Path: path, Code: code, Message: fmt.Sprintf(format, args...), Source: c.rule.Source, Rule: c.rule.Name})
}

// in is the path of a key of the part.
func (c *checker) in(keys ...string) []string { return append(slices.Clone(c.at), keys...) }

// check looks at a body with the description and all rules.
func (s *Server) check(rt *route, c *call) []Violation {
	want := "an object"
	_, ok := c.body.(obj)
	if rt.body == commandsBody {
		_, ok = c.body.(list)
		want = "a list"
	}
	if !ok && !(c.body == nil && rt.body == plainBody) {
		return []Violation{{Code: "BASE_TYPE_BAD_TYPE", Message: "the body must be " + want}}
	}
	var out []Violation
	if s.spec != nil {
		body := c.body
		switch rt.body {
		case commandBody, commandsBody, commandEditBody:
			body = numericPermissions(body)
		}
		out = s.spec.check(rt.method, rt.path, body)
	}
	k := checker{files: len(c.files)}
	switch rt.body {
	case messageBody, followupBody:
		k.message = c.obj()
	case messageEditBody, webhookEditBody:
		k.message, k.edit = c.obj(), true
	case callbackBody:
		k.at = []string{"data"}
		data, _ := c.obj()["data"].(obj)
		switch number(c.obj()["type"]) {
		case ResponseMessage, ResponseUpdate:
			k.edit = number(c.obj()["type"]) == ResponseUpdate
			k.message = data
			if data == nil {
				k.message = obj{}
			}
		case ResponseChoices:
			k.choices = data
			if data == nil {
				k.choices = obj{}
			}
		case ResponseModal:
			k.modal = data
			if data == nil {
				k.modal = obj{}
			}
		}
	case commandBody, commandEditBody:
		k.edit = rt.body == commandEditBody
		k.commands = []command{{nil, c.obj()}}
	case commandsBody:
		for i, d := range c.body.(list) {
			def, ok := d.(obj)
			if !ok {
				return []Violation{{Path: []string{strconv.Itoa(i)}, Code: "BASE_TYPE_BAD_TYPE", Message: "a command must be an object"}}
			}
			k.commands = append(k.commands, command{[]string{strconv.Itoa(i)}, def})
		}
	default:
		return out
	}
	for _, r := range rules {
		k.rule = r
		r.check(&k)
	}
next:
	for _, v := range k.found {
		for _, o := range out { // said already by the description
			if slices.Equal(o.Path, v.Path) && o.Code == v.Code {
				continue next
			}
		}
		out = append(out, v)
	}
	return out
}

// numericPermissions copies command definitions with default_member_permissions as a number: the documentation and every library have a string there, and only the
// description says integer.
func numericPermissions(v any) any {
	switch v := v.(type) {
	case list:
		out := make(list, len(v))
		for i := range v {
			out[i] = numericPermissions(v[i])
		}
		return out
	case obj:
		out := make(obj, len(v))
		for k, e := range v {
			if text, ok := e.(string); ok && k == "default_member_permissions" {
				if n, err := strconv.ParseUint(text, 10, 53); err == nil {
					e = n
				}
			}
			out[k] = e
		}
		return out
	}
	return v
}

// Rules returns the rules every body is checked against, for their names and sources.
func Rules() []Rule { return slices.Clone(rules) }

// rules is never changed.
var rules = []Rule{
	{"list-of-objects", "reference", func(c *checker) {
		var look func(at []string, o obj)
		look = func(at []string, o obj) {
			for _, k := range []string{"embeds", "fields", "components", "attachments", "choices", "options"} {
				l, _ := o[k].(list)
				for i, e := range l {
					at := append(slices.Clone(at), k, strconv.Itoa(i))
					if e, ok := e.(obj); ok {
						look(at, e)
					} else {
						c.report(at, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
					}
				}
			}
		}
		for _, part := range []obj{c.message, c.choices, c.modal} {
			look(c.at, part)
		}
		for _, cmd := range c.commands {
			look(cmd.at, cmd.def)
		}
	}},
	// Messages.
	{"content-length", docMessage, func(c *checker) {
		if text, ok := c.message["content"].(string); ok && runes(text) > 2000 {
			c.report(c.in("content"), "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
		}
	}},
	{"message-empty", docMessage, func(c *checker) {
		if c.message == nil || c.edit || c.files > 0 {
			return
		}
		text, _ := c.message["content"].(string)
		for _, k := range []string{"embeds", "components", "sticker_ids"} {
			if l, _ := c.message[k].(list); len(l) > 0 {
				return
			}
		}
		if strings.TrimSpace(text) == "" && c.message["poll"] == nil {
			c.report(c.at, "", "Cannot send an empty message")
			c.found[len(c.found)-1].code = 50006
		}
	}},
	{"embeds-number", docEmbeds, func(c *checker) {
		if l, _ := c.message["embeds"].(list); len(l) > 10 {
			c.report(c.in("embeds"), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
		}
	}},
	{"embeds-total", docEmbeds, func(c *checker) {
		n := 0
		l, _ := c.message["embeds"].(list)
		for _, e := range l {
			e, _ := e.(obj)
			n += length(e["title"]) + length(e["description"])
			footer, _ := e["footer"].(obj)
			author, _ := e["author"].(obj)
			n += length(footer["text"]) + length(author["name"])
			fields, _ := e["fields"].(list)
			for _, f := range fields {
				f, _ := f.(obj)
				n += length(f["name"]) + length(f["value"])
			}
		}
		if n > 6000 {
			c.report(c.in("embeds"), "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
		}
	}},
	{"mentions-parse-and-list", docMentions, func(c *checker) {
		a, _ := c.message["allowed_mentions"].(obj)
		for _, k := range []string{"users", "roles"} {
			if l, _ := a[k].(list); len(l) > 0 && slices.Contains(texts(a["parse"]), k) {
				c.report(c.in("allowed_mentions"), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse:[%q] and %s: [ids...] are mutually exclusive.", k, k)
			}
		}
	}},
	// Components of messages.
	{"rows", docComponents, func(c *checker) {
		if l, _ := c.message["components"].(list); len(l) > 5 && !c.v2() && !(c.edit && hasV2(l)) {
			c.report(c.in("components"), "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length.")
		}
	}},
	{"row-buttons", docComponents, func(c *checker) {
		c.each(func(at []string, o obj) {
			if l, _ := o["components"].(list); number(o["type"]) == compRow && (len(l) > 5 || len(l) == 0) {
				c.report(append(at, "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
			}
		})
	}},
	{"row-mixed", docComponents, func(c *checker) {
		c.each(func(at []string, o obj) {
			l, _ := o["components"].(list)
			if number(o["type"]) != compRow || len(l) < 2 {
				return
			}
			for _, k := range l {
				if k, _ := k.(obj); number(k["type"]) != compButton {
					c.report(append(at, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
					return
				}
			}
		})
	}},
	{"components-number", docComponents, func(c *checker) {
		n := 0
		c.each(func([]string, obj) { n++ })
		if n > 40 {
			c.report(c.in("components"), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "The maximum number of components, 40, is exceeded: %d", n)
		}
	}},
	{"v2-alone", docComponents, func(c *checker) {
		if !c.v2() {
			return
		}
		for _, k := range []string{"content", "embeds", "poll", "sticker_ids"} {
			if l, isList := c.message[k].(list); c.message[k] != nil && c.message[k] != "" && !(isList && len(l) == 0) {
				c.report(c.in(k), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The '%s' field cannot be used when using MessageFlags.IS_COMPONENTS_V2", k)
			}
		}
	}},
	{"v2-flag-missing", docComponents, func(c *checker) {
		if c.message == nil || c.v2() || c.edit { // an edit is judged with the message it changes
			return
		}
		l, _ := c.message["components"].(list)
		for i, k := range l {
			if k, _ := k.(obj); hasV2(list{k}) {
				c.report(c.in("components", strconv.Itoa(i), "type"), "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1,).")
			}
		}
	}},
	{"v2-text-total", docComponents, func(c *checker) {
		n := 0
		c.each(func(_ []string, o obj) {
			if number(o["type"]) == compText {
				n += length(o["content"])
			}
		})
		if n > 4000 {
			c.report(c.in("components"), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "The displayable text of all components exceeds the maximum size of 4000: %d", n)
		}
	}},
	{"custom-id-twice", docComponents, func(c *checker) {
		seen := map[string]bool{}
		c.each(func(at []string, o obj) {
			id, _ := o["custom_id"].(string)
			if id != "" && seen[id] {
				c.report(append(at, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
			}
			seen[id] = true
		})
	}},
	{"custom-id-length", docComponents, func(c *checker) {
		c.each(func(at []string, o obj) {
			if length(o["custom_id"]) > 100 {
				c.report(append(at, "custom_id"), "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
			}
		})
	}},
	{"button-label", docComponents, func(c *checker) {
		c.each(func(at []string, o obj) {
			if number(o["type"]) == compButton && length(o["label"]) > 80 {
				c.report(append(at, "label"), "BASE_TYPE_MAX_LENGTH", "Must be 80 or fewer in length.")
			}
		})
	}},
	{"button-link-url", docComponents, func(c *checker) {
		c.each(func(at []string, o obj) {
			if number(o["type"]) != compButton || number(o["style"]) != 5 {
				return
			}
			url, _ := o["url"].(string)
			if url == "" {
				c.report(append(at, "url"), "BASE_TYPE_REQUIRED", "A url is required")
			} else if runes(url) > 512 {
				c.report(append(at, "url"), "BASE_TYPE_MAX_LENGTH", "Must be 512 or fewer in length.")
			}
			if id, _ := o["custom_id"].(string); id != "" {
				c.report(append(at, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified")
			}
		})
	}},
	{"button-custom-id", docComponents, func(c *checker) {
		c.each(func(at []string, o obj) {
			if style := number(o["style"]); number(o["type"]) == compButton && style >= 1 && style <= 4 {
				if id, _ := o["custom_id"].(string); id == "" {
					c.report(append(at, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
				}
				if url, _ := o["url"].(string); url != "" {
					c.report(append(at, "url"), "BUTTON_COMPONENT_URL_INVALID", "Only link buttons have a url")
				}
			}
		})
	}},
	{"select-options", docComponents, func(c *checker) {
		c.each(func(at []string, o obj) {
			if l, _ := o["options"].(list); number(o["type"]) == compStringSelect && (len(l) == 0 || len(l) > 25) {
				c.report(append(at, "options"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
			}
		})
	}},
	{"select-min-max", docComponents, func(c *checker) {
		c.each(func(at []string, o obj) {
			least, most := 1, 1
			if o["min_values"] != nil {
				least = number(o["min_values"])
			}
			if o["max_values"] != nil {
				most = number(o["max_values"])
			}
			switch number(o["type"]) {
			case compStringSelect, compUserSelect, compRoleSelect, compMentionableSelect, compChannelSelect:
				if least > most {
					c.report(append(at, "min_values"), "SELECT_COMPONENT_MIN_VALUES_EXCEEDS_MAX_VALUES", "min_values %d is more than max_values %d", least, most)
				}
			}
		})
	}},
	// Modals.
	{"modal-components", docRespond, func(c *checker) {
		l, _ := c.modal["components"].(list)
		if c.modal != nil && (len(l) == 0 || len(l) > 5) {
			c.report(c.in("components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
		}
	}},
	{"modal-title", docRespond, func(c *checker) {
		if c.modal == nil {
			return
		}
		if n := length(c.modal["title"]); n == 0 || n > 45 {
			c.report(c.in("title"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.")
		}
		if n := length(c.modal["custom_id"]); n == 0 || n > 100 {
			c.report(c.in("custom_id"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
		}
	}},
	{"modal-input-label", docComponents, func(c *checker) {
		l, _ := c.modal["components"].(list)
		for i, row := range l {
			row, _ := row.(obj)
			if number(row["type"]) != compRow {
				continue
			}
			inner, _ := row["components"].(list)
			for j, k := range inner {
				if k, _ := k.(obj); number(k["type"]) == compTextInput && length(k["label"]) == 0 {
					c.report(c.in("components", strconv.Itoa(i), "components", strconv.Itoa(j), "label"), "BASE_TYPE_REQUIRED", "This field is required")
				}
			}
		}
	}},
	// Autocomplete.
	{"choices-missing", docRespond, func(c *checker) {
		if c.choices == nil {
			return
		}
		if _, ok := c.choices["choices"].(list); !ok {
			c.report(c.in("choices"), "BASE_TYPE_REQUIRED", "This field is required")
		}
	}},
	{"choices-number", docRespond, func(c *checker) {
		if l, _ := c.choices["choices"].(list); len(l) > 25 {
			c.report(c.in("choices"), "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
		}
	}},
	{"choice-name", docCommands, func(c *checker) {
		l, _ := c.choices["choices"].(list)
		for i, x := range l {
			x, ok := x.(obj)
			if n := length(x["name"]); ok && (n < 1 || n > 100) {
				c.report(c.in("choices", strconv.Itoa(i), "name"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
			}
		}
	}},
	{"choice-value", docCommands, func(c *checker) {
		l, _ := c.choices["choices"].(list)
		for i, x := range l {
			x, _ := x.(obj)
			if length(x["value"]) > 100 {
				c.report(c.in("choices", strconv.Itoa(i), "value"), "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
			}
		}
	}},
	// Commands.
	{"command-name", docCommands, func(c *checker) {
		c.eachName(func(at []string, name string, chat bool) {
			switch {
			case !chat:
				if n := runes(name); n < 1 || n > 32 {
					c.report(at, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length.")
				}
			case !commandName.MatchString(name) || strings.ToLower(name) != name:
				c.report(at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
			}
		})
	}},
	{"command-description", docCommands, func(c *checker) {
		for _, cmd := range c.commands {
			if commandType(cmd.def) == 1 && length(cmd.def["description"]) == 0 && !(c.edit && cmd.def["description"] == nil) {
				c.report(append(cmd.at, "description"), "BASE_TYPE_REQUIRED", "This field is required")
			}
		}
	}},
	{"menu-description", docCommands, func(c *checker) {
		for _, cmd := range c.commands {
			if t := commandType(cmd.def); (t == 2 || t == 3) && length(cmd.def["description"]) > 0 {
				c.report(append(cmd.at, "description"), "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", "Context menu commands cannot have description")
			}
		}
	}},
	{"menu-options", docCommands, func(c *checker) {
		for _, cmd := range c.commands {
			if l, _ := cmd.def["options"].(list); len(l) > 0 && (commandType(cmd.def) == 2 || commandType(cmd.def) == 3) {
				c.report(append(cmd.at, "options"), "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS", "Context menu commands cannot have options")
			}
		}
	}},
	{"option-required-order", docCommands, func(c *checker) {
		c.eachOptions(func(at []string, opts list) {
			optional := false
			for i, o := range opts {
				o, _ := o.(obj)
				must, _ := o["required"].(bool)
				if must && optional {
					c.report(append(at, strconv.Itoa(i)), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
				}
				optional = optional || !must && number(o["type"]) > 2
			}
		})
	}},
	{"option-autocomplete-choices", docCommands, func(c *checker) {
		c.eachOptions(func(at []string, opts list) {
			for i, o := range opts {
				o, _ := o.(obj)
				l, _ := o["choices"].(list)
				if on, _ := o["autocomplete"].(bool); on && len(l) > 0 {
					c.report(append(slices.Clone(at), strconv.Itoa(i)), "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", "autocomplete may not be true if choices are present")
				}
			}
		})
	}},
	{"option-name-twice", docCommands, func(c *checker) {
		c.eachOptions(func(at []string, opts list) {
			seen := map[string]bool{}
			for i, o := range opts {
				o, _ := o.(obj)
				name, _ := o["name"].(string)
				if seen[name] {
					c.report(append(slices.Clone(at), strconv.Itoa(i), "name"), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name already exists")
				}
				seen[name] = true
			}
		})
	}},
	{"command-name-twice", docCommands, func(c *checker) {
		seen := map[string]bool{}
		for _, cmd := range c.commands {
			name, _ := cmd.def["name"].(string)
			key := fmt.Sprint(commandType(cmd.def), " ", name)
			if seen[key] {
				c.report(append(cmd.at, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
			}
			seen[key] = true
		}
	}},
	{"commands-number", docCommands, func(c *checker) {
		n := map[int]int{}
		for _, cmd := range c.commands {
			n[commandType(cmd.def)]++
		}
		for t, most := range map[int]int{1: 100, 2: 15, 3: 15} {
			if n[t] > most {
				c.report(nil, "MAX_APPLICATION_COMMANDS", "Maximum number of application commands of type %d reached (%d)", t, most)
				c.found[len(c.found)-1].code = 30032
			}
		}
	}},
	{"command-size", docCommands, func(c *checker) {
		for _, cmd := range c.commands {
			if n := commandSize(cmd.def); n > 8000 {
				c.report(cmd.at, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000): %d", n)
			}
		}
	}},
	{"locale", docLocales, func(c *checker) {
		var look func(at []string, o obj)
		look = func(at []string, o obj) {
			for _, k := range []string{"name_localizations", "description_localizations"} {
				l, _ := o[k].(obj)
				for name := range l {
					if !slices.Contains(locales, name) {
						c.report(append(slices.Clone(at), k, name), "DICT_TYPE_INVALID_KEY", "Unknown locale %q", name)
					}
				}
			}
			for _, k := range []string{"options", "choices"} {
				l, _ := o[k].(list)
				for i, e := range l {
					if e, ok := e.(obj); ok {
						look(append(slices.Clone(at), k, strconv.Itoa(i)), e)
					}
				}
			}
		}
		for _, cmd := range c.commands {
			look(cmd.at, cmd.def)
		}
	}},
}

// commandName is the form of chat commands' and options' names.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

// locales is Discord's list (docs: reference, "Locales").
var locales = strings.Fields("id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko")

func commandType(def obj) int {
	if def["type"] == nil {
		return 1
	}
	return number(def["type"])
}

// commandSize counts names, descriptions and values of a command, its options and their choices; of localised ones the longest.
func commandSize(o obj) int {
	n := 0
	for _, k := range []string{"name", "description"} {
		most := length(o[k])
		l, _ := o[k+"_localizations"].(obj)
		for _, t := range l {
			most = max(most, length(t))
		}
		n += most
	}
	n += length(o["value"])
	for _, k := range []string{"options", "choices"} {
		l, _ := o[k].(list)
		for _, e := range l {
			if e, ok := e.(obj); ok {
				n += commandSize(e)
			}
		}
	}
	return n
}

func runes(s string) int { return len([]rune(s)) }

// length is the number of characters of a string; 0 of anything else.
func length(v any) int {
	s, _ := v.(string)
	return runes(s)
}

// v2 reports whether the body sets the components v2 flag.
func (c *checker) v2() bool { return number(c.message["flags"])&FlagComponentsV2 != 0 }

// hasV2 reports whether a component at the top is of a type that only components v2 has.
func hasV2(l list) bool {
	return slices.ContainsFunc(l, func(v any) bool {
		o, _ := v.(obj)
		switch number(o["type"]) {
		case 9, 10, 11, 12, 13, 14, 17:
			return true
		}
		return false
	})
}

// each calls f for every component of the message or modal, with its path.
func (c *checker) each(f func(at []string, o obj)) {
	var walk func(at []string, v any)
	walk = func(at []string, v any) {
		o, ok := v.(obj)
		if !ok {
			return
		}
		f(slices.Clone(at), o)
		l, _ := o["components"].(list)
		for i, k := range l {
			walk(append(slices.Clone(at), "components", strconv.Itoa(i)), k)
		}
		for _, k := range []string{"component", "accessory"} {
			walk(append(slices.Clone(at), k), o[k])
		}
	}
	part := c.message
	if part == nil {
		part = c.modal
	}
	l, _ := part["components"].(list)
	for i, k := range l {
		walk(c.in("components", strconv.Itoa(i)), k)
	}
}

// eachOptions calls f for every list of options of the commands.
func (c *checker) eachOptions(f func(at []string, opts list)) {
	var walk func(at []string, o obj)
	walk = func(at []string, o obj) {
		l, _ := o["options"].(list)
		if len(l) == 0 {
			return
		}
		at = append(slices.Clone(at), "options")
		f(slices.Clone(at), l)
		for i, e := range l {
			if e, ok := e.(obj); ok {
				walk(append(slices.Clone(at), strconv.Itoa(i)), e)
			}
		}
	}
	for _, cmd := range c.commands {
		walk(cmd.at, cmd.def)
	}
}

// eachName calls f for every name and localised name of commands and their options; chat is false for the commands of menus.
func (c *checker) eachName(f func(at []string, name string, chat bool)) {
	names := func(at []string, o obj, chat, must bool) {
		name, ok := o["name"].(string)
		if ok || must {
			f(append(slices.Clone(at), "name"), name, chat)
		}
		l, _ := o["name_localizations"].(obj)
		for k, v := range l {
			if v, ok := v.(string); ok {
				f(append(slices.Clone(at), "name_localizations", k), v, chat)
			}
		}
	}
	for _, cmd := range c.commands {
		names(cmd.at, cmd.def, commandType(cmd.def) == 1, !c.edit)
	}
	c.eachOptions(func(at []string, opts list) {
		for i, o := range opts {
			if o, ok := o.(obj); ok {
				names(append(slices.Clone(at), strconv.Itoa(i)), o, true, true)
			}
		}
	})
}
