package knowledge

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"footnote/knowledge/language"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/index/scorch"
)

// Plain is what one gets from bleve without any of this package's work: its analyzer of the facts' language (`en`), one match query, the
// scoring bleve has when nothing is said (tf-idf). It is what the engine is measured against, and answers nobody.
type Plain struct {
	index bleve.Index
	facts []*Fact
}

// NewPlain indexes each fact's text and the questions it is said to answer, all in the language of the first. Close it when done.
func NewPlain(ctx context.Context, facts []*Fact) (*Plain, error) {
	mapping := bleve.NewIndexMapping()
	mapping.DefaultAnalyzer = en.AnalyzerName
	if len(facts) > 0 && facts[0].File != nil {
		mapping.DefaultAnalyzer = language.Of(facts[0].File.Language).Analyzer()
	}
	mapping.StoreDynamic, mapping.DocValuesDynamic = false, false // the facts are in memory already; scores stay
	// bleve.NewMemOnly would use the older engine, which is slower and scores otherwise.
	index, err := bleve.NewUsing("", mapping, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, fmt.Errorf("plain index: %w", err)
	}
	p := &Plain{index: index, facts: facts}
	if err := p.add(ctx); err != nil {
		index.Close()
		return nil, fmt.Errorf("plain index: %w", err)
	}
	return p, nil
}

// plainBatch is how many facts go to the index at once; large enough that batches cost nothing, small enough to
// stop soon.
const plainBatch = 1000

func (p *Plain) add(ctx context.Context) error {
	batch := p.index.NewBatch()
	for i, f := range p.facts {
		doc := struct{ Text string }{strings.Join(append([]string{f.Text}, f.Asks...), "\n")}
		if err := batch.Index(fmt.Sprintf("%09d", i), doc); err != nil {
			return err
		}
		if batch.Size() < plainBatch && i < len(p.facts)-1 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.index.Batch(batch); err != nil {
			return err
		}
		batch.Reset()
	}
	return nil
}

// Search returns at most n facts, best first, with bleve's scores, which have no fixed scale. Equal scores keep the
// order in which the facts were given.
func (p *Plain) Search(ctx context.Context, question string, n int) ([]Candidate, error) {
	req := bleve.NewSearchRequestOptions(bleve.NewMatchQuery(question), n, 0, false)
	req.SortBy([]string{"-_score", "_id"}) // bleve's own order of equal scores differs from run to run
	found, err := p.index.SearchInContext(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("plain search: %w", err)
	}
	var best []Candidate
	for _, hit := range found.Hits {
		i, err := strconv.Atoi(hit.ID)
		if err != nil {
			return nil, fmt.Errorf("plain search: %w", err)
		}
		best = append(best, Candidate{Fact: p.facts[i], Score: hit.Score})
	}
	return best, nil
}

// Close frees the index.
func (p *Plain) Close() error { return p.index.Close() }
