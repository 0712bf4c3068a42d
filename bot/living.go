package bot

import (
	"context"
	"crypto/rand"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"footnote/bot/journal"
	"footnote/knowledge"
)

// Answers correct themselves. When a fact changes, whichever way, each kept answer that shows it is edited: its head and the rest stay, the
// sentence is put right, and what it said before is told (retell.go). When the fact is again what it was, so is the answer.
//
// What is to be done is written down nowhere, since it can be told at any time: every answer that shows a fact at another revision than the
// fact has now. So a restart goes on where the last process ended. The message is fetched before it is edited, and edited only
// where it does not say what it should; so a process that ends between the edit and the note of it costs no second edit.
//
// One goroutine does it all, one answer at a time, and the channels take turns. Of several processes on one journal one does it: it leads
// for a while, again and again, till there is nothing left (journal.Lead). They must see the same fact files.

const (
	// livingEvery is the time between two corrections. Each is two requests; members' answers need the rest of the 50 a second that Discord allows.
	// Its limit for one channel, 5 edits in 5 seconds, is kept by the REST client.
	livingEvery = 100 * time.Millisecond
	// livingAgain is after how long what could not be done is tried again, or another process's lead may be over.
	livingAgain = 30 * time.Second
	// leadLasts is how long a process leads before it must say so again. A correction is given up after sendWithin.
	leadLasts = 2 * sendWithin
	// livingWork is what is led.
	livingWork = "living"
)

// living keeps posted answers true.
type living struct {
	base    *knowledge.Base
	folder  fs.FS // where the facts are read from; nil: they are built in
	journal *journal.Journal
	rest    *rest
	self    func() string // the bot's user id; empty before it is known
	log     *slog.Logger
	metrics *metrics
	now     func() time.Time
	every   time.Duration
	most    int64 // bytes of files that are remembered

	owner   string    // this process, among those on one journal
	began   time.Time // when this process did
	seen    *seen     // revisions that the journal has
	woken   chan struct{}
	settled bool // what earlier processes left begun is settled
	at      func(step string)
	tell    func(ctx context.Context, content string) // tells the moderators
}

func newLiving(b *Bot) *living {
	l := &living{
		base: b.base, journal: b.opts.Journal, rest: b.rest, self: func() string { return b.me().userID },
		log: b.log, metrics: b.metrics, now: b.opts.Now, every: livingEvery, most: maxRemembered, at: b.at,
		tell:  func(ctx context.Context, content string) { b.moderators.announce(ctx, content) },
		owner: rand.Text(), began: b.opts.Now(), seen: newSeen(seenVersions), woken: make(chan struct{}, 1),
	}
	switch {
	case b.opts.Folder != nil:
		l.folder = b.opts.Folder.FS()
	case b.opts.Facts != "":
		l.folder = os.DirFS(b.opts.Facts)
	}
	return l
}

// kick says that there may be something to do. It never waits.
func (l *living) kick() {
	if l == nil {
		return
	}
	select {
	case l.woken <- struct{}{}:
	default: // it was said already
	}
}

// run does what there is to do whenever it is told of something, until ctx ends.
func (l *living) run(ctx context.Context) error {
	again := time.NewTimer(0)
	again.Stop()
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.woken:
		case <-again.C:
		}
		if l.self() == "" || l.base == nil {
			continue // READY will wake it
		}
		again.Stop()
		if !l.pass(ctx) && ctx.Err() == nil {
			again.Reset(livingAgain)
		}
	}
}

// pass does all there is to do now. It reports whether nothing is left.
func (l *living) pass(ctx context.Context) (done bool) {
	mine, err := l.journal.Lead(ctx, livingWork, l.owner, leadLasts)
	if err != nil {
		l.failed("lead", err)
		return false
	}
	if !mine {
		return false // to be looked after, should the other process end
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notedWithin)
		defer cancel()
		if err := l.journal.Resign(ctx, livingWork, l.owner); err != nil {
			l.failed("lead", err)
		}
	}()
	done = true
	if l.resolve(ctx, !l.settled) {
		done = false
	}
	if !l.settled {
		l.settled = l.settleEdits(ctx)
		done = done && l.settled
	}
	set := l.base.Set()
	jobs, used, err := l.stale(ctx, set)
	if err != nil {
		l.failed("answers", err)
		return false
	}
	if err := l.notice(ctx, set, used); err != nil {
		if ctx.Err() == nil {
			l.log.Error("what changed in the facts could not be taken in; it is tried again", "err", err)
		}
		done = false
	}
	done = l.correctAll(ctx, jobs) && done
	l.at("passed")
	return done
}

