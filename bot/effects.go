package bot

import (
	"fmt"
	"slices"
	"strings"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// How proposals are shown to moderators: what members will read, which answers change, and what is wrong with them.

// How many questions of a kind are named.
const effectsNamed = 4

// renderProposed shows the fact as members will see it, or what becomes of a whole file.
func (m *moderation) renderProposed(p *phrases, op operation, prop *knowledge.Proposal) string {
	was, is := m.base.Set().Fact(op.Fact), prop.Set().Fact(op.Fact)
	told := func(f *knowledge.Fact) string { return renderAnswer(p, head{}, knowledge.Tell(f)) }
	switch {
	case op.Fact == "":
		return renderDifferences(op, knowledge.Compare(m.base.Set(), prop.Set()))
	case is == nil:
		return fmt.Sprintf(previewRemoved, code(op.Fact)) + "\n" + told(was)
	case is.Status == knowledge.Withdrawn:
		return fmt.Sprintf(previewWithdrawn, code(op.Fact)) + "\n" + told(was)
	case was == nil:
		return fmt.Sprintf(previewNew, code(op.Fact)) + "\n" + told(is)
	case was.Revision() == is.Revision():
		return fmt.Sprintf(previewSame, code(op.Fact)) + "\n" + told(is)
	}
	return fmt.Sprintf(previewChanged, code(op.Fact)) + "\n" + told(is)
}

// renderDifferences lists what becomes of the facts of a file.
func renderDifferences(op operation, all []knowledge.Difference) string {
	lines := []string{fmt.Sprintf(previewFile, code(op.Path), countDifferences(all))}
	signs := map[knowledge.DifferenceKind]string{knowledge.Added: "🆕", knowledge.Changed: "✏️", knowledge.Removed: "🗑"}
	for _, d := range all[:min(len(all), 2*effectsNamed)] {
		f := d.New
		if f == nil {
			f = d.Old
		}
		lines = append(lines, signs[d.Kind]+" "+code(d.ID())+" "+escapeFact(clip(visible(f.Text), 100)))
	}
	if n := len(all) - 2*effectsNamed; n > 0 {
		lines = append(lines, fmt.Sprintf("-# and %d more", n))
	}
	return strings.Join(lines, "\n")
}

// countDifferences is how many facts came, changed and went, in words.
func countDifferences(all []knowledge.Difference) string {
	n := map[knowledge.DifferenceKind]int{}
	for _, d := range all {
		n[d.Kind]++
	}
	return fmt.Sprintf("%d new, %d changed, %d removed", n[knowledge.Added], n[knowledge.Changed], n[knowledge.Removed])
}

// renderEffects says which questions are answered otherwise.
func renderEffects(e knowledge.Effects) string {
	lines := []string{"**" + effectsTitle + "** " + fmt.Sprintf(effectsAsked, plural(e.Asked, "question"))}
	if e.Of > e.Asked {
		lines[0] += fmt.Sprintf(effectsOf, e.Of)
	}
	list := func(sign, what string, all []knowledge.Effect, show func(knowledge.Effect) string) {
		for _, x := range all[:min(len(all), effectsNamed)] {
			lines = append(lines, sign+" "+what+": “"+quoteSaid(x.Question.Text, 100)+"”"+show(x))
		}
		if n := len(all) - effectsNamed; n > 0 {
			lines = append(lines, fmt.Sprintf("-# %s and %d more: %s", sign, n, what))
		}
	}
	trial := func(x knowledge.Effect) string {
		want := "no answer"
		if len(x.Trial.Want) > 0 {
			want = code(strings.Join(x.Trial.Want, ", "))
		}
		return " (" + code(x.Trial.Pos.String()) + ") wants " + want + ", gets " + firstFact(x.After)
	}
	list("❌", effectBroken, e.Broken, trial)
	list("🔇", effectSilent, e.Silent, func(x knowledge.Effect) string { return " (was " + firstFact(x.Before) + ")" })
	list("✏️", effectChanged, e.Changed, func(x knowledge.Effect) string {
		if a, b := firstFact(x.Before), firstFact(x.After); a != b {
			return ": " + a + " → " + b
		}
		return ": " + firstFact(x.After)
	})
	list("🆕", effectAnswered, e.Answered, func(x knowledge.Effect) string { return ": " + firstFact(x.After) })
	list("✅", effectMended, e.Mended, func(x knowledge.Effect) string { return " (" + code(x.Trial.Pos.String()) + ")" })
	if len(lines) == 1 {
		lines = append(lines, effectsNone)
	}
	return strings.Join(lines, "\n")
}

// firstFact names the fact that an answer says first.
func firstFact(a knowledge.Answer) string {
	if !a.Answered() {
		return "no answer"
	}
	return code(a.Sentences()[0].Fact.ID)
}

// renderProblems lists problems as `footnote check` prints them, the errors first, as many as there is room for.
func renderProblems(all []knowledge.Problem, room int) string {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b knowledge.Problem) int { return int(a.Level) - int(b.Level) })
	content, shown := "", 0
	for _, p := range all {
		line := fmt.Sprintf("%s %s: %s", code(p.Pos.String()), p.Level, escapeSaid(clip(visible(p.Msg), 200)))
		if p.Hint != "" {
			line += "\n-# " + escapeSaid(clip(visible(p.Hint), 200))
		}
		if units(content)+units(line)+1 > room {
			break
		}
		content, shown = joinLines(content, line), shown+1
	}
	if n := len(all) - shown; n > 0 {
		content = joinLines(content, fmt.Sprintf("-# and %d more; `footnote check` shows them all", n))
	}
	return content
}

