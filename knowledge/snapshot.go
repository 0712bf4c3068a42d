package knowledge

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
)

// A snapshot is a generation as bytes: what was read of the files, so that a start need not do it again. It holds nothing that the files don't say; the next load takes over what is still so, file by file and part by part, as
// it does from the generation in use when files change.
//
// It is a line that names the format, the table of the strings that come more than once, the files, the indexes, and a CRC-32C of all
// that. Numbers are unsigned varints; a text is its length and its bytes.

// snapshotVersion is to be raised whenever the same files would give other bytes: when the format changes, or what is kept of a fact. A test tells.
const snapshotVersion = 3

// snapshotFormat names the format.
func snapshotFormat() string { return strconv.Itoa(snapshotVersion) }

func snapshotHead() string { return "footnote snapshot " + snapshotFormat() + "\n" }

// errSnapshot is the error of a snapshot that is damaged or of another format.
var errSnapshot = errors.New("not a snapshot of this format")

// castagnoli is the polynomial that processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode writes the generation as a snapshot.
func (g *generation) encode() []byte {
	w := snapshotWriter{shared: map[string]uint64{"": 0}, table: []string{""}}
	w.text(g.set.Version)
	w.number(len(g.set.read))
	for _, f := range g.set.read {
		w.file(f)
	}
	body := w.out
	w.out = make([]byte, 0, len(body)+len(body)/8)
	w.out = append(w.out, snapshotHead()...)
	w.number(len(w.table))
	for _, s := range w.table {
		w.text(s)
	}
	w.out = append(w.out, body...)
	return binary.BigEndian.AppendUint32(w.out, crc32.Checksum(w.out, castagnoli))
}

// decodeSnapshot reads a snapshot. The generation can't be asked: it is for the next one to take over from.
func decodeSnapshot(data string) (*generation, error) {
	body, ok := strings.CutPrefix(data, snapshotHead())
	if !ok || len(body) < crc32.Size {
		return nil, errSnapshot
	}
	end := len(data) - crc32.Size
	sum, piece := uint32(0), make([]byte, 64<<10)
	for at := 0; at < end; {
		n := copy(piece, data[at:end])
		sum = crc32.Update(sum, castagnoli, piece[:n])
		at += n
	}
	if string(binary.BigEndian.AppendUint32(nil, sum)) != data[end:] {
		return nil, errSnapshot
	}
	return decodeBody(body[:len(body)-crc32.Size])
}

// decodeBody reads a snapshot without its head and its sum. Whatever the bytes are, it gives a generation that can be taken over from, or errSnapshot.
func decodeBody(body string) (*generation, error) {
	r := snapshotReader{rest: body}
	r.table = make([]string, r.count())
	for i := range r.table {
		r.table[i] = r.text()
	}
	set := &Set{Version: r.text()}
	set.read = make([]*readFile, r.count())
	for i := range set.read {
		set.read[i] = r.file()
	}
	g := &generation{set: set}
	if r.bad || r.rest != "" {
		return nil, errSnapshot
	}
	return g, nil
}

// A snapshotWriter writes a snapshot.
type snapshotWriter struct {
	out    []byte
	shared map[string]uint64 // number in the table
	table  []string
}

func (w *snapshotWriter) number(n int)  { w.out = binary.AppendUvarint(w.out, uint64(n)) }
func (w *snapshotWriter) flag(b bool)   { w.out = append(w.out, bit(b)) }
func (w *snapshotWriter) raw(b []byte)  { w.out = append(w.out, b...) }
func (w *snapshotWriter) text(s string) { w.number(len(s)); w.out = append(w.out, s...) }

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// often writes a text that comes more than once.
func (w *snapshotWriter) often(s string) {
	n, ok := w.shared[s]
	if !ok {
		n = uint64(len(w.table))
		w.shared[s] = n
		w.table = append(w.table, s)
	}
	w.out = binary.AppendUvarint(w.out, n)
}

func (w *snapshotWriter) texts(list []string) {
	w.number(len(list))
	for _, s := range list {
		w.text(s)
	}
}

