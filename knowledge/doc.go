// Package knowledge answers questions with sentences from fact files, and cites every one.
//
// It reads fact files (cut.go, decode.go, read.go, check.go, load.go) into a [Set] that never changes afterwards, indexes
// the set (entries.go, base.go), and answers questions from it (ask.go, answer.go). It generates nothing: a
// [Sentence] is one fact's text, byte for byte, and an [Answer] whose numbers do not resolve to citations
// can't be built. While the bot runs, the set is loaded anew when its files change (watch.go, watcher.go).
//
// Three rooms do the work of the engine, each a package that knows nothing of files: encoder turns sentences into vectors that lie close together where they mean the
// same, and reads a question and a fact together, language reads a question's words, codes and dates, and rank weighs the evidence for each fact and says how likely it answers. One probability decides whether a
// fact is the answer, is quoted as the closest, or is not shown (ask.go); how likely is likely enough, a [Sureness] says.
//
// The vectors of facts' wordings are made when facts are loaded (vectors.go), those that have not changed taken over, and are kept in the blocks of a cache folder
// (blocks.go). Vectors of questions are kept nowhere but in memory. What was read of large folders is kept too (cache.go, snapshot.go).
//
// bleve gives the analyzers of the languages, and the plain search that Footnote is measured against (plain.go, eval.go).
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
