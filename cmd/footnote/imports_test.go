package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// module is the root of the module, seen from this package's tests.
const module = "../.."

// layers says what of this module each part may import, itself aside; its tests may import the facts besides.
var layers = map[string][]string{
	"cmd":       {"bot", "knowledge", "facts"},
	"bot":       {"knowledge"},
	"knowledge": {},
	"facts":     {},
}

// rooms says all that the packages of the engine, and the command that trains it, may import of this module. No other package may import a room of the engine: what
// it needs of one comes by way of knowledge.
var rooms = map[string][]string{
	"knowledge":          {"knowledge/encoder", "knowledge/language", "knowledge/rank"},
	"knowledge/rank":     {"knowledge/encoder", "knowledge/language"},
	"knowledge/language": {},
	"knowledge/encoder":  {},
	"cmd/train":          {"knowledge", "knowledge/rank", "knowledge/encoder"},
}

// owners says which parts alone may import what of others: a library's types stay behind the package that chose it.
var owners = map[string][]string{
	"github.com/bwmarrin/discordgo": {"bot"},
	"github.com/blevesearch/":       {"knowledge"},
	"gopkg.in/yaml.v3":              {"knowledge"},
	"github.com/spf13/":             {"cmd"},
	"github.com/nats-io/":           {"bot/journal"},
}

// A listed is what `go list` tells of a package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// part is the top-level folder of the package's path.
func part(importPath string) string {
	return strings.Split(strings.TrimPrefix(importPath, "footnote/"), "/")[0]
}

// broken says which of the rules above the packages break.
func broken(packages []listed) []string {
	var found []string
	for _, p := range packages {
		from := part(p.ImportPath)
		for _, to := range p.Imports {
			if own := strings.HasPrefix(to, "footnote/"); own && part(to) != from && !slices.Contains(layers[from], part(to)) {
				found = append(found, p.ImportPath+" must not import "+to)
			}
		}
		name := strings.TrimPrefix(p.ImportPath, "footnote/")
		for _, to := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			room, own := strings.CutPrefix(to, "footnote/")
			_, inside := rooms[name]
			if !own || room == name || slices.Contains(rooms[name], room) {
				continue
			}
			inTest := !slices.Contains(p.Imports, to) && part(to) == "facts" // tests of knowledge ask them
			if inside && !(inTest && name == "knowledge") || strings.HasPrefix(room, "knowledge/") {
				found = append(found, p.ImportPath+" must not import the room "+to)
			}
		}
		for _, to := range slices.Concat(p.TestImports, p.XTestImports) {
			// The tests of the facts ask them; everybody's may ask about the facts.
			allowed := append([]string{from, "facts", "knowledge"}, layers[from]...)
			if own := strings.HasPrefix(to, "footnote/"); own && !slices.Contains(allowed, part(to)) {
				found = append(found, "the tests of "+p.ImportPath+" must not import "+to)
			}
		}
		for _, to := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			for library, parts := range owners {
				within := func(part string) bool { return strings.HasPrefix(p.ImportPath+"/", "footnote/"+part+"/") }
				if strings.HasPrefix(to, library) && !slices.ContainsFunc(parts, within) {
					found = append(found, p.ImportPath+" must not import "+to+": that is for "+strings.Join(parts, ", "))
				}
			}
		}
	}
	return found
}

func TestImports(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	list.Dir = module
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	seen := map[string]bool{}
	for _, p := range packages {
		seen[part(p.ImportPath)] = true
		if layers[part(p.ImportPath)] == nil {
			t.Errorf("%s: no rule says what it may import", p.ImportPath)
		}
	}
	for name := range layers {
		if !seen[name] {
			t.Errorf("go list did not list a package of %s", name)
		}
	}
	for name := range rooms {
		if !slices.ContainsFunc(packages, func(p listed) bool { return p.ImportPath == "footnote/"+name }) {
			t.Errorf("go list did not list %s", name)
		}
	}
	for _, b := range broken(packages) {
		t.Error(b)
	}
}

// TestImportRules holds the rules against packages that break them.
func TestImportRules(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    listed
		want bool // that it breaks a rule
	}{
		{"the bot asks", listed{ImportPath: "footnote/bot", Imports: []string{"footnote/knowledge", "github.com/bwmarrin/discordgo"}}, false},
		{"a part of the bot uses another", listed{ImportPath: "footnote/bot/journal", Imports: []string{"footnote/bot/clock"}}, false},
		{"the facts are asked in tests", listed{ImportPath: "footnote/facts", XTestImports: []string{"footnote/facts", "footnote/knowledge"}}, false},
		{"knowledge knows the bot", listed{ImportPath: "footnote/knowledge", Imports: []string{"footnote/bot"}}, true},
		{"its tests know the bot", listed{ImportPath: "footnote/knowledge", TestImports: []string{"footnote/bot"}}, true},
		{"the bot knows the command", listed{ImportPath: "footnote/bot", Imports: []string{"footnote/cmd/footnote"}}, true},
		{"the facts need code", listed{ImportPath: "footnote/facts", Imports: []string{"footnote/knowledge"}}, true},
		{"the bot searches", listed{ImportPath: "footnote/bot", Imports: []string{"github.com/blevesearch/bleve/v2"}}, true},
		{"the journal keeps", listed{ImportPath: "footnote/bot/journal", Imports: []string{"github.com/nats-io/nats.go"}}, false},
		{"the bot keeps by itself", listed{ImportPath: "footnote/bot", Imports: []string{"github.com/nats-io/nats.go"}}, true},
		{"the bot reads YAML", listed{ImportPath: "footnote/bot/x", TestImports: []string{"gopkg.in/yaml.v3"}}, true},
		{"knowledge ranks", listed{ImportPath: "footnote/knowledge", Imports: []string{"footnote/knowledge/rank"}, TestImports: []string{"footnote/facts"}}, false},
		{"the ranker reads and compares", listed{ImportPath: "footnote/knowledge/rank", Imports: []string{"footnote/knowledge/encoder", "footnote/knowledge/language"}}, false},
		{"training sees the evidence", listed{ImportPath: "footnote/cmd/train", Imports: []string{"footnote/knowledge", "footnote/knowledge/rank"}}, false},
		{"training reads words", listed{ImportPath: "footnote/cmd/train", Imports: []string{"footnote/knowledge/language"}}, true},
		{"training knows the bot", listed{ImportPath: "footnote/cmd/train", Imports: []string{"footnote/bot"}}, true},
		{"the ranker knows files", listed{ImportPath: "footnote/knowledge/rank", Imports: []string{"footnote/knowledge"}}, true},
		{"its tests know the facts", listed{ImportPath: "footnote/knowledge/rank", XTestImports: []string{"footnote/facts"}}, true},
		{"the encoder reads words", listed{ImportPath: "footnote/knowledge/encoder", Imports: []string{"footnote/knowledge/language"}}, true},
		{"the language ranks", listed{ImportPath: "footnote/knowledge/language", TestImports: []string{"footnote/knowledge/rank"}}, true},
		{"the bot goes round knowledge", listed{ImportPath: "footnote/bot", Imports: []string{"footnote/knowledge/language"}}, true},
		{"so do the tests of the command", listed{ImportPath: "footnote/cmd/footnote", TestImports: []string{"footnote/knowledge/encoder"}}, true},
		{"knowledge knows Discord", listed{ImportPath: "footnote/knowledge", Imports: []string{"github.com/bwmarrin/discordgo"}}, true},
	} {
		if got := broken([]listed{tt.p}); (len(got) > 0) != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
