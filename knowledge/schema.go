package knowledge

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object with the order of its keys.
type object []pair

type pair struct {
	key   string
	value any
}

// MarshalJSON writes the keys in their order, so that a field's own keys stand in the order a reader wants.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := encode(p.key)
		if err != nil {
			return nil, err
		}
		value, err := encode(p.value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// Schema returns the JSON Schema (draft 2020-12) of fact files and trial files, for editors. It says all that can be said of one
// value at a time; what values say of each other (ids, sources, duplicates) only [Load] can tell.
func Schema() []byte {
	doc := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "Footnote fact files, and the trials beside them (*_test.yaml)"},
		{"if", object{{"required", []string{"trials"}}}},
		{"then", object{{"$ref", "#/$defs/trialFile"}}},
		{"else", object{{"$ref", "#/$defs/factFile"}}},
		{"$defs", object{
			{"factFile", objectSchema(fileFields)},
			{"trialFile", objectSchema(trialFileFields)},
			{"source", objectSchema(sourceFields)},
			{"fact", objectSchema(factFields)},
			{"cite", objectSchema(citeFields)},
			{"trial", objectSchema(trialFields)},
		}},
	}
	text, err := encode(doc)
	if err != nil {
		return nil // a table of strings and numbers always encodes; the test would see it
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return nil
	}
	b.WriteByte('\n')
	return b.Bytes()
}

func objectSchema(fields []field) object {
	var properties object
	required := []string{}
	for _, f := range fields {
		of := append(object{{"description", f.means}}, f.form.schema(f)...)
		if !f.required {
			of = object{{"description", f.means}, {"anyOf", []object{{{"type", "null"}}, f.form.schema(f)}}}
		}
		properties = append(properties, pair{f.name, of})
		if f.required {
			required = append(required, f.name)
		}
	}
	return object{
		{"type", "object"},
		{"additionalProperties", false},
		{"required", required},
		{"properties", properties},
	}
}

// anySingle is what YAML may take an unquoted word for: a title may be 1984, a wording of a question "yes".
var anySingle = []string{"string", "number", "boolean"}

// The patterns hold the very characters they exclude, since not every regular expression engine knows \u2028.
const (
	linePattern  = "^[^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\\s\u0001-\u001f\u007f-\u009f\u2028\u2029][^\u0001-\u001f\u007f-\u009f\u2028\u2029]*$"
	prosePattern = "^[^\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f]*$"
	monthDay     = `(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?`
)

// schema returns the schema of the values of a form.
func (f form) schema(of field) object {
	line := object{{"type", anySingle}, {"maxLength", of.max}, {"pattern", linePattern}}
	id := object{{"type", []string{"string", "integer", "boolean"}}, {"minimum", 0}, {"maxLength", of.max}, {"pattern", idPattern.String()}, {"not", object{{"const", wantNone}}}}
	list := func(items object) object {
		o := object{{"type", "array"}, {"items", items}}
		if of.required {
			o = append(o, pair{"minItems", 1})
		}
		return o
	}
	ref := func(name string) object { return object{{"$ref", "#/$defs/" + name}} }
	switch f {
	case formAny:
		return object{{"type", anySingle}, {"maxLength", of.max}, {"pattern", `\S`}}
	case formProse:
		return object{{"type", anySingle}, {"maxLength", of.max}, {"allOf", []object{{{"pattern", `\S`}}, {{"pattern", prosePattern}}}}}
	case formID:
		return id
	case formSourceID:
		return object{{"type", anySingle}, {"minimum", 0}, {"maxLength", of.max}, {"pattern", sourceIDPattern.String()}}
	case formDate:
		return object{{"type", []string{"string", "integer"}}, {"minimum", 1000}, {"maximum", 9999}, {"pattern", "^[0-9]{4}(-" + monthDay + ")?$"}}
	case formDay:
		return object{{"type", "string"}, {"pattern", "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"}}
	case formNumber:
		return object{{"type", "integer"}, {"minimum", 1}}
	case formYesNo:
		return object{{"type", "boolean"}}
	case formStatus:
		return object{{"enum", Statuses}}
	case formURL:
		return object{{"type", "string"}, {"maxLength", of.max}, {"pattern", `^https?://[^\s/]`}}
	case formLanguage:
		return object{{"type", "string"}, {"pattern", languagePattern.String()}}
	case formLines:
		return list(line)
	case formAsked:
		return list(formAny.schema(of))
	case formGroups:
		return list(object{{"type", "array"}, {"items", line}, {"minItems", 2}})
	case formSources:
		return object{{"type", "object"}, {"minProperties", 1}, {"propertyNames", object{{"maxLength", MaxID}, {"pattern", sourceIDPattern.String()}}}, {"additionalProperties", ref("source")}}
	case formFacts:
		return list(ref("fact"))
	case formCites:
		return list(ref("cite"))
	case formTrials:
		return list(ref("trial"))
	case formWant:
		return object{{"anyOf", []object{{{"const", wantNone}}, {{"type", "array"}, {"items", id}, {"minItems", 1}}}}}
	}
	return line
}
