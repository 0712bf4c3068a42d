// Package journal is what the bot must remember beside the facts: the answers it posted, the questions the facts could not
// answer (gaps), votes, who asked to be told, each server's settings, and the log of edits. The facts themselves are files; nothing here
// is needed to answer from them.
//
// It is kept in key-value buckets of NATS JetStream. By default the server runs embedded in the process: no port is open, the
// files are under [Options.Dir], and every write is on disk before it is acknowledged. With [Options.URL] an existing NATS
// cluster keeps the same buckets, by the same code, and several processes may share them.
//
// A bucket holds values of one type as JSON, one key each (bucket.go). A value that others may change meanwhile is changed with the
// revision it was read at, and read again when that is no longer the last (compare and set), so no lock is held anywhere and no
// change is lost. What members wrote is dropped after [Options.Retention], and on their word (member.go).
//
// Start with [Open].
package journal
