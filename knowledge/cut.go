package knowledge

import (
	"bytes"
	"hash/crc32"
)

// How much of a list is parsed in one go. A node of yaml takes about four times the memory of its text, so this bounds
// what a large file costs while it is read, and lets its parts be read side by side. Measured over 140,000 one-line facts,
// anything from 16 KB to 256 KB is as fast.
//
// Where a chunk ends depends on the text alone, not on what comes before: after a change, the chunks below it are
// those there were, and need not be read again. On average every chunkEvery-th item of a chunk large enough ends it.
const (
	minChunk   = 16 << 10
	maxChunk   = 128 << 10
	chunkEvery = 128
)

// beginsChunk reports whether an item may begin a chunk, by the first of its bytes.
func beginsChunk(item []byte) bool {
	return crc32.ChecksumIEEE(item[:min(len(item), 80)])%chunkEvery == 0
}

// A pieces is a file cut at the items of its top-level lists.
//
// Cutting keeps memory bounded, uses every core, and lets a syntax error in one item be told without
// losing the others. It never changes what a file means: in a block list, YAML wants every line of an item indented
// further than the list's dashes, so a line that begins with the list's dash can only begin an item.
type pieces struct {
	head  []byte // the file with the lines of all items left empty, so that lines keep their numbers
	lists []list
}

// A list is one top-level block list, such as the one below "facts:".
type list struct {
	line   int // of its key
	chunks []chunk
}

// A chunk is some whole items of a list.
type chunk struct {
	from  int // offset of text in the file
	line  int // of the first line of text
	text  []byte
	items []int // offsets in text at which the items begin
}

// cut cuts the file at the items of the lists below the top-level keys.
func cut(data []byte, keys ...string) pieces {
	var p pieces
	head := make([]byte, 0, min(len(data), 4096))
	var in *list   // the list we are in, if any
	var indent int // of its dashes
	var key int    // line of a list's key whose first item has not come yet; 0 if none
	line := 0
	for start := 0; start < len(data); {
		end := start + bytes.IndexByte(data[start:], '\n') + 1
		if end == start {
			end = len(data)
		}
		text := data[start:end]
		line++
		n, dash := dashAt(text)
		switch {
		case in != nil && endsList(text, indent):
			in = nil
		case in == nil && key > 0 && dash:
			p.lists = append(p.lists, list{line: key})
			in, indent = &p.lists[len(p.lists)-1], n
		}
		if in != nil {
			isItem := dash && n == indent
			in.add(data, start, end, line, isItem)
			head = append(head, '\n')
		} else {
			head = append(head, text...)
		}
		if !blankOrComment(text) || in != nil {
			key = 0
		}
		if in == nil && isKey(text, keys) {
			key = line
		}
		start = end
	}
	p.head = head
	return p
}

// add adds the line data[start:end] to the list, beginning a new chunk at an item where the last chunk is full.
func (l *list) add(data []byte, start, end, line int, isItem bool) {
	last := len(l.chunks) - 1
	if last < 0 || isItem && l.chunks[last].endsBefore(data[start:end]) {
		l.chunks = append(l.chunks, chunk{from: start, line: line, text: data[start:start]})
		last++
	}
	c := &l.chunks[last]
	if isItem {
		c.items = append(c.items, len(c.text))
	}
	c.text = c.text[:len(c.text)+end-start]
}

// endsBefore reports whether the chunk ends before an item.
func (c *chunk) endsBefore(item []byte) bool {
	return len(c.text) >= maxChunk || len(c.text) >= minChunk && beginsChunk(item)
}

// dashAt reports whether a line begins with spaces and a list's dash, and after how many spaces.
func dashAt(line []byte) (indent int, ok bool) {
	for indent < len(line) && line[indent] == ' ' {
		indent++
	}
	rest := line[indent:]
	if len(rest) == 0 || rest[0] != '-' {
		return 0, false
	}
	return indent, len(rest) == 1 || bytes.IndexByte([]byte(" \t\r\n"), rest[1]) >= 0
}

// endsList reports whether a line stands at the left margin and is neither an item of the list nor a comment.
// A line that is indented too little for the list still counts to it: that is a mistake, to be told there.
func endsList(line []byte, indent int) bool {
	if len(line) == 0 || bytes.IndexByte([]byte(" \t\r\n#"), line[0]) >= 0 {
		return false
	}
	_, dash := dashAt(line)
	return !dash
}

func blankOrComment(line []byte) bool {
	text := bytes.TrimSpace(line)
	return len(text) == 0 || text[0] == '#'
}

// isKey reports whether a line is one of the keys at the left margin with nothing after its colon but a comment.
func isKey(line []byte, keys []string) bool {
	for _, key := range keys {
		if rest, ok := bytes.CutPrefix(line, []byte(key)); ok {
			rest, ok = bytes.CutPrefix(rest, []byte(":"))
			return ok && blankOrComment(rest) && (len(rest) == 0 || rest[0] != '#')
		}
	}
	return false
}

// hasList reports whether a list was cut out below the key on a line.
func (p pieces) hasList(line int) bool {
	for _, l := range p.lists {
		if l.line == line {
			return true
		}
	}
	return false
}