// A revisions gives the present revision of facts by id, worked out once.
type revisions struct {
	set  *knowledge.Set
	have map[string]string
}

func (r revisions) of(id string) string {
	rev, ok := r.have[id]
	if !ok {
		rev = revision(r.set.Fact(id))
		r.have[id] = rev
	}
	return rev
}

// revision is the revision of a fact as an answer shows it: a withdrawn one, or one that is not there, is gone.
func revision(f *knowledge.Fact) string {
	if f == nil || f.Status == knowledge.Withdrawn {
		return journal.Gone
	}
	return f.Revision()
}

// A job is an answer to be corrected.
type job struct{ message, channel string }

// stale finds the answers that show facts otherwise than they are, and which facts any answer shows. What is older than is kept is dropped.
func (l *living) stale(ctx context.Context, set *knowledge.Set) (jobs []job, used map[string]bool, err error) {
	now := revisions{set, map[string]string{}}
	used = map[string]bool{}
	var old []string
	for p, err := range l.journal.Answers(ctx) {
		if err != nil {
			return nil, nil, err
		}
		if l.old(p) {
			old = append(old, p.MessageID)
			continue
		}
		stale := false
		for _, s := range p.Facts {
			used[s.Fact] = true
			stale = stale || now.of(s.Fact) != s.Now
		}
		if stale && p.Lost == "" {
			jobs = append(jobs, job{p.MessageID, p.ChannelID})
		}
	}
	for id := range used {
		if f := set.Fact(id); revision(f) != journal.Gone {
			l.see(ctx, f) // whoever posted it
		}
	}
	for _, id := range old {
		if err := l.journal.Drop(ctx, id); err != nil {
			return nil, nil, err
		}
	}
	return inTurns(jobs), used, nil
}

// old reports whether an answer is older than answers are kept. A correction is a write, from which the journal counts anew, so it can't tell.
func (l *living) old(p journal.Posted) bool { return l.now().Sub(p.At) > l.journal.Retention() }

// inTurns puts the jobs of each channel in order of their messages, the latest first, since these are read; and lets the channels take turns,
// since each has its own limit.
func inTurns(jobs []job) []job {
	channels := map[string][]job{}
	for _, j := range jobs {
		channels[j.channel] = append(channels[j.channel], j)
	}
	names := slices.Sorted(maps.Keys(channels))
	for _, js := range channels {
		slices.SortFunc(js, func(a, b job) int {
			if snowflake(a.message) > snowflake(b.message) {
				return -1
			}
			return 1
		})
	}
	var out []job
	for n := 0; len(out) < len(jobs); n++ {
		for _, c := range names {
			if n < len(channels[c]) {
				out = append(out, channels[c][n])
			}
		}
	}
	return out
}

// correctAll corrects the answers. It reports whether none is left to be tried again.
func (l *living) correctAll(ctx context.Context, jobs []job) bool {
	if len(jobs) == 0 {
		return true
	}
	l.log.Info("facts have changed that posted answers show", "answers", len(jobs))
	counts := map[string]int{}
	denied := map[string]bool{} // channels that refused the bot just now
	led := time.Now()
	for _, j := range jobs {
		if ctx.Err() != nil {
			break
		}
		if time.Since(led) > leadLasts/2 {
			if mine, err := l.journal.Lead(ctx, livingWork, l.owner, leadLasts); err != nil || !mine {
				l.log.Warn("another process goes on with correcting answers, or the journal can't be asked", "err", err)
				return false
			}
			led = time.Now()
		}
		what, err := l.correct(ctx, j, denied)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			what = "failed"
			l.log.Warn("a posted answer could not be corrected yet", "channel", j.channel, "message", j.message, "err", err)
		}
		if what == "" {
			continue
		}
		counts[what]++
		l.metrics.correction(what)
		if what == "edited" && l.every > 0 && !sleep(ctx, l.every) {
			break
		}
	}
	l.log.Info("corrected posted answers", "edited", counts["edited"], "stood_already", counts["same"], "lost", counts["lost"], "again_later", counts["failed"])
	return ctx.Err() == nil && counts["failed"] == 0
}

