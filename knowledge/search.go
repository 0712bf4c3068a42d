package knowledge

import (
	"context"
	"fmt"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"
)

// searchSize is how many facts a search of a large base brings to be ranked. On the public sets 97.5 % of the right
// sentences are among the first twenty.
const searchSize = 24

// A search is bleve's index of the facts of one language, for bases too large to score every fact of.
type search struct{ index bleve.Index }

// plainMapping indexes a text field with bleve's analyzer of the language and nothing else.
func plainMapping(language string) *mapping.IndexMappingImpl {
	text := bleve.NewTextFieldMapping()
	text.Analyzer = language
	text.Store, text.IncludeTermVectors, text.IncludeInAll, text.DocValues = false, false, false, false
	m := bleve.NewIndexMapping()
	m.DefaultMapping = bleve.NewDocumentStaticMapping()
	m.DefaultMapping.AddFieldMappingsAt("text", text)
	m.DefaultMapping.AddFieldMappingsAt("asks", text)
	return m
}

// newMemoryIndex makes an empty index in memory. Not NewMemOnly: that is the old engine, slower to fill.
func newMemoryIndex(m mapping.IndexMapping) (bleve.Index, error) {
	return bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
}

func newSearch(ctx context.Context, language string, facts []*Fact) (*search, error) {
	idx, err := newMemoryIndex(plainMapping(language))
	if err != nil {
		return nil, fmt.Errorf("index facts: %w", err)
	}
	const batchSize = 2000
	batch := idx.NewBatch()
	for i, f := range facts {
		doc := map[string]any{"text": f.Text}
		if len(f.Asks) > 0 {
			doc["asks"] = f.Asks
		}
		if err := batch.Index(strconv.Itoa(i), doc); err != nil {
			return nil, fmt.Errorf("index facts: %w", err)
		}
		if batch.Size() == batchSize || i == len(facts)-1 {
			if err := ctx.Err(); err != nil {
				idx.Close()
				return nil, err
			}
			if err := idx.Batch(batch); err != nil {
				return nil, fmt.Errorf("index facts: %w", err)
			}
			batch = idx.NewBatch()
		}
	}
	return &search{idx}, nil
}

// find returns the numbers of the facts that match the words best.
func (s *search) find(ctx context.Context, text string, asks bool, n int) ([]int, error) {
	var q query.Query
	m := bleve.NewMatchQuery(text)
	m.SetField("text")
	q = m
	if asks {
		a := bleve.NewMatchQuery(text)
		a.SetField("asks")
		q = bleve.NewDisjunctionQuery(m, a)
	}
	req := bleve.NewSearchRequestOptions(q, n, 0, false)
	res, err := s.index.SearchInContext(ctx, req)
	if err != nil {
		return nil, err
	}
	out := make([]int, 0, len(res.Hits))
	for _, h := range res.Hits {
		i, err := strconv.Atoi(h.ID)
		if err != nil {
			return nil, fmt.Errorf("index holds %q", h.ID)
		}
		out = append(out, i)
	}
	return out, nil
}

func (s *search) close() error { return s.index.Close() }
