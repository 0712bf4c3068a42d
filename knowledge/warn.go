package knowledge

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"footnote/knowledge/encoder"
	"footnote/knowledge/language"

	"golang.org/x/sync/errgroup"
)

// maxChecked is how many wordings a base may have for its asks to be checked: asking them takes about a minute then.
const maxChecked = 2000

// CheckAsks asks the base each of its facts' own asks, word for word, and warns of each that its fact does not answer for sure, however careful the bot
// is to be: another fact has nearly the same ask, a not_ask of the fact means the same, or the ask names a code that the fact lacks. It calls progress, which may
// be nil, after each ask, one call at a time. Checked is false where there are too many wordings for that.
func (b *Base) CheckAsks(ctx context.Context, progress func(done, of int)) (warnings []Problem, checked bool, err error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	g := b.cur
	wordings := 0
	type own struct {
		fact *Fact
		ask  string
	}
	var all []own
	for _, f := range g.set.Facts {
		wordings += 1 + len(f.Asks) + len(f.NotAsks)
		if !mayAnswer(f) {
			continue
		}
		for _, ask := range f.Asks {
			all = append(all, own{f, ask})
		}
	}
	if wordings > maxChecked {
		return nil, false, nil
	}
	found := make([]*Problem, len(all))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var told sync.Mutex
	done := 0
	for i, o := range all {
		group.Go(func() error {
			msg, hint, err := g.notSure(groupCtx, o.fact, o.ask)
			if err != nil {
				return err
			}
			if msg != "" {
				found[i] = &Problem{Pos: o.fact.Pos, Level: levelOf(ruleAskNotSure), Rule: ruleAskNotSure, Msg: msg, Hint: hint}
			}
			told.Lock()
			defer told.Unlock()
			if done++; progress != nil {
				progress(done, len(all))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, false, err
	}
	places := placesOfAsks{fsys: b.fsys, sheets: map[string]*sheet{}}
	for i, p := range found {
		if p != nil {
			p.Pos = places.of(all[i].fact, all[i].ask)
			warnings = append(warnings, *p)
		}
	}
	sortProblems(warnings)
	return warnings, true, nil
}

const ruleAskNotSure = "ask-not-sure"

// notSure says why a fact's own ask is not answered by it for sure, and what can be done; both are empty where it is.
func (g *generation) notSure(ctx context.Context, f *Fact, ask string) (msg, hint string, err error) {
	j, err := g.judge(ctx, ask, nil, true)
	if err != nil {
		return "", "", err
	}
	if j.sure(g.model, Careful) && slices.Contains(g.choose(j), f) {
		return "", "", nil
	}
	said := fmt.Sprintf("this fact does not surely answer its own ask %s", show(ask))
	var lacks []string
	held := language.Codes(f.Text)
	for _, c := range language.Codes(ask) {
		if !slices.Contains(held, c) {
			lacks = append(lacks, c)
		}
	}
	if len(lacks) > 0 {
		return fmt.Sprintf("%s: the fact's text does not name “%s”", said, strings.Join(lacks, "”, “")), "name it in the text, or move the ask to the fact that is about it", nil
	}
	var rival string // a fact whose ask is nearly the same
	in := false      // the fact is among those that came out, so nothing forbids it
	if j != nil {
		for i := range j.v.Facts {
			other := j.fact(i)
			in = in || other == f
			if rival == "" && other != f {
				rival = fmt.Sprintf("%s has nearly the same", other.ID)
				if len(other.Asks) > 0 {
					rival = fmt.Sprintf("%s has nearly the same, %s", other.ID, show(j.question(i)))
				}
			}
		}
	}
	if !in && len(f.NotAsks) > 0 {
		return fmt.Sprintf("%s: its not_ask %s means nearly the same", said, show(g.nearestOf(f.NotAsks, ask))), "remove one of them, or write them further apart", nil
	}
	if rival == "" {
		return said, "ask it in other words", nil
	}
	return said + ": " + rival, "keep the ask at the fact that answers it best, or say in it what tells the two apart", nil
}

// nearestOf is the text that is nearest to the question in meaning.
func (g *generation) nearestOf(texts []string, question string) string {
	v := g.vectors.question(question, false).multi
	best, most := "", -2.0
	for _, t := range texts {
		if c := encoder.Cosine(v, g.vectors.question(t, false).multi); c > most {
			best, most = t, c
		}
	}
	return best
}

// placesOfAsks finds where asks are written.
type placesOfAsks struct {
	fsys   fs.FS
	sheets map[string]*sheet // of the files, by path; nil where the lines of the facts can't be told apart
}

// of gives the place of the fact's ask, or of the fact where the ask can't be found: the file may be written in another form, or have changed since it was read.
func (p *placesOfAsks) of(f *Fact, ask string) Pos {
	s, known := p.sheets[f.File.Path]
	if !known {
		if data, err := fs.ReadFile(p.fsys, f.File.Path); err == nil {
			if s, err = newSheet(data); err != nil {
				s = nil
			}
		}
		p.sheets[f.File.Path] = s
	}
	if s == nil {
		return f.Pos
	}
	i, err := s.find(f.ID)
	if err != nil {
		return f.Pos
	}
	item := itemOf(s.text(i))
	if item == nil {
		return f.Pos
	}
	asks := item.get("asks")
	if asks == nil {
		return f.Pos
	}
	for _, a := range asks.items {
		if a.text == ask {
			return Pos{File: f.Pos.File, Line: f.Pos.Line - item.line + a.line, Col: a.col}
		}
	}
	return f.Pos
}
