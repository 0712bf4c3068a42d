// Package journal is what the bot must remember beside the facts: the answers it posted, the questions the facts could not
// answer (gaps), votes, who asked to be told, each server's settings, how far each channel was heard, and the log of edits. The facts themselves are files; nothing here
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
// The buckets, each named footnote_ and then as here; on a cluster each is kept on three servers, and read from the one that leads it:
//
//	bucket     key                       holds                                  whose words                     kept for
//	answers    message                   which facts a posted answer shows      none: ids                       the retention from when it was posted
//	pending    what is answered (.part)  the same, about to be posted           none: ids                       till it is known, or the retention
//	versions   revision, or gone.fact    what a fact said, since when           the facts'                      ever
//	gaps       what is asked (a hash)    a question, who asked it, where        members' questions              the retention, each asking by itself
//	opened     day.member                how many gaps a member opened          none: a number                  2 days
//	waits      gap.member                who wants to be told, where            a member's question             the retention, or till told
//	votes      message.member            👍, 👎 and why, what was picked        a member's note and question    the retention
//	scope      gap                       what moderators put out of scope       a question, and who did it      the retention; the gap's key till it is taken back
//	settings   server                    what /setup set                        none: ids                       ever
//	edits      time and chance           who changed which fact, how and why    moderators', and the facts'     ever
//	proposals  chance                    an edit that waits for its Confirm     a moderator's                   an hour
//	counts     day.process               how much was asked                     none: numbers, facts' ids       400 days
//	leads      work                      which process does it, till when       none                            an hour
//	heard      channel, or server        the last message heard there; a DM's with   none: ids                       the retention
//	blobs      hash, or last-seen        whole files; the facts as last seen    the facts'                      ever
//
// The retention is counted from the last write of a key; where it must be counted from something earlier, who reads looks at the
// time within.
//
// Start with [Open].
package journal
