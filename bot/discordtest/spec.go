package discordtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	xmessage "golang.org/x/text/message"
)

// A Spec is Discord's OpenAPI description (github.com/discord/discord-api-spec, specs/openapi.json), ready to check bodies. It may be shared by many servers.
type Spec struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema // by JSON pointer
	paths    map[string]any
}

// LoadSpec reads the description.
func LoadSpec(file string) (*Spec, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	root, _ := doc.(obj)
	paths, _ := root["paths"].(obj)
	if paths == nil {
		return nil, fmt.Errorf("%s: no OpenAPI description: it has no paths", file)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("discord.json", doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &Spec{compiler: c, schemas: map[string]*jsonschema.Schema{}, paths: paths}, nil
}

// FindSpec loads the description for a test: the file that DISCORD_OPENAPI names, else ../shared/discord/openapi.json beside the module's root. Where neither is
// there it returns nil, so that only the Rules are checked, unless FOOTNOTE_REQUIRE_OPENAPI is set: then the test fails.
func FindSpec(tb testing.TB) *Spec {
	tb.Helper()
	file := os.Getenv("DISCORD_OPENAPI")
	if file == "" {
		dir, err := os.Getwd()
		if err != nil {
			tb.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			if up := filepath.Dir(dir); up == dir {
				break
			}
			dir = filepath.Dir(dir)
		}
		file = filepath.Join(dir, "..", "shared", "discord", "openapi.json")
	}
	s, err := LoadSpec(file)
	if errors.Is(err, os.ErrNotExist) && os.Getenv("FOOTNOTE_REQUIRE_OPENAPI") == "" {
		tb.Logf("no OpenAPI description at %s; only the rules are checked", file)
		return nil
	}
	if err != nil {
		tb.Fatalf("the OpenAPI description: %v", err)
	}
	return s
}

// request returns the schema of a route's JSON body; nil if the description has none.
func (s *Spec) request(method, path string) (*jsonschema.Schema, error) {
	op, _ := s.paths[path].(obj)
	o, _ := op[strings.ToLower(method)].(obj)
	rb, _ := o["requestBody"].(obj)
	content, _ := rb["content"].(obj)
	if _, ok := content["application/json"]; !ok {
		return nil, nil
	}
	return s.compile("/paths/" + pointer(path) + "/" + strings.ToLower(method) + "/requestBody/content/application~1json/schema")
}

// response returns the schema of a route's answer; nil if the description has none.
func (s *Spec) response(method, path, status string) (*jsonschema.Schema, error) {
	op, _ := s.paths[path].(obj)
	o, _ := op[strings.ToLower(method)].(obj)
	rs, _ := o["responses"].(obj)
	r, _ := rs[status].(obj)
	content, _ := r["content"].(obj)
	if _, ok := content["application/json"]; !ok {
		return nil, nil
	}
	return s.compile("/paths/" + pointer(path) + "/" + strings.ToLower(method) + "/responses/" + status + "/content/application~1json/schema")
}

// pointer escapes a path for a JSON pointer in a URL.
func pointer(path string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(path)
}

func (s *Spec) compile(ptr string) (*jsonschema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sch, ok := s.schemas[ptr]; ok {
		return sch, nil
	}
	sch, err := s.compiler.Compile("discord.json#" + ptr)
	if err != nil {
		return nil, fmt.Errorf("OpenAPI description: %w", err)
	}
	s.schemas[ptr] = sch
	return sch, nil
}

// check validates a decoded body and returns what is wrong with it.
func (s *Spec) check(method, path string, body any) []Violation {
	sch, err := s.request(method, path)
	if err != nil {
		return []Violation{{Code: "SCHEMA", Message: err.Error(), Source: "specs/openapi.json"}}
	}
	if sch == nil {
		return nil
	}
	return violations(sch.Validate(body))
}

// violations turns a validation error into problems.
func violations(err error) []Violation {
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return nil
	}
	p := xmessage.NewPrinter(language.English)
	var out []Violation
	seen := map[string]bool{}
	for _, e := range leaves(ve) {
		v := Violation{Path: append([]string(nil), e.InstanceLocation...), Code: kindCode(e.ErrorKind), Message: e.ErrorKind.LocalizedString(p), Source: "specs/openapi.json"}
		if !seen[v.String()] {
			seen[v.String()] = true
			out = append(out, v)
		}
	}
	return out
}

// leaves finds the errors at the bottom. Of the branches of a union it takes the one that was meant: not null and not of another "type", and of what
// is left the one that got furthest into the body.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var branches [][]*jsonschema.ValidationError
	for _, c := range e.Causes {
		branches = append(branches, leaves(c))
	}
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
	default:
		return slices.Concat(branches...)
	}
	here := len(e.InstanceLocation)
	meant := slices.DeleteFunc(slices.Clone(branches), func(b []*jsonschema.ValidationError) bool {
		return slices.ContainsFunc(b, func(l *jsonschema.ValidationError) bool {
			at := l.InstanceLocation
			switch l.ErrorKind.(type) {
			case *kind.Type:
				return len(at) == here
			case *kind.Const, *kind.Enum:
				return len(at) == here+1 && at[here] == "type"
			}
			return false
		})
	})
	if len(meant) == 0 {
		meant = branches
	}
	best, deepest := meant[0], -1
	for _, b := range meant {
		for _, l := range b {
			if n := len(l.InstanceLocation); n > deepest {
				best, deepest = b, n
			}
		}
	}
	return best
}

// kindCode is Discord's name for a kind of problem, where one is known.
func kindCode(k jsonschema.ErrorKind) string {
	switch k.(type) {
	case *kind.MaxLength, *kind.MaxItems:
		return "BASE_TYPE_MAX_LENGTH"
	case *kind.MinLength, *kind.MinItems:
		return "BASE_TYPE_MIN_LENGTH"
	case *kind.Required:
		return "BASE_TYPE_REQUIRED"
	case *kind.Enum, *kind.Const:
		return "BASE_TYPE_CHOICES"
	case *kind.Maximum:
		return "NUMBER_TYPE_MAX"
	case *kind.Minimum:
		return "NUMBER_TYPE_MIN"
	case *kind.Type:
		return "BASE_TYPE_BAD_TYPE"
	case *kind.Format, *kind.Pattern:
		return "BASE_TYPE_BAD_FORMAT"
	}
	return "BASE_TYPE_INVALID"
}
