package discordtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// violations turns a validation error into problems: of the branches of an anyOf, those that got furthest into the body.
func violations(err error) []Violation {
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return nil
	}
	p := xmessage.NewPrinter(language.English)
	var out []Violation
	deepest := -1
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) > 0 {
			for _, c := range e.Causes {
				walk(c)
			}
			return
		}
		if n := len(e.InstanceLocation); n > deepest {
			deepest, out = n, nil
		} else if n < deepest {
			return
		}
		v := Violation{Path: append([]string(nil), e.InstanceLocation...), Code: kindCode(e.ErrorKind), Message: e.ErrorKind.LocalizedString(p), Source: "specs/openapi.json"}
		for _, o := range out {
			if o.String() == v.String() {
				return
			}
		}
		out = append(out, v)
	}
	walk(ve)
	return out
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
