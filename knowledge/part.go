package knowledge

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
)

// A part is some whole facts or trials of a file, as they were read. It never changes. Most parts of a file stay as they are from one load to
// the next; those are taken over, and so is what the index made of them.
type part struct {
	key    partKey // says what it was read from: the same key, the same facts, but for their places
	path   string  // of the file
	line   int     // on which the text begins
	broken bool    // whether some of it could not be read
	probs  problems

	facts      []*Fact // of a fact file
	trials     []Trial // of a trial file
	ids        []ref   // ids of facts
	supersedes []ref   // what superseded_by names
	wants      []ref   // what trials want
}

// A partKey is the hash of a part's text and of what its facts take from the head of their file.
type partKey [sha256.Size]byte

// settle notes what facts take from the head of their file, once that is read: the same text below another head is another part.
func (o *origin) settle() {
	var b strings.Builder
	if o.file == nil {
		b.WriteString("trials")
	} else {
		fmt.Fprintf(&b, "facts %q", o.file.Language)
		for _, s := range o.file.Sources {
			fmt.Fprintf(&b, " %q %q", s.ID, s.Title)
		}
	}
	o.shared = b.String()
}

// key returns the key of a part with the text.
func (o *origin) key(text []byte) partKey {
	h := sha256.New()
	fmt.Fprintf(h, "%d %s", len(o.shared), o.shared)
	h.Write(text)
	return partKey(h.Sum(nil))
}

// trials goes through the trials of a file.
func (r *readFile) trials() iter.Seq[*Trial] {
	return func(yield func(*Trial) bool) {
		for _, p := range r.parts {
			for i := range p.trials {
				if !yield(&p.trials[i]) {
					return
				}
			}
		}
	}
}

// knownParts finds what an earlier load has read already. A nil one knows nothing.
type knownParts struct {
	files map[string]*readFile // by path
	parts func() map[partKey]*part
}

func newKnownParts(was *Set) *knownParts {
	if was == nil {
		return nil
	}
	k := &knownParts{files: make(map[string]*readFile, len(was.read))}
	for _, f := range was.read {
		k.files[f.path] = f
	}
	// Only a file that has changed is looked for part by part.
	k.parts = sync.OnceValue(func() map[partKey]*part {
		all := map[partKey]*part{}
		for _, f := range was.read {
			for _, p := range f.parts {
				all[p.key] = p
			}
		}
		return all
	})
	return k
}

// file returns the file with the path and the very bytes, or nil.
func (k *knownParts) file(path string, sum [sha256.Size]byte) *readFile {
	if k == nil {
		return nil
	}
	f := k.files[path]
	if f == nil || f.sum != sum {
		return nil
	}
	again := *f
	again.probs = f.asRead
	again.probs.list = slices.Clip(again.probs.list) // the rules over all files add theirs
	return &again
}

// part returns the part with the key as it is read from a place in a file, or nil.
func (k *knownParts) part(key partKey, line int, from origin) *part {
	if k == nil {
		return nil
	}
	p := k.parts()[key]
	if p == nil || p.broken || len(p.probs.list) > 0 && (p.line != line || p.path != from.path) {
		return nil // problems name lines in their words, too
	}
	return p.at(line, from)
}

// at returns the part as it is at another place. Its facts are those there were, but for their places, files and sources.
func (p *part) at(line int, from origin) *part {
	down := line - p.line
	moved := *p
	moved.path, moved.line = from.path, line
	moved.ids = refsDown(p.ids, down)
	moved.supersedes = refsDown(p.supersedes, down)
	moved.wants = refsDown(p.wants, down)
	moved.trials = slices.Clone(p.trials)
	for i := range moved.trials {
		t := &moved.trials[i]
		t.Pos = Pos{from.path, t.Pos.Line + down, t.Pos.Col}
	}
	if len(p.facts) == 0 {
		return &moved
	}
	facts := make([]Fact, len(p.facts))
	moved.facts = make([]*Fact, len(p.facts))
	n := 0
	for _, f := range p.facts {
		n += len(f.Cites)
	}
	cites := make([]Cite, 0, n)
	sources := p.facts[0].File.Sources
	for i, f := range p.facts {
		g := &facts[i]
		*g = *f
		g.File = from.file
		g.Pos = Pos{from.path, f.Pos.Line + down, f.Pos.Col}
		first := len(cites)
		cites = append(cites, f.Cites...)
		g.Cites = slices.Clip(cites[first:])
		for k := range g.Cites {
			// The key says that the files have the same sources in the same order.
			g.Cites[k].Source = from.file.Sources[slices.Index(sources, g.Cites[k].Source)]
		}
		moved.facts[i] = g
	}
	return &moved
}

func refsDown(refs []ref, down int) []ref {
	if down == 0 {
		return refs
	}
	moved := slices.Clone(refs)
	for i := range moved {
		moved[i].line += int32(down)
	}
	return moved
}