func (w *snapshotWriter) file(f *readFile) {
	w.text(f.path)
	w.raw(f.sum[:])
	w.flag(f.broken)
	w.problems(f.asRead)
	w.flag(f.file != nil)
	if f.file != nil {
		w.often(f.file.Language)
		w.number(len(f.file.Synonyms))
		for _, group := range f.file.Synonyms {
			w.texts(group)
		}
		w.number(len(f.file.Sources))
		for _, s := range f.file.Sources {
			for _, field := range []string{s.ID, s.Title, s.Publisher, s.URL, string(s.Published), s.Note} {
				w.often(field)
			}
			w.number(s.Pos.Line)
			w.number(s.Pos.Col)
		}
	}
	w.number(len(f.parts))
	for _, p := range f.parts {
		w.part(p)
	}
}

func (w *snapshotWriter) problems(p problems) {
	w.number(p.more)
	w.number(len(p.list))
	for _, x := range p.list {
		w.often(x.Pos.File)
		w.number(x.Pos.Line)
		w.number(x.Pos.Col)
		w.number(int(x.Level))
		w.often(x.Rule)
		w.text(x.Msg)
		w.text(x.Hint)
	}
}

func (w *snapshotWriter) part(p *part) {
	w.raw(p.key[:])
	w.number(p.line)
	w.flag(p.broken)
	w.problems(p.probs)
	w.number(len(p.facts))
	for _, f := range p.facts {
		w.fact(f)
	}
	w.number(len(p.trials))
	for _, t := range p.trials {
		w.text(t.Ask)
		w.texts(t.After)
		w.texts(t.Want)
		w.flag(t.Sure)
		w.often(t.Voice)
		w.number(t.Pos.Line)
		w.number(t.Pos.Col)
	}
	for _, refs := range [][]ref{p.ids, p.supersedes, p.wants} {
		w.number(len(refs))
		for i, r := range refs {
			// Most are the ids of the facts in their order.
			same := i < len(p.facts) && p.facts[i].ID == r.id
			w.flag(same)
			if !same {
				w.text(r.id)
			}
			w.number(int(r.line))
			w.number(int(r.col))
		}
	}
}

func (w *snapshotWriter) fact(f *Fact) {
	w.text(f.ID)
	w.text(f.Text)
	w.number(f.Pos.Line)
	w.number(f.Pos.Col)
	more := f.SaidBy != "" || f.AsOf != "" || f.Status != Stated || f.SupersededBy != "" || f.ReviewBy != "" || f.Overview || f.Note != "" ||
		len(f.Topics)+len(f.Asks)+len(f.NotAsks) > 0
	w.flag(more) // what machines write has none of it
	if more {
		for _, field := range []string{f.SaidBy, string(f.AsOf), string(f.Status), f.SupersededBy, string(f.ReviewBy)} {
			w.often(field)
		}
		w.flag(f.Overview)
		w.text(f.Note)
		w.number(len(f.Topics))
		for _, t := range f.Topics {
			w.often(t)
		}
		w.texts(f.Asks)
		w.texts(f.NotAsks)
	}
	w.number(len(f.Cites))
	for _, c := range f.Cites {
		w.number(slices.Index(f.File.Sources, c.Source))
		w.number(c.Paragraph)
		for _, field := range []string{c.Section, c.Quote, c.URL} {
			w.often(field)
		}
	}
}

// A snapshotReader reads a snapshot. After something that can't be so it is bad, and gives zeros.
type snapshotReader struct {
	rest  string
	table []string
	bad   bool
}

func (r *snapshotReader) fail() {
	r.bad, r.rest = true, ""
}

func (r *snapshotReader) wideNumber() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		b := r.rest[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.fail()
	return 0
}

func (r *snapshotReader) number() int {
	n := r.wideNumber()
	if n > 1<<31-1 {
		r.fail()
		return 0
	}
	return int(n)
}

// count reads how many of something follow, each of at least a byte: so what is not there takes no memory.
func (r *snapshotReader) count() int {
	n := r.number()
	if n > len(r.rest) {
		r.fail()
		return 0
	}
	return n
}

func (r *snapshotReader) take(n int) string {
	if n > len(r.rest) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *snapshotReader) text() string { return r.take(r.count()) }

func (r *snapshotReader) flag() bool {
	s := r.take(1)
	return s != "" && s[0] == 1
}