// correct makes one answer say what its facts say now, and tells what was done: edited, same, lost, or nothing.
func (l *living) correct(ctx context.Context, j job, denied map[string]bool) (what string, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	p, ok, err := l.journal.Answer(ctx, j.message)
	if err != nil || !ok || p.Lost != "" || l.old(p) {
		return "", err
	}
	set := l.base.Set() // as it is at this moment: it may have changed again since the jobs were found
	now := slices.Clone(p.Facts)
	for n := range now {
		now[n].Now = revision(set.Fact(now[n].Fact))
	}
	if slices.Equal(now, p.Facts) {
		return "", nil
	}
	if denied[p.ChannelID] {
		return "lost", l.lost(ctx, p, "no permission")
	}
	facts, err := l.retold(ctx, set, p)
	if err != nil {
		return "", err
	}
	l.at("fetch")
	m, err := l.rest.GetMessage(ctx, p.ChannelID, p.MessageID)
	if restCode(err) == codeMissingPermissions { // the channel's history is closed to the bot, but not its own messages
		m, err = l.rest.OwnMessage(ctx, p.ChannelID, p.MessageID)
	}
	if err != nil {
		return l.refused(ctx, p, err, denied)
	}
	speech := speak(p.Locale)
	content := retell(speech, m.Content, facts)
	buttons := rebuttoned(speech, m, facts)
	what = "same"
	if strings.TrimSpace(m.Content) != strings.TrimSpace(content) || buttons != nil {
		l.at("edit")
		if _, err := l.rest.EditMessage(ctx, p.ChannelID, p.MessageID, amendment{Content: content, Components: buttons}); err != nil {
			return l.refused(ctx, p, err, denied)
		}
		what = "edited"
	}
	l.at("amend")
	err = l.journal.Amend(ctx, p.MessageID, func(q *journal.Posted) bool {
		for n := range q.Facts {
			for _, s := range now {
				if q.Facts[n].Fact == s.Fact {
					q.Facts[n].Now = s.Now
				}
			}
		}
		return true
	})
	if err != nil {
		l.failed("corrected", err)
	}
	l.at("amended")
	return what, err
}

// retold gives the facts of an answer as it is to tell them now.
func (l *living) retold(ctx context.Context, set *knowledge.Set, p journal.Posted) ([]retold, error) {
	var all []retold
	for _, s := range p.Facts {
		f := set.Fact(s.Fact)
		r := retold{id: s.Fact, fact: f}
		v := journal.Version{Revision: journal.GoneRevision(s.Fact), Fact: s.Fact, Since: l.now()}
		if revision(f) == journal.Gone {
			r.fact = nil
		} else {
			v = l.version(f)
			r.same = v.Revision == s.Posted
		}
		if !r.same {
			// When it changed is kept before any answer tells it, so that all tell the same, also after a restart.
			if _, err := l.journal.See(ctx, v); err != nil {
				return nil, err
			}
			kept, _, err := l.journal.Version(ctx, v.Revision)
			if err != nil {
				return nil, err
			}
			r.since = kept.Since
			if r.was, _, err = l.journal.Version(ctx, s.Posted); err != nil {
				return nil, err
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// rebuttoned gives the buttons a message should have, or nil where it has them: an answer of which nothing is left has none but 🗑.
func rebuttoned(p *phrases, m *Message, facts []retold) []discordgo.MessageComponent {
	asker, has := askerOf(m), false
	for _, id := range m.CustomIDs() {
		has = has || strings.HasPrefix(id, routeContext+":")
	}
	left := slices.ContainsFunc(facts, func(r retold) bool { return r.fact != nil })
	switch {
	case has && !left:
		return []discordgo.MessageComponent{row(removeButton(asker))}
	case !has && left:
		var ids []string
		for _, r := range facts {
			ids = append(ids, r.id)
		}
		return buttonsFor(p, refsOf(ids), asker, false)
	}
	return nil
}

// refused takes in that Discord did not let an answer be read or edited: for good, or for now.
func (l *living) refused(ctx context.Context, p journal.Posted, err error, denied map[string]bool) (string, error) {
	switch status := restStatus(err); {
	case status == http.StatusNotFound:
		return "lost", l.lost(ctx, p, "deleted")
	case status == http.StatusForbidden:
		denied[p.ChannelID] = true
		return "lost", l.lost(ctx, p, "no permission")
	case status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusUnauthorized:
		l.log.Error("Discord refused a correction", "channel", p.ChannelID, "message", p.MessageID, "err", err)
		return "lost", l.lost(ctx, p, "refused")
	}
	return "", err
}

// lost notes that an answer can't be edited any more.
func (l *living) lost(ctx context.Context, p journal.Posted, why string) error {
	l.log.Info("a posted answer can't be corrected", "why", why, "channel", p.ChannelID, "message", p.MessageID)
	return l.journal.Amend(ctx, p.MessageID, func(q *journal.Posted) bool { q.Lost = why; return true })
}
