package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"
)

const (
	// maxPiece is the most bytes of YAML that are parsed in one go: one item of a list, or all of a file that is
	// not in the lists. A parsed piece takes up to thirty times its size, here 120 MB.
	maxPiece = 4 << 20
	// maxDepth is how deep lists and mappings may be nested. A fact file needs six levels.
	maxDepth = 20
)

// A kind is what sort of YAML node a value is.
type kind int

const (
	nullKind kind = iota
	scalarKind
	listKind
	mapKind
)

// String names the kind as a moderator would.
func (k kind) String() string {
	return [...]string{"nothing", "a single value", "a list", "a mapping"}[k]
}

// A value is one YAML node with its place. Anchors, aliases and tags are gone: they have been told as problems.
type value struct {
	kind      kind
	text      string   // of a scalar, as YAML decodes it
	tag       string   // of a scalar, as YAML reads it: "!!str", "!!int", "!!bool", ...
	line, col int      // from 1, col in characters
	keys      []*value // of a mapping
	items     []*value // of a list; or of a mapping, beside keys
	cut       bool     // whether the items of the list were cut out
}

// get returns the value of a key of a mapping, or nil.
func (v *value) get(key string) *value {
	for i, k := range v.keys {
		if k.text == key {
			return v.items[i]
		}
	}
	return nil
}

// parseHead parses what is left of a file when the items of its lists are cut out. It returns nil when there is nothing
// in it, "---" and comments aside, or nothing that can be read.
func parseHead(text []byte, probs *problems) *value {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if len(text) > maxPiece {
		probs.unread = append(probs.unread, text)
		probs.add(0, 0, "piece-large", fmt.Sprintf("%s of the file are not in a list whose items begin on lines of their own, limit %s", size(len(text)), size(maxPiece)),
			`write "facts:" on a line of its own and each fact below it on lines of its own, beginning with a dash`)
		return nil
	}
	if err := escapedStandIn(text); err != nil {
		probs.syntax(text, 1, err)
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(hide(text)))
	doc, err := next(dec)
	if err == io.EOF {
		return nil
	}
	if err != nil {
		probs.syntax(text, 1, err)
		return nil
	}
	switch second, err := next(dec); {
	case err == io.EOF:
	case err != nil:
		probs.syntax(text, 1, err)
	default:
		probs.add(second.Line, second.Column, "document-second", "a second YAML document begins here", `remove the line "---": a file is one document`)
	}
	root := convert(doc.Content[0], 1, 0, probs)
	if root.kind == nullKind {
		return nil // and its place is where yaml looked in vain, which may be behind the last line
	}
	return root
}

// parseChunk parses the items of one chunk. An item that is not YAML is told and left out.
func parseChunk(c chunk, probs *problems) []*value {
	if len(c.text) <= maxPiece {
		if node, err := parse(c.text); err == nil && node != nil {
			return convert(node, c.line, 0, probs).items
		}
	}
	// Something is wrong: parse the items one by one, so that the others can be checked nonetheless.
	var items []*value
	line, from := c.line, 0
	for i := range c.items {
		end := len(c.text)
		if i+1 < len(c.items) {
			end = c.items[i+1]
		}
		text := c.text[from:end]
		if len(text) > maxPiece {
			probs.unread = append(probs.unread, text)
			probs.add(line, 1, "piece-large", fmt.Sprintf("an item of %s, limit %s", size(len(text)), size(maxPiece)), "a fact is one sentence")
		} else if node, err := parse(text); err != nil {
			probs.syntax(text, line, err)
		} else if node != nil {
			items = append(items, convert(node, line, 0, probs).items...)
		}
		line += bytes.Count(text, []byte("\n"))
		from = end
	}
	return items
}

// parse parses one YAML document; the node is nil when there is nothing in it.
func parse(text []byte) (*yaml.Node, error) {
	if err := escapedStandIn(text); err != nil {
		return nil, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(hide(text)))
	doc, err := next(dec)
	if err == io.EOF {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// What follows the document is only looked at when it is asked for; nothing may be lost unseen.
	switch second, err := next(dec); {
	case err == io.EOF:
		return doc.Content[0], nil
	case err != nil:
		return nil, err
	default:
		return nil, &syntaxError{says: "did not find expected <document start>", at: mark{second.Line, second.Column}}
	}
}

// next parses the next document, whose place is that of its "---", if it has one, and its only content what is in it; its error is io.EOF or a *syntaxError. A panic of yaml becomes an error: it has had
// some on odd input, and no file may stop the bot.
func next(dec *yaml.Decoder) (doc *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
		if err != nil && err != io.EOF {
			doc, err = nil, newSyntaxError(dec, err)
		}
	}()
	doc = new(yaml.Node)
	if err := dec.Decode(doc); err != nil {
		return nil, err
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, errors.New("no document")
	}
	return doc, nil
}

// convert makes values of nodes, telling what fact files don't use of YAML. The node's line 1 is the file's given line.
func convert(n *yaml.Node, line, depth int, probs *problems) *value {
	v := &value{line: n.Line + line - 1, col: n.Column}
	if n.Anchor != "" {
		probs.add(v.line, v.col, "anchor", fmt.Sprintf("the anchor &%s is not allowed", n.Anchor), "write the value out wherever it is needed; put text that begins with & in quotes")
	}
	if n.Kind == yaml.AliasNode {
		probs.add(v.line, v.col, "alias", fmt.Sprintf("the alias *%s is not allowed", n.Value), "write the value out; put text that begins with * in quotes")
		return v
	}
	if n.Style&yaml.TaggedStyle != 0 {
		probs.add(v.line, v.col, "tag", fmt.Sprintf("the tag %s is not allowed", n.Tag), "remove it; put text that begins with ! in quotes")
	}
	if depth > maxDepth {
		probs.add(v.line, v.col, "nested-deep", fmt.Sprintf("lists and mappings are nested more than %d deep", maxDepth), "a fact needs no more than three levels; is a text in brackets missing its quotes?")
		return v
	}
	switch n.Kind {
	case yaml.ScalarNode:
		v.kind, v.text, v.tag = scalarKind, unhide(n.Value, n.Style&yaml.DoubleQuotedStyle != 0), n.ShortTag()
		if v.tag == "!!null" {
			v.kind = nullKind
		}
		// `Room #2 is closed.` is "Room" to YAML, and nobody means that.
		if c := n.LineComment; n.Style == 0 && len(c) > 1 && c[0] == '#' && c[1] != ' ' && c[1] != '#' && c[1] != '\t' {
			probs.add(v.line, v.col, "text-comment", fmt.Sprintf("%s is a comment, and no part of the text before it", show(unhide(c, false))), `put the text in quotation marks, or a space after the "#"`)
		}
	case yaml.SequenceNode:
		v.kind, v.items = listKind, make([]*value, 0, len(n.Content))
		for _, c := range n.Content {
			v.items = append(v.items, convert(c, line, depth+1, probs))
		}
	case yaml.MappingNode:
		v.kind = mapKind
		for i := 0; i+1 < len(n.Content); i += 2 {
			v.keys = append(v.keys, convert(n.Content[i], line, depth+1, probs))
			v.items = append(v.items, convert(n.Content[i+1], line, depth+1, probs))
		}
	}
	return v
}
