// Package knowledge answers questions with sentences from fact files, and cites every one.
//
// It reads fact files (cut.go, decode.go, read.go, check.go, load.go) into a [Set] that never changes afterwards, indexes
// the set (analyst.go, index.go, search.go), and answers questions from it (base.go, ask.go, clause.go, rank.go, answer.go). It generates nothing: a
// [Sentence] is one fact's text, byte for byte, and an [Answer] whose numbers do not resolve to citations
// can't be built. While the bot runs, the set is loaded anew when its files change (watch.go, watcher.go).
//
// Which fact answers, a trained ranker says (features.go, model.go), and how sure that is, a decider. Where facts have many asks, a classifier that has
// learned from them when the index was made has its say (classifier.go).
//
// bleve gives the analyzers of all languages but English (language.go), and the plain search that Footnote is measured against (plain.go). A base
// too large to score every fact is searched by an index of our own (search.go), because what is found must be found by what the ranker goes by: its stems,
// the file's synonyms, the asks. With 140,000 facts a question takes a quarter of the time of one plain bleve query, and the index is built in a sixth (bench_test.go).
//
// Facts can be changed from a program as moderators change them by hand: [EditFact] and [AddFact] change the lines of one fact in the bytes of a
// file and nothing else (patch.go, block.go, splice.go, scalar.go), [Base.Propose] tells the problems of the folder as it would be and what becomes
// of the answers (proposal.go, effects.go), and a [Folder] writes the file so that no change is lost, whoever else writes it (folder.go).
//
// Three kinds of bad news are kept apart. A [Problem] is something a moderator must mend in a file, with its
// place. An error is the operator's: a folder that can't be read, a cancelled context. A question that the facts
// don't answer is neither: it is an [Answer] with no sentences, which says what no fact covers.
//
// Start with [Open], which gives a [Base], and [Base.Ask].
package knowledge
