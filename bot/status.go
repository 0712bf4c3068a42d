package bot

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"footnote/knowledge"
)

// How the facts are doing, for moderators.

// A health is how the last load of the facts went.
type health struct {
	clock   func() time.Time
	kernels string // see [knowledge.Base.Kernels]

	mu   sync.Mutex
	last loadState
}

// slow reports whether sentences are encoded by the code for machines that have no faster one.
func (h *health) slow() bool { return h.kernels == "portable" }

// A loadState is one such outcome.
type loadState struct {
	problems []knowledge.Problem // of the files as they are
	since    time.Time           // when the errors among them were first seen; zero without errors
	loaded   time.Time           // when the facts in use were loaded
	err      string              // why the files could not be read; empty when they could
}

// now returns the last outcome.
func (h *health) now() loadState {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// loads takes in an outcome.
func (h *health) loads(problems []knowledge.Problem, err error) {
	at := h.clock()
	h.mu.Lock()
	defer h.mu.Unlock()
	s := &h.last
	bad := err != nil || knowledge.HasErrors(problems)
	switch {
	case !bad:
		s.loaded, s.since = at, time.Time{}
	case s.since.IsZero():
		s.since = at
	}
	s.problems, s.err = slices.Clone(problems), ""
	if err != nil {
		s.err = err.Error()
	}
}

// status answers /facts status.
func (m *moderation) status(_ context.Context, _ *Interaction) Response {
	set, h := m.base.Set(), m.health.now()
	withdrawn := 0
	for _, f := range set.Facts {
		if f.Status == knowledge.Withdrawn {
			withdrawn++
		}
	}
	lines := []string{fmt.Sprintf("**%s in use** in %s; %s, %s", plural(len(set.Facts)-withdrawn, "fact"), plural(len(set.Files), "file"), plural(countSources(set), "source"), plural(len(set.Trials), "trial"))}
	if withdrawn > 0 {
		lines[0] += fmt.Sprintf("; %d withdrawn", withdrawn)
	}
	lines = append(lines, fmt.Sprintf("-# facts %s, loaded <t:%d:f>; footnote %s", code(clip(set.Version, 12)), h.loaded.Unix(), version()))
	if m.folder == nil {
		lines = append(lines, "-# "+builtIn)
	}
	if m.health.slow() {
		lines = append(lines, "-# "+slowKernels)
	}
	if since, err := m.journal.Broken(); err != nil {
		lines = append(lines, fmt.Sprintf("⛔ Since <t:%d:f> nothing can be kept: no gaps, votes or edits, and corrections don't reach what is answered meanwhile. It is tried again and again: %s",
			since.Unix(), escapeSaid(clip(visible(err.Error()), 300))))
	}
	switch {
	case h.err != "":
		lines = append(lines, fmt.Sprintf("⛔ Since <t:%d:f> the files can't be read, and these facts go on serving: %s", h.since.Unix(), escapeSaid(clip(h.err, 300))))
	case !h.since.IsZero():
		lines = append(lines, fmt.Sprintf("⛔ Since <t:%d:f> the files have errors and are not in use; these facts go on serving:", h.since.Unix()))
	case len(h.problems) == 0:
		lines = append(lines, "✅ No problems.")
	default:
		lines = append(lines, "⚠️ "+plural(len(h.problems), "warning")+":")
	}
	content := strings.Join(lines, "\n")
	return tell("%s", joinLines(content, renderProblems(h.problems, maxContent-units(content)-100)))
}

func countSources(set *knowledge.Set) int {
	n := 0
	for _, f := range set.Files {
		n += len(f.Sources)
	}
	return n
}

// version is the program's, as the build has it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
