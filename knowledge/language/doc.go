// Package language reads what people write: it cuts texts into words, tells which of them carry a topic, finds what must be matched to the
// letter (codes, versions, numbers, dates), repairs spelling, and says what sort of message a message is and in which language.
//
// A [Language] reads texts of one language. English has a word list of its own (words/en.txt, which explains the format); the languages
// beside it have a shorter one (words/de.txt and so on) and bleve's analyzers for stems and grammar words. What has no list is cut into words and no more.
//
// It knows nothing of facts, files or Discord. What must be known of them for a reading (which words the facts hold) is passed in.
package language
