package knowledge

import (
	"fmt"
	"slices"
	"strings"
)

// AddSources returns the file with more sources, at the end of those there are. Lines are inserted and none is changed; a source that is there
// already, with all it says, is not written twice. But in a file that had just one source, each place that left it out is made to name it, since a
// second source makes that a problem; what the facts say stays the same.
//
// The error is [ErrConflict] when there is another source of such an id, and [ErrForm] when the file can't be changed safely.
func AddSources(file []byte, sources ...NewSource) ([]byte, error) {
	if err := (Patch{}).valid("", sources); err != nil {
		return nil, err
	}
	s, err := newSheet(file)
	if err != nil {
		return nil, err
	}
	return s.addSources(sources).bytes()
}

// addSources adds sources at the end of the sources.
func (s *sheet) addSources(sources []NewSource) *sheet {
	if s.err != nil {
		return s
	}
	var only string
	if s.root != nil {
		if all := s.root.get("sources"); all != nil && all.kind == mapKind && len(all.keys) == 1 {
			only = all.keys[0].text
		}
	}
	for _, src := range sources {
		s = s.addSource(src)
	}
	if s.err == nil && only != "" && len(s.root.get("sources").keys) > 1 {
		s = s.nameSource(only)
	}
	return s
}

// nameSource makes each place that left the source out name it.
func (s *sheet) nameSource(id string) *sheet {
	data := s.data
	want := make([]*value, len(s.items))
	for i, item := range slices.Backward(s.items) {
		want[i] = itemOf(s.text(i))
		if want[i] == nil || want[i].kind != mapKind {
			continue
		}
		fact, err := newPassage(s.text(i), s.eolAt(i), true)
		if err != nil {
			return &sheet{err: err}
		}
		for m := fact.unnamed(); m != nil; m = fact.unnamed() {
			if err := fact.put(m, "source", nameOf(id)); err != nil {
				return &sheet{err: err}
			}
		}
		want[i] = fact.mapping()
		data = slices.Concat(data[:item.from], fact.text, data[item.to:])
	}
	t, err := newSheet(data)
	if err != nil {
		return &sheet{err: err}
	}
	same := len(t.items) == len(want) && s.root.like(t.root)
	for i := range t.items {
		v := itemOf(t.text(i))
		same = same && (v == nil) == (want[i] == nil) && (v == nil || v.like(want[i]))
	}
	if !same {
		return &sheet{err: fmt.Errorf("%w: the source can't be named in each place that left it out", ErrForm)}
	}
	t.bom = s.bom
	return t
}

// unnamed is the first place of a fact that names no source, or nil.
func (p *passage) unnamed() *value {
	cites := p.mapping().get("cite")
	if cites == nil || cites.kind != listKind {
		return nil
	}
	for _, c := range cites.items {
		if c.kind == mapKind && len(c.keys) > 0 && c.get("source") == nil {
			return c
		}
	}
	return nil
}

// put gives a mapping one more key, before all it has.
func (p *passage) put(m *value, key string, v *value) error {
	want, st := *m, p.style(m)
	want.keys, want.items = slices.Clone(m.keys), slices.Clone(m.items)
	want.put(key, v)
	text := nameOf(key).inline(st) + ": " + v.inline(st) + ", "
	if !st.flow {
		text = nameOf(key).inline(st) + ": " + v.inline(st) + p.eol + strings.Repeat(" ", m.keys[0].col-1)
	}
	at := p.offset(m.keys[0])
	return p.become(change{at, at, text}, m, &want)
}
