//go:build unix

package knowledge

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// In the child process of TestFolderCrash these name the folder, and the step after which it dies: "exchanged:3" is the third time.
const (
	crashDir  = "FOOTNOTE_TEST_CRASH_DIR"
	crashStep = "FOOTNOTE_TEST_CRASH_STEP"
)

// TestCrashChild edits, adds and removes facts until it is killed; it tells each change that is done. It is nothing but a child of TestFolderCrash.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("only in a process of its own")
	}
	f := openFolder(t, dir)
	if name, at, ok := strings.Cut(os.Getenv(crashStep), ":"); ok {
		var n int
		fmt.Sscan(at, &n)
		f.step = func(step string) {
			if step == name {
				if n--; n == 0 {
					_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
					select {} // it takes a moment
				}
			}
		}
	}
	for n := 1; ; n++ {
		file, err := f.Read("a.yaml")
		must(t, err)
		edited, err := EditFact(file, "dug", Patch{Text: ptr(fmt.Sprintf("The harbour was dug %d times.", n))})
		must(t, err)
		must(t, f.Write("a.yaml", file, edited))
		fmt.Printf("edited %d\n", n)
		must(t, f.Write("b.yaml", nil, []byte(strings.NewReplacer("dug", "quay", "mayor", "baker").Replace(harbour))))
		fmt.Printf("added %d\n", n)
		added, err := f.Read("b.yaml")
		must(t, err)
		must(t, f.Write("b.yaml", added, nil))
		fmt.Printf("removed %d\n", n)
	}
}

// TestFolderCrash kills a process that edits, after each step and at any moment: each file is the old or the new one, whole, nothing that
// was said to be done is undone, and nothing is left over.
func TestFolderCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many processes")
	}
	var crashes []string
	for step, times := range map[string]int{"made": 4, "written": 4, "flushed": 4, "named": 4, "exchanged": 2, "renamed": 4, "decided": 6, "removed": 6, "synced": 6} {
		for n := 1; n <= times; n++ {
			crashes = append(crashes, fmt.Sprintf("%s:%d", step, n))
		}
	}
	for n := 1; n <= 20; n++ {
		crashes = append(crashes, fmt.Sprintf("after %d", n))
	}
	whole := strings.NewReplacer("dug", "quay", "mayor", "baker").Replace(harbour)
	for _, crash := range crashes {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(harbour), 0o644))
		done := crashChild(t, dir, crash)
		openFolder(t, dir)
		entries, err := os.ReadDir(dir)
		must(t, err)
		got := map[string]string{}
		for _, e := range entries {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			must(t, err)
			got[e.Name()] = string(data)
		}
		edited := func(n int) string {
			if n == 0 {
				return harbour
			}
			return strings.Replace(harbour, "The harbour of Port Example was dug in 1911.", fmt.Sprintf("The harbour was dug %d times.", n), 1)
		}
		b, there := got["b.yaml"]
		n := done["edited"]
		editing := done["removed"] == n // else it was adding or removing
		switch a := got["a.yaml"]; {
		case a != edited(n) && !(editing && a == edited(n+1)):
			t.Errorf("%s: after %v\n%s", crash, done, a)
		case there && (editing || b != whole):
			t.Errorf("%s: after %v there is b.yaml\n%s", crash, done, b)
		}
		delete(got, "a.yaml")
		delete(got, "b.yaml")
		if len(got) > 0 {
			t.Errorf("%s: left over: %q", crash, got)
		}
	}
	t.Logf("%d crashes", len(crashes))
}

// crashChild runs TestCrashChild until it has died, and returns the last of each that was done.
func crashChild(t *testing.T, dir, crash string) map[string]int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashStep+"="+crash)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	var after int
	fmt.Sscanf(crash, "after %d", &after)
	done, lines := map[string]int{}, 0
	var log strings.Builder
	for scan := bufio.NewScanner(out); scan.Scan(); {
		log.WriteString(scan.Text() + "\n")
		var what string
		var n int
		if _, err := fmt.Sscanf(scan.Text(), "%s %d", &what, &n); err == nil && (what == "edited" || what == "added" || what == "removed") {
			done[what] = n
			if lines++; lines == after {
				must(t, cmd.Process.Kill()) // somewhere in what it does next
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		t.Fatalf("%s: the child ended otherwise: %v\n%s%s", crash, cmd.ProcessState, &log, &stderr)
	}
	return done
}
