package bot

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footnote/bot/discordtest"
	"footnote/bot/journal"
)

// TestUndo holds what can be taken back, and what can't any more: an upload, a change on disk, an undo; and nothing that another edit came after.
func TestUndo(t *testing.T) {
	o := newOffice(t, "testdata/dialogue")
	mod := o.mod
	original := o.file("bridge.yaml")
	o.untilTrue()
	confirm := func(m discordtest.Message) string {
		t.Helper()
		c := o.click(mod, m, "Confirm")
		if !strings.HasPrefix(c.Content, "✅") {
			t.Fatalf("not confirmed: %s", c.Content)
		}
		return c.Content
	}
	last := func(kind journal.EditKind) string {
		t.Helper()
		for {
			edits, err := o.moderates.Edits(o.ctx)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(edits); n > 0 && edits[n-1].Kind == kind && edits[n-1].State == journal.Done {
				return edits[n-1].ID
			}
		}
	}
	undo := func(id string) discordtest.Message {
		t.Helper()
		o.s.Advance(60e9)
		return o.slash(mod, o.general, "facts undo", discordtest.Args{"edit": id})
	}

	uploaded := strings.Replace(original, "40 million", "41 million", 1)
	confirm(o.slash(mod, o.general, "facts upload", discordtest.Args{"file": discordtest.Upload{Name: "bridge.yaml", Data: []byte(uploaded)}}))
	upload := last(journal.Uploaded)
	confirm(undo(upload))
	if o.file("bridge.yaml") != original {
		t.Error("an upload is not taken back byte for byte")
	}
	confirm(undo(last(journal.Undid)))
	if o.file("bridge.yaml") != uploaded {
		t.Error("an undo is not taken back byte for byte")
	}

	o.untilTrue()                                        // the upload is noticed as what it is
	o.replace("bridge.yaml", "41 million", "42 million") // as an editor or git does
	disk := last(journal.OnDisk)
	o.told("💾 On disk: changed `bridge-cost` in `bridge.yaml`\n> ~~“The bridge is to cost 41 million crowns.”~~\n> “The bridge is to cost 42 million crowns.”")
	if m := undo(upload); !strings.Contains(m.Content, "no longer applies") {
		t.Errorf("an upload is undone though the file changed since: %s", m.Content)
	}
	h := o.slash(mod, o.general, "facts history", discordtest.Args{"fact": "bridge-cost"})
	if !strings.Contains(h.Content, "On disk") || !strings.Contains(h.Content, "42 million") {
		t.Errorf("a change on disk is not in the history: %s", h.Content)
	}
	f := o.form(mod, "facts edit", discordtest.Args{"fact": "bridge-place"})
	confirm(o.submit(mod, f, discordtest.Values{"text": "The bridge is to cross the river at the mill."}))
	confirm(undo(disk)) // of another fact of the same file
	if o.file("bridge.yaml") != strings.Replace(uploaded, "at the old ferry landing", "at the mill", 1) {
		t.Errorf("a change on disk is not taken back, or more than it:\n%s", o.file("bridge.yaml"))
	}
	if m := undo(disk); !strings.Contains(m.Content, "no longer applies") {
		t.Errorf("a change is undone twice: %s", m.Content)
	}

	trials := "trials:\n  - {ask: How much will the bridge cost?, want: [bridge-cost]}\n  - {ask: Will it be loud?, want: none}\n"
	if m := o.slash(mod, o.general, "facts upload", discordtest.Args{"file": discordtest.Upload{Name: "bridge_test.yaml", Data: []byte(trials)}}); !strings.Contains(m.Content, "holds trials") {
		t.Errorf("trials are taken as a fact file: %s", m.Content)
	}
	o.write("bridge_test.yaml", trials)
	if _, _, problems, err := o.base.Reload(o.ctx); err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	w := o.slash(mod, o.general, "facts withdraw", discordtest.Args{"fact": "bridge-cost", "why": "it costs less"})
	if !strings.Contains(w.Content, "Breaks the trial") || !strings.Contains(w.Content, "bridge_test.yaml:2") {
		t.Errorf("a trial that breaks is not marked: %s", w.Content)
	}
	d := o.slash(mod, o.general, "facts download", discordtest.Args{"file": "bridge_test.yaml"})
	if len(d.Files) != 1 || string(d.Files[0].Data) != trials {
		t.Errorf("the trials can't be downloaded: %+v", d)
	}
}

// TestNewFile holds that a fact may begin a file of its own, with its source.
func TestNewFile(t *testing.T) {
	o := newOffice(t, "testdata/dialogue")
	f := o.form(o.mod, "facts add", discordtest.Args{"file": "tunnel.yaml"})
	m := o.submit(o.mod, f, discordtest.Values{"text": "There is no tunnel.", "sources": "On tunnels | https://tunnel.example | 2024-05", "details": "status: confirmed"})
	if m = o.click(o.mod, m, "Confirm"); !strings.HasPrefix(m.Content, "✅") {
		t.Fatal(m.Content)
	}
	want := "sources:\n  tunnels:\n    title: On tunnels\n    url: https://tunnel.example\n    published: 2024-05\nfacts:\n  - id: tunnel\n    text: There is no tunnel.\n    cite:\n      - {source: tunnels}\n    status: confirmed\n"
	if got := o.file("tunnel.yaml"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	o.click(o.mod, o.click(o.mod, m, "Undo"), "Confirm")
	if _, err := os.Stat(filepath.Join(o.dir, "tunnel.yaml")); !errors.Is(err, fs.ErrNotExist) || o.base.Set().Fact("tunnel") != nil {
		t.Error("the file is not taken back", err)
	}
	edits, err := o.moderates.Edits(o.ctx)
	if err != nil {
		t.Fatal(err)
	}
	o.click(o.mod, o.slash(o.mod, o.general, "facts undo", discordtest.Args{"edit": edits[len(edits)-1].ID}), "Confirm")
	if got := o.file("tunnel.yaml"); got != want {
		t.Errorf("taking that back gives:\n%s", got)
	}
}

// TestAttachmentHosts holds from whom attachments are fetched.
func TestAttachmentHosts(t *testing.T) {
	api := httptest.NewServer(http.NotFoundHandler())
	defer api.Close()
	for _, c := range []struct {
		base, url string
		want      bool
	}{
		{"", "https://cdn.discordapp.com/attachments/1/2/x.yaml?ex=1&is=2&hm=3&", true},
		{"", "https://media.discordapp.net/attachments/1/2/x.yaml", true},
		{"", "http://cdn.discordapp.com/attachments/1/2/x.yaml", false},
		{"", "https://cdn.discordapp.com:8443/x.yaml", false},
		{"", "https://cdn.discordapp.com.example/x.yaml", false},
		{"", "https://user@cdn.discordapp.com/x.yaml", false},
		{"", "https://discord.com/x.yaml", false},
		{"", api.URL + "/x.yaml", false},
		{"", "//cdn.discordapp.com/x.yaml", false},
		{"", "", false},
		{api.URL, api.URL + "/attachments/1/2/x.yaml", true},
		{api.URL, "http://127.0.0.1:1/x.yaml", false},
	} {
		r, err := newREST(c.base, "token", nil, nil, newMetrics())
		if err != nil {
			t.Fatal(err)
		}
		if got := r.hasFile(c.url); got != c.want {
			t.Errorf("%s with the API at %q: %v", c.url, c.base, got)
		}
		r.client.CloseIdleConnections()
	}
}
