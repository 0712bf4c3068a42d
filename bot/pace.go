package bot

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How fast members may ask. A person who reads the answers does not reach these; a script, or a game of pressing
// buttons, does.
const (
	// A member may ask so many questions at once, and then one in every askEvery.
	askBurst = 5
	askEvery = 6 * time.Second
	// All members of a channel together. Twenty people asking at once in a lesson are served.
	channelBurst = 25
	channelEvery = time.Second
	// How often one member is told that all in a channel together ask too fast.
	tellHereEvery = time.Minute
	// Buttons, menus and forms, which cost less and come in runs.
	pressBurst = 12
	pressEvery = time.Second
	// paceSize is how many members or channels are remembered. Those who asked longest ago are forgotten first, at some 200 bytes
	// each; with so many others asking since, their allowance is full again or nearly so.
	paceSize = 20_000
)

// A pace limits how often each of many keys may do something. It may be used from many goroutines.
type pace struct {
	burst int
	every time.Duration
	size  int

	mu    sync.Mutex
	keys  map[string]*list.Element // of *paced
	order *list.List               // used last in front
}

type paced struct {
	key     string
	limiter *rate.Limiter
	told    bool // that it is too fast, since it was last allowed
}

func newPace(burst int, every time.Duration, size int) *pace {
	return &pace{burst: burst, every: every, size: size, keys: map[string]*list.Element{}, order: list.New()}
}

// take reports whether the key may go on now, and if not, when it may and whether this is the first refusal in a row.
func (p *pace) take(key string, now time.Time) (ok bool, again time.Time, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.keys[key]
	if e == nil {
		e = p.order.PushFront(&paced{key: key, limiter: rate.NewLimiter(rate.Every(p.every), p.burst)})
		p.keys[key] = e
		for p.order.Len() > p.size {
			old := p.order.Back()
			delete(p.keys, old.Value.(*paced).key)
			p.order.Remove(old)
		}
	}
	p.order.MoveToFront(e)
	one := e.Value.(*paced)
	r := one.limiter.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait <= 0 {
		one.told = false
		return true, now, false
	}
	r.CancelAt(now)
	first = !one.told
	one.told = true
	return false, now.Add(wait), first
}
