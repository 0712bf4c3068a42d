//go:build linux

package bot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"footnote/bot/discordtest"
)

// TestMounted edits facts in files that can't be replaced: a link, as ConfigMaps are made of; a file in a linked folder; a file that is mounted by itself; and a
// disk without room. Each is refused with its reason, and what is on the disk stays.
func TestMounted(t *testing.T) {
	for _, c := range []struct {
		name string
		put  func(t *testing.T, file string)
		want string
		late bool // whether only the writing shows it
	}{
		{name: "a link", want: isLinked, put: func(t *testing.T, file string) {
			elsewhere := filepath.Join(t.TempDir(), "elsewhere.yaml")
			if err := os.Rename(file, elsewhere); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(elsewhere, file); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "mounted by itself", want: isBusy, late: true, put: func(t *testing.T, file string) {
			elsewhere := filepath.Join(t.TempDir(), "elsewhere.yaml")
			data, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(elsewhere, data, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := unix.Mount(elsewhere, file, "", unix.MS_BIND, ""); err != nil {
				t.Skipf("this process may mount nothing: %v", err)
			}
			t.Cleanup(func() { unix.Unmount(file, unix.MNT_DETACH) })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, "testdata/dialogue")
			file := filepath.Join(o.dir, "bridge.yaml")
			o.leave()
			c.put(t, file)
			before := o.file("bridge.yaml")
			o.start()
			tell := func(what, got string) {
				t.Helper()
				if !strings.Contains(got, c.want) {
					t.Errorf("%s is answered: %s", what, got)
				}
			}
			preview := o.slash(o.mod, o.general, "facts withdraw", discordtest.Args{"fact": "ferry-fate", "why": "it runs on"})
			if c.late {
				tell("Confirm", o.press(o.mod, preview, "Confirm"))
			} else {
				tell("/facts withdraw", preview.Content)
				tell("/facts edit", o.slash(o.mod, o.general, "facts edit", discordtest.Args{"fact": "bridge-cost"}).Content)
				tell("/facts add", o.slash(o.mod, o.general, "facts add", discordtest.Args{"file": "bridge.yaml"}).Content)
				tell("/facts upload", o.slash(o.mod, o.general, "facts upload", discordtest.Args{"file": discordtest.Upload{Name: "bridge.yaml", Data: []byte("facts: []\n")}}).Content)
			}
			if o.file("bridge.yaml") != before {
				t.Error("the file has changed")
			}
			left, err := filepath.Glob(filepath.Join(o.dir, ".*"))
			if len(left) > 0 || err != nil {
				t.Errorf("left behind: %v %v", left, err)
			}
			if !c.late {
				return
			}
			o.stop()
			edits, err := o.moderates.Edits(t.Context())
			if err != nil || len(edits) == 0 || edits[len(edits)-1].Refusal == "" {
				t.Errorf("the log of edits: %+v, %v", edits, err)
			}
		})
	}
}
