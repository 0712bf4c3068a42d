package bot

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot/discordtest"
	"footnote/facts"
	"footnote/knowledge"
)

// TestLoad asks the built-in facts 50 questions a second, as many as Discord lets a bot send messages, nine in ten with /ask and one with a
// mention, and then 1,000 at once. It measures from the event's leaving the server to the response's having come, both ends on this machine, by
// the machine's clock: so it runs only where FOOTNOTE_LOAD says how long the first part lasts.
func TestLoad(t *testing.T) {
	v := os.Getenv("FOOTNOTE_LOAD")
	if v == "" {
		t.Skip("it measures this machine by its clock: FOOTNOTE_LOAD=60s go test ./bot -run TestLoad -v")
	}
	lasts, err := time.ParseDuration(v)
	if err != nil {
		t.Fatal(err)
	}
	const burst = 1000
	const perSecond, members, channels = 50, 2500, 450
	base, problems, err := knowledge.Open(t.Context(), facts.FS)
	if err != nil || knowledge.HasErrors(problems) {
		t.Fatal(err, problems)
	}
	defer base.Close()
	var asks []string
	for _, f := range base.Set().Facts {
		asks = append(asks, f.Asks...)
	}
	for _, trial := range base.Set().Trials {
		asks = append(asks, trial.Ask)
	}
	s := discordtest.New(t, discordtest.Options{Clock: discordtest.RealClock{}, LogLimit: 1000})
	s.LimitGlobal(50)
	b, err := New(base, s.Token(), Options{Discord: s.URL()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- b.Run(ctx) }()
	defer func() {
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	}()
	wait := within(t, lasts+2*time.Minute)
	if err := s.WaitReady(wait, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WaitRequest(wait, func(r discordtest.Request) bool { return r.Method == "PUT" }); err != nil {
		t.Fatal(err)
	}
	users := make([]*discordtest.User, members)
	for n := range users {
		users[n] = s.User(fmt.Sprint("member", n))
	}
	rooms := make([]*discordtest.Channel, channels)
	for n := range rooms {
		rooms[n] = s.Home().Channel(fmt.Sprint("room", n))
	}

	var mu sync.Mutex
	var took, whole []time.Duration
	var lost, mentioned, deferred atomic.Int64
	var all sync.WaitGroup
	ask := func(n int, mention bool) {
		defer all.Done()
		u, room, text := users[n%members], rooms[n%channels], asks[n%len(asks)]
		if mention {
			m, err := u.Say(room, s.BotUser().Mention()+" "+text)
			if err == nil {
				_, err = s.WaitMessage(wait, s.ReplyTo(m.ID))
			}
			if err != nil {
				lost.Add(1)
			}
			mentioned.Add(1)
			return
		}
		began := time.Now()
		in, err := u.Slash(room, "ask", discordtest.Args{"question": text})
		if err != nil {
			lost.Add(1)
			return
		}
		r, err := in.Response(wait)
		if err == nil && r.Type == discordtest.ResponseDeferredMessage {
			deferred.Add(1)
		}
		if err == nil {
			_, err = in.Answer(wait)
		}
		if err != nil {
			lost.Add(1)
			return
		}
		mu.Lock()
		took = append(took, r.After)
		whole = append(whole, time.Since(began))
		mu.Unlock()
	}
	measure := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(took)
		if len(took) == 0 {
			t.Fatal("nothing was answered")
		}
		slices.Sort(whole)
		t.Logf("%s: %d commands and %d mentions answered, %d lost, %d deferred; first response p50 %v, p99 %v, longest %v; whole answer p50 %v, p99 %v",
			what, len(took), mentioned.Load(), lost.Load(), deferred.Load(), at(took, 50), at(took, 99), at(took, 100), at(whole, 50), at(whole, 99))
		if lost.Load() > 0 {
			t.Errorf("%s: %d questions were not answered", what, lost.Load())
		}
		took, whole = nil, nil
	}
	all.Add(1)
	ask(0, false) // what is made on first use is made
	took, whole = nil, nil
	routines, memory := runtime.NumGoroutine(), heap()

	// How late the machine itself is: it may have others to serve, and what they take is no fault of the bot's.
	idle, late := make(chan struct{}), make(chan time.Duration)
	go func() {
		var most time.Duration
		for due := time.Now(); ; due = time.Now().Add(10 * time.Millisecond) {
			time.Sleep(time.Until(due))
			most = max(most, time.Since(due))
			select {
			case <-idle:
				late <- most
				return
			default:
			}
		}
	}()

	began, n := time.Now(), 1
	for ; n <= int(lasts.Seconds()*perSecond); n++ {
		time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / perSecond))) // a ticker would leave out what a busy machine is late for
		all.Add(1)
		go ask(n, n%10 == 0)
	}
	all.Wait()
	measure(fmt.Sprintf("%d questions in %v", n-1, lasts))
	close(idle)
	t.Logf("meanwhile a goroutine that only sleeps woke up to %v late", (<-late).Round(10*time.Microsecond))

	lost.Store(0)
	mentioned.Store(0)
	deferred.Store(0)
	for range burst {
		n++
		all.Add(1)
		go ask(n, false)
	}
	all.Wait()
	measure(fmt.Sprintf("%d at once", burst))

	b.rest.client.CloseIdleConnections()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > routines && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond) // the server's side of the connections goes in its own time
	}
	t.Logf("goroutines %d before, %d after; heap %d KiB before, %d KiB after, the server's with it", routines, runtime.NumGoroutine(), memory>>10, heap()>>10)
	if now := runtime.NumGoroutine(); now > routines+5 {
		t.Errorf("%d goroutines, %d before", now, routines)
	}
	if refused := s.Refusals(); len(refused) > 0 {
		t.Errorf("%d requests were refused, the first: %v", len(refused), refused[0])
	}
}

// at gives a percentile of sorted durations.
func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[(len(sorted)-1)*percent/100].Round(10 * time.Microsecond)
}

// heap is the live memory, in bytes.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
