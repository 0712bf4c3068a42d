package knowledge

import (
	"context"

	"footnote/knowledge/rank"
)

// Evidence gives what the ranker has to go by for a question: to train it. facts are those that the rows' entries stand for. There is none where no fact is loaded.
func (b *Base) Evidence(ctx context.Context, q Question) (t *rank.Table, facts []*Fact, err error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	j, err := b.cur.judge(ctx, q.Text, q.History, false)
	if err != nil || j == nil {
		return nil, nil, err
	}
	return j.table, j.x.facts, nil
}

// Reads reads each of the texts beside the question, as the ranker does at its second look: to train it.
func (b *Base) Reads(question string, texts []string, english bool) []float32 {
	return b.vectors.reads(question, texts, english)
}