func (r *snapshotReader) often() string {
	n := r.number()
	if n >= len(r.table) {
		r.fail()
		return ""
	}
	return r.table[n]
}

func (r *snapshotReader) texts() []string {
	return readList(r, r.text)
}

// readList reads a list; an empty one is nil.
func readList[T any](r *snapshotReader, read func() T) []T {
	n := r.count()
	if n == 0 {
		return nil
	}
	all := make([]T, n)
	for i := range all {
		all[i] = read()
	}
	return all
}

func (r *snapshotReader) file() *readFile {
	f := &readFile{path: r.text()}
	copy(f.sum[:], r.take(len(f.sum)))
	f.broken = r.flag()
	f.asRead = r.problems(f.path)
	f.probs = f.asRead
	if r.flag() {
		f.file = &File{Path: f.path, Language: r.often()}
		f.file.Synonyms = readList(r, r.texts)
		f.file.Sources = readList(r, func() *Source {
			s := &Source{ID: r.often(), Title: r.often(), Publisher: r.often(), URL: r.often(), Published: Date(r.often()), Note: r.often()}
			s.Pos = Pos{f.path, r.number(), r.number()}
			return s
		})
	}
	f.parts = readList(r, func() *part { return r.part(f) })
	if f.file != nil {
		n := 0
		for _, p := range f.parts {
			n += len(p.facts)
		}
		f.file.Facts = make([]*Fact, 0, n)
		for _, p := range f.parts {
			f.file.Facts = append(f.file.Facts, p.facts...)
		}
	}
	return f
}

func (r *snapshotReader) problems(path string) problems {
	return problems{file: path, more: r.number(), list: readList(r, func() Problem {
		return Problem{Pos{r.often(), r.number(), r.number()}, Level(r.number()), r.often(), r.text(), r.text()}
	})}
}

func (r *snapshotReader) part(f *readFile) *part {
	p := &part{path: f.path}
	copy(p.key[:], r.take(len(p.key)))
	p.line = r.number()
	p.broken = r.flag()
	p.probs = r.problems(f.path)
	if n := r.count(); n > 0 && f.file != nil {
		facts := make([]Fact, n)
		p.facts = make([]*Fact, n)
		cites := make([]Cite, 0, n)
		for i := range facts {
			cites = r.fact(&facts[i], f.file, cites)
			p.facts[i] = &facts[i]
		}
	} else if n > 0 {
		r.fail() // facts of a file of trials
	}
	p.trials = readList(r, func() Trial {
		return Trial{Ask: r.text(), After: r.texts(), Want: r.texts(), Sure: r.flag(), Voice: r.often(), Pos: Pos{f.path, r.number(), r.number()}}
	})
	for _, refs := range []*[]ref{&p.ids, &p.supersedes, &p.wants} {
		i := -1
		*refs = readList(r, func() ref {
			i++
			id := ""
			switch same := r.flag(); {
			case !same:
				id = r.text()
			case i < len(p.facts):
				id = p.facts[i].ID
			default:
				r.fail()
			}
			return ref{id: id, line: int32(r.number()), col: int32(r.number())}
		})
	}
	return p
}

// fact reads a fact; its cites are put at the end of those given.
func (r *snapshotReader) fact(f *Fact, file *File, cites []Cite) []Cite {
	f.ID, f.Text, f.File, f.Status = r.text(), r.text(), file, Stated
	f.Pos = Pos{file.Path, r.number(), r.number()}
	if r.flag() {
		f.SaidBy, f.AsOf, f.Status, f.SupersededBy, f.ReviewBy = r.often(), Date(r.often()), Status(r.often()), r.often(), Date(r.often())
		f.Overview = r.flag()
		f.Note = r.text()
		f.Topics = readList(r, r.often)
		f.Asks, f.NotAsks = r.texts(), r.texts()
	}
	n := r.count()
	if n == 0 {
		r.fail() // a fact has at least one
	}
	first := len(cites)
	for range n {
		source := r.number()
		if source >= len(file.Sources) {
			r.fail()
			return cites
		}
		cites = append(cites, Cite{Source: file.Sources[source], Paragraph: r.number(), Section: r.often(), Quote: r.often(), URL: r.often()})
	}
	f.Cites = slices.Clip(cites[first:])
	return cites
}
