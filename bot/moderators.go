package bot

// What moderators read, in English only; what members read is in localise.go.
const (
	nothingKept  = "Nothing is kept here, so facts can't be moderated from chat: my operator must run me with a journal (`footnote run --data DIR`)."
	notHome      = "Facts are edited only in the servers that my operator has named (`footnote run --home ID`)."
	notModerator = "Only who has Manage Server, or the role set with `/setup`, may do that."
)
