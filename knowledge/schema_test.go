package knowledge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaPath = "../facts/schema.json"

// TestSchemaFile holds the schema that editors use to what the code says.
func TestSchemaFile(t *testing.T) {
	if *update {
		if err := os.WriteFile(schemaPath, Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(schemaPath)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, Schema()) {
		t.Error("facts/schema.json is not what Schema returns; run go test ./knowledge -update")
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestSchemaFacts holds the built-in facts and trials to the schema.
func TestSchemaFacts(t *testing.T) {
	schema := compiled(t)
	paths, err := filepath.Glob("../facts/*.yaml")
	if err != nil || len(paths) < 2 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		node, err := parse(data)
		if err != nil {
			t.Fatal(err)
		}
		var probs problems
		if err := schema.Validate(plainValue(convert(node, 1, 0, &probs))); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// plainValue gives a value as package json would.
func plainValue(v *value) any {
	switch v.kind {
	case listKind:
		list := []any{}
		for _, item := range v.items {
			list = append(list, plainValue(item))
		}
		return list
	case mapKind:
		m := map[string]any{}
		for i, k := range v.keys {
			m[k.text] = plainValue(v.items[i])
		}
		return m
	case nullKind:
		return nil
	}
	switch v.tag {
	case "!!int":
		return json.Number(v.text)
	case "!!bool":
		return v.text == "true"
	}
	return v.text
}

// TestSchemaAgrees puts many values into every field of a good file, and holds the schema and the reader to
// finding fault with the same ones.
func TestSchemaAgrees(t *testing.T) {
	schema := compiled(t)
	values := []any{
		nil, true, false, 0, 1, 7, -1, 2023, 1.5, "", " ", "text", "lower-case", "Upper", "-a", "a--b", "none", "two\nlines", "bell\a", "sep\u2028", "2023", "2023-05",
		"2023-13", "2023-05-31", "2023-05-32", "20230531", "https://example.org/x", "http://", "ftp://example.org", "reported", "en", "pt-BR", "en_US", "1", "true",
		strings.Repeat("x", 64), strings.Repeat("x", 65), strings.Repeat("é", 300), strings.Repeat("é", 301), strings.Repeat("é", 1000), strings.Repeat("é", 1001),
		[]any{}, []any{nil}, []any{"text"}, []any{"a", "b"}, []any{"none"}, []any{""}, []any{1, true}, []any{[]any{"a", "b"}}, []any{[]any{"a"}}, []any{map[string]any{}},
		map[string]any{}, map[string]any{"a": "b"}, map[string]any{"a": map[string]any{"title": "T"}}, map[string]any{"a b": map[string]any{"title": "T"}},
		[]any{map[string]any{"paragraph": 1}}, []any{map[string]any{"id": "a", "text": "A.", "cite": []any{map[string]any{"paragraph": 2}}}}, []any{map[string]any{"ask": "a?", "want": "none"}},
	}
	// What values say of each other is beyond a schema.
	beyond := []string{"source-missing", "source-unknown", "ask-duplicate", "superseded-unknown", "superseded-status", "trial-unknown", "text-spaces", "source-unused", "topic-duplicate", "facts-none"}

	good := func() (file, source, cite, fact, trialFile, trial map[string]any) {
		source = map[string]any{"title": "T"}
		cite = map[string]any{"source": "s"}
		fact = map[string]any{"id": "x", "text": "X.", "cite": []any{cite}}
		file = map[string]any{"sources": map[string]any{"s": source}, "facts": []any{fact}}
		trial = map[string]any{"ask": "x?", "want": []any{"x"}}
		trialFile = map[string]any{"trials": []any{trial}}
		return
	}
	tries := 0
	for _, table := range []struct {
		name   string
		fields []field
	}{{"file", fileFields}, {"source", sourceFields}, {"cite", citeFields}, {"fact", factFields}, {"trialFile", trialFileFields}, {"trial", trialFields}} {
		for _, key := range append(names(table.fields), "unknown") {
			for _, v := range append(values, "missing") {
				file, source, cite, fact, trialFile, trial := good()
				at := map[string]map[string]any{"file": file, "source": source, "cite": cite, "fact": fact, "trialFile": trialFile, "trial": trial}[table.name]
				at[key] = v
				if v == "missing" {
					delete(at, key)
				}
				if key == "trials" && v == "missing" {
					continue // the schema takes it for a fact file
				}
				tries++
				whole, name := file, "x.yaml"
				if strings.HasPrefix(table.name, "trial") {
					whole, name = trialFile, "x_test.yaml"
				}
				text, err := json.Marshal(whole)
				if err != nil {
					t.Fatal(err)
				}
				_, problems, err := Load(t.Context(), fstest.MapFS{name: {Data: text, Mode: 0o644}, "good.yaml": {Data: []byte(small), Mode: 0o644}})
				if err != nil {
					t.Fatal(err)
				}
				problems = slices.DeleteFunc(problems, func(p Problem) bool { return slices.Contains(beyond, p.Rule) })
				inst, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				err = schema.Validate(inst)
				if HasErrors(problems) != (err != nil) && !lenient(key, v) {
					t.Errorf("%s.%s = %s\nschema: %v\nreader: %s", table.name, key, show(fmt.Sprint(v)), err, printed(problems))
				}
			}
		}
	}
	if tries < 1000 {
		t.Errorf("only %d tries", tries)
	}
}

// lenient are the values on which the two may differ: a schema knows no calendar and no addresses, and a fact whose
// text is blank is left out with a warning, which an editor may well mark.
func lenient(key string, v any) bool {
	return v == "http://" && key == "url" || key == "text" && (v == "" || v == " ")
}
