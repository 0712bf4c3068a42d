package bot

import "footnote/bot/journal"

// What moderators read, in English only; what members read is in localise.go.
const (
	nothingKept  = "Nothing is kept here, so facts can't be moderated from chat: my operator must run me with a journal (`footnote run --data DIR`)."
	notHome      = "Facts are edited only in the servers that my operator has named (`footnote run --home ID`)."
	notModerator = "Only who has Manage Server, or the role set with `/setup`, may do that."
)

// Edits.
const (
	builtIn          = "I run on my built-in facts, which can't be edited: my operator must start me with a folder of my own, `footnote run --facts DIR`."
	previewGone      = "This preview is no longer there: it was confirmed, changed or cancelled, or is older than an hour."
	notYourPreview   = "Only who made this preview can confirm, change or cancel it."
	changedMeanwhile = "The file has changed since the preview, so nothing was written."
	asItWouldBe      = "This is how it would be now:"
	readOnly         = "The folder of the facts can't be written to; nothing was changed. My operator must let me write there."
	isLinked         = "That file is a link, or in a linked folder, and I write through no link; nothing was changed. My operator must put the file itself into the folder of the facts, or edit what the link leads to."
	isBusy           = "That file can't be replaced where it is (busy), as when it is mounted by itself; nothing was changed. My operator must mount the folder that it is in, and not the single file."
	noRoom           = "There is no room on the disk for the file; nothing was changed. My operator must make some."
	notAPath         = "That is not the name of a fact file: it should be like `topic.yaml`, in the folder of the facts."
	changesNothing   = "That changes nothing."
	hasProblems      = "With that, the facts would have these problems, so it can't be confirmed:"
	notYetLive       = "Nothing is changed yet. Confirm writes %s."
	cancelled        = "Cancelled; nothing was changed."
	writtenNotLive   = "Written to %s, but not in use yet: meanwhile the files have got these problems, and the earlier facts go on serving until they are mended."
	nowLive          = "Written to %s, and in use."
	editFailed       = "Something went wrong on my side, and my operator can see it. `/facts history` says whether the edit came about."
)

// Previews.
const (
	previewNew       = "**Preview**: a new fact, %s. Members will read:"
	previewChanged   = "**Preview** of %s. Members will read:"
	previewSame      = "**Preview** of %s. Members will read what they do now:"
	previewWithdrawn = "**Preview**: %s is withdrawn. Members will no longer read:"
	previewRemoved   = "**Preview**: %s is removed. Members will no longer read:"
	previewFile      = "**Preview** of %s: %s."

	effectsTitle   = "What it changes"
	effectsAsked   = "(%s compared: trials, known questions, recent gaps)"
	effectsOf      = " of %d"
	effectsNone    = "No answer changes."
	effectBroken   = "Breaks the trial"
	effectSilent   = "Falls silent"
	effectChanged  = "Is answered otherwise"
	effectAnswered = "Begins to be answered"
	effectMended   = "Mends the trial"
)

// editSigns and editWords tell the kinds of edits in a log. They are never changed.
var (
	editSigns = map[journal.EditKind]string{journal.Added: "🆕", journal.Edited: "✏️", journal.Withdrew: "🗑", journal.Restored: "♻️", journal.Undid: "↩️",
		journal.Uploaded: "📄", journal.OnDisk: "💾", "": "⛔"}
	editWords = map[journal.EditKind]string{journal.Added: "added", journal.Edited: "edited", journal.Withdrew: "withdrew", journal.Restored: "restored",
		journal.Undid: "undid an edit of", journal.Uploaded: "uploaded", journal.OnDisk: "changed", "": "tried something with"}
)

// The log of edits.
const (
	noEdits       = "There are no edits in the log yet."
	noEditsOf     = "There are no edits of %s in the log."
	historyTitle  = "**Edits**"
	historyOf     = "**Edits of %s**"
	undone        = "There is no such edit in the log. Begin to type, and choose one."
	neverHappened = "That edit was refused, so there is nothing to take back."
)

// Files.
const (
	uploadTooLarge   = "%s is larger than the 1 MiB that I take; split it by topic."
	uploadTrials     = "%s holds trials, which are changed in the folder of the facts only: I take fact files."
	uploadElsewhere  = "I fetch attachments from Discord's own servers only."
	uploadFailed     = "Discord did not give me the attachment. Please try again."
	uploadNotText    = "%s is not UTF-8 text, so it is no fact file."
	downloadWhich    = "Say which file: there are too many, or none, to attach all."
	downloadNone     = "There is no fact file called %s."
	downloadTooLarge = "With %s it is more than Discord lets me attach. Say which file, or ask my operator for it."
)

// The panel of /setup.
const (
	notManager     = "Only who has Manage Server may set up the bot here."
	setupElsewhere = "Set-up is for servers that the bot is in."
	setupEverybody = "@everyone can't be the moderators' role: then every member could edit the facts."
	setupNoLog     = "I can't write in <#%s>: give me View Channel and Send Messages there, then choose it again."
	setupFirstLog  = "Edits of the facts, refusals and reminders are told here from now on."
)

// Gaps, suggestions, numbers, reminders and status.
const (
	noGaps           = "There is nothing that members asked and the facts don't answer."
	gapsTitle        = "**Asked, and not in the facts**: %s. First what most members ask."
	gapGone          = "That gap is no longer on the list: a fact answers it, or it was put out of scope."
	scopeSet         = "Out of scope: %s. I decline it politely from now on, and it makes no gap."
	scopeCleared     = "In scope again: %s. It comes back to the list when it is asked again."
	scopeTitle       = "**Out of scope**: what I decline politely. The latest first."
	scopeForgotten   = "a question whose words are no longer kept"
	noSuggestions    = "There are no suggestions: nobody picked another wording or pressed 👎 since."
	suggestionsTitle = "**Suggestions** out of what members picked and of 👎. Nothing changes until you confirm it."
	suggestionGone   = "That suggestion is no longer there: it was carried out or dismissed, or the fact is gone."
	statsNothing     = "Nothing was asked."
	reviewDue        = "🗓 %s should be looked at again: the day in `review_by` is over. `/facts edit` corrects one or sets another day."
	slowKernels      = "🐢 Questions take longer here: there is no fast code for this machine's processor (fast is x86-64 with AVX2)."
)
