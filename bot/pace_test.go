package bot

import (
	"strconv"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	p := newPace(3, 10*time.Second, 100)
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	for range 3 {
		if ok, _, _ := p.take("alice", now); !ok {
			t.Fatal("refused within the burst")
		}
	}
	ok, again, first := p.take("alice", now)
	if ok || !first || !again.Equal(now.Add(10*time.Second)) {
		t.Errorf("the fourth at once: %v, again at %v, first %v", ok, again, first)
	}
	if ok, _, first := p.take("alice", now.Add(time.Second)); ok || first {
		t.Errorf("the fifth: %v, first %v; it was told already", ok, first)
	}
	if ok, _, _ := p.take("bob", now); !ok {
		t.Error("bob is refused for what alice did")
	}
	if ok, _, _ := p.take("alice", again); !ok {
		t.Error("refused at the very moment that was named")
	}
	if ok, _, first := p.take("alice", again); ok || !first {
		t.Errorf("then at once again: %v, first %v; it is to be told anew", ok, first)
	}
}

// TestPaceForgets holds that a flood of members takes bounded memory, and that who asked last is remembered.
func TestPaceForgets(t *testing.T) {
	p := newPace(1, time.Hour, 50)
	now := time.Now()
	for n := range 10_000 {
		p.take(strconv.Itoa(n), now)
	}
	if len(p.keys) != 50 || p.order.Len() != 50 {
		t.Errorf("%d keys and %d in order are kept, want 50", len(p.keys), p.order.Len())
	}
	if ok, _, _ := p.take("9999", now); ok {
		t.Error("who asked last is forgotten")
	}
}
