// Package rank says how likely each of a base's facts is to answer a question, on one scale for all of them.
//
// A fact has wordings: its text, and each of its asks. A question has readings: the message itself, the sentence of a long story that asks, a follow-up
// with the question before it. For each pair of reading and wording there is evidence (evidence.go): how near they lie in meaning (the cosines,
// products and differences of their vectors), which of the question's words, numbers, codes and dates the fact holds, and what stays uncovered. A
// small trained [Model] makes of it the log-odds that this wording answers. A fact's score is its best wording's by its best reading.
//
// The probability that a fact answers is its share among the facts nearest to the question and the case that none answers:
//
//	P(i) = exp(s_i) / (exp(n) + Σ exp(s_j))
//
// where exp(n) stands for both reasons why none may answer: the facts talk of it and don't say, or it is elsewhere, nothing that they talk of at all. Their scores depend on the
// question, and on how near it comes to any fact's text. So a rival as likely halves the probability, and a fact that has nothing to do with the
// question hardly moves it.
//
// That is the first look ([Model.Judge]), by vectors and words, at all facts. At the second ([Model.Reread]) the texts of the best few are read beside the question, which tells an
// answer from what only talks of the same, and both looks together give the probability. No evidence of a fact depends on what other facts have, but for how many facts' texts hold a word: an added ask changes the
// score of its own fact and of no other, and the order of facts changes nothing.
//
// It knows nothing of files and of Discord, and not where vectors come from.
package rank
