package knowledge

import (
	"context"
	"os"
	"testing"
)

func BenchmarkArticle(b *testing.B) {
	base, _, err := Open(context.Background(), os.DirFS("../facts"))
	if err != nil {
		b.Fatal(err)
	}
	defer base.Close()
	trials := base.Set().Trials
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := base.Ask(context.Background(), Question{Text: trials[i%len(trials)].Ask}); err != nil {
			b.Fatal(err)
		}
	}
}
