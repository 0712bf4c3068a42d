package bot

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
	"footnote/knowledge"
)

// newKept is newStage with a journal, and with a copy of the folder that is watched, so that facts can be changed. The first server is a home.
func newKept(t *testing.T, folder string, o discordtest.Options) *stage {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	base, problems, err := knowledge.Open(ctx, os.DirFS(dir))
	if err != nil || knowledge.HasErrors(problems) {
		t.Fatal(err, problems)
	}
	t.Cleanup(func() { base.Close() })
	o.Spec = discordtest.FindSpec(t)
	g := &stage{t: t, s: discordtest.New(t, o), base: base, log: &bytes.Buffer{}, ctx: ctx}
	kept, err := journal.Open(ctx, journal.Options{Dir: t.TempDir(), Now: g.s.Clock().Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	f, err := knowledge.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	g.opts = Options{Facts: dir, Folder: f, Journal: kept, Homes: []string{g.s.Home().ID}}
	g.start()
	return g
}

// write adds to a fact file, as an editor on disk does.
func (g *stage) write(name, more string) {
	g.t.Helper()
	path := filepath.Join(g.opts.Facts, name)
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(data, more...), 0o644)
	}
	if err != nil {
		g.t.Fatal(err)
	}
}

// gapsKept waits until so many gaps are kept, asked so often in all, and gives them.
func (g *stage) gapsKept(n, asked int) []journal.Gap {
	g.t.Helper()
	for {
		all, err := g.opts.Journal.Gaps(g.ctx)
		if err != nil {
			g.t.Fatalf("%v; want %d gaps, asked %d times in all\n%s", err, n, asked, g.log)
		}
		count := 0
		for _, gap := range all {
			count += gap.Count
		}
		if len(all) == n && count == asked {
			return all
		}
	}
}
