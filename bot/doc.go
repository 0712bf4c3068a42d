// Package bot is the Discord edge of Footnote: members ask, and it answers from a [knowledge.Base].
//
//	b, err := bot.New(base, token, bot.Options{Facts: dir, Listen: "127.0.0.1:9090", Log: log})
//	err = b.Run(ctx) // until ctx ends, which is no error; a *StopError when only the operator can help
//
// # The way of a question
//
// An event comes over the gateway (gateway.go), is decoded from its raw bytes into just what is used (event.go), and
// begins in a goroutine of its own, unless it was seen before, the bot is ending, or too many are waiting (bot.go). A
// table finds its handler (commands.go): a function from the event to a [Response] (response.go), which never talks to
// Discord to answer. The handlers belong to a desk (ask.go) and are named for what members do:
//
//	ask.go        the ways to ask, and what is said instead of an answer
//	said.go       what a message says: its own text, a forward's, a poll's
//	followup.go   the earlier questions of a dialogue, read from Discord each time
//	press.go      the buttons below an answer
//	vote.go       👍, and 👎 with its form
//	browse.go     /topics, /fact, /sources, /help
//	gap.go        "Tell me when known", and what the facts could not answer; told.go tells who waited
//	privacy.go    /privacy: what is kept of a member, and its end
//
// What moderators do is apart: moderate.go checks each time whether they may, moderators.go has their words, and
// settings.go what /setup (setup.go) keeps. gaps.go lists what the facts lack and fills it, suggest.go what members meant by
// their votes, stats.go the numbers that count.go counts, with a chart (chart.go); review.go reminds of facts to look at again.
//
// What is said is made into text by render.go, in the member's or the server's language (localise.go), with everything
// that somebody else wrote passing through escape.go, and what members hid from each other kept so by spoiler.go. component.go makes the buttons: all they need is in their
// custom_id, so they go on working after a restart. One place sends (send.go): it defers what would come too late,
// decides who sees it, and repeats where a repeat can't post twice.
//
// # What holds it up
//
// run.go starts and ends it all. gateway.go is our own client of the gateway, since discordgo's can hang, loops on final
// closes and loses sessions; starts.go spaces the sessions it begins, which Discord rations; catchup.go reads what was
// said while there was none, or no process, from where heard.go left off. rest.go speaks HTTP for the same kind of reasons, and limits.go keeps it within what
// Discord allows, also from its refusals being used up. pace.go limits members and channels. register.go writes the
// commands of commands.go and command.go when they changed. From discordgo come types and constants alone.
//
// For the operator there are metrics.go, listen.go, watch.go (new facts are taken over as their files change), guild.go
// (permissions that are missing), invite.go, redact.go (no log holds the token), and stop.go.
//
// # What is kept
//
// To answer, nothing of what members write: a dialogue is read from Discord again, from the answers and what they reply
// to. In memory are the ids of late events (none is answered twice), of the last message of each channel, and how much each
// member asked of late. Logs tell what was answered with which facts, never the question. What must outlast the process
// (the questions the facts could not answer, who waits, votes, settings, how far each channel was heard) is in package footnote/bot/journal; remember.go
// follows it. Without a journal the bot answers all the same.
//
// # Three kinds of bad news
//
// What is wrong in a fact file is a [knowledge.Problem]: it is logged, counted, and the earlier facts go on serving.
// What the operator must mend is an error, or a [StopError] where going on is pointless. A question without an answer is
// neither: it is a Response like any other.
//
// Package footnote/bot/discordtest is the Discord that the tests run against.
package bot