// renderWarnings lists the warnings that there are not yet.
func renderWarnings(proposed, now []knowledge.Problem) string {
	type same struct{ file, rule, msg string }
	had := map[same]bool{}
	for _, p := range now {
		had[same{p.Pos.File, p.Rule, p.Msg}] = true
	}
	fresh := slices.DeleteFunc(slices.Clone(proposed), func(p knowledge.Problem) bool { return had[same{p.Pos.File, p.Rule, p.Msg}] })
	return renderProblems(fresh, 500)
}

// linesNamed is how many lines of a fact are shown that an edit changed beside its text.
const linesNamed = 4

// changedLines shows the lines of the file by which the fact differs, those of its text aside: without them the log does not say what was edited where
// the text is the same, such as that a question was added to its asks. An edit that came, went or changed its status in its own way says so itself.
func changedLines(e journal.Edit) (all []string) {
	if e.Before == nil || e.After == nil || e.Kind != journal.Edited && e.Kind != journal.Undid && e.Kind != journal.OnDisk {
		return nil
	}
	before, after := lines(string(e.Before)), lines(string(e.After))
	without := func(sign string, of, other []string) {
		for _, line := range of {
			said := strings.TrimPrefix(line, "- ")
			if at := slices.Index(other, line); at >= 0 {
				other = slices.Delete(slices.Clone(other), at, at+1)
			} else if e.BeforeText == e.AfterText || !strings.HasPrefix(said, "text:") {
				all = append(all, sign+" "+code(line))
			}
		}
	}
	without("−", before, after)
	without("+", after, before)
	if n := len(all) - linesNamed; n > 0 {
		all = append(all[:linesNamed], fmt.Sprintf("and %d more lines", n))
	}
	return all
}

// renderEdit is an edit in the log: who, what, and why. In the log channel it says who; to whoever did it, it doesn't.
func renderEdit(e journal.Edit, who bool) string {
	what := editWords[e.Kind] + " "
	if who && e.By != "" {
		what = "<@" + e.By + "> " + what
	} else if who {
		what = "On disk: " + what
	}
	if e.Fact != "" {
		what += code(e.Fact) + " in "
	}
	line := editSigns[e.Kind] + " " + what + code(e.Path)
	said := func(s string) string { return "“" + escapeFact(clip(visible(s), 300)) + "”" }
	switch {
	case e.Fact == "":
		if e.AfterText != "" {
			line += ": " + escapeFact(e.AfterText)
		}
	case e.BeforeText == e.AfterText, e.BeforeText == "":
		line += "\n> " + said(e.AfterText)
	case e.AfterText == "":
		line += "\n> ~~" + said(e.BeforeText) + "~~"
	default:
		line += "\n> ~~" + said(e.BeforeText) + "~~\n> " + said(e.AfterText)
	}
	for _, changed := range changedLines(e) {
		line += "\n-# " + changed
	}
	if e.Why != "" {
		line += "\n-# Why: " + escapeSaid(clip(visible(e.Why), maxWhy))
	}
	if e.State == journal.Refused {
		line += "\n-# Refused: " + escapeSaid(clip(visible(e.Refusal), 200))
	}
	return line
}
