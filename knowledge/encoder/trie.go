package encoder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
)

// A trie finds the vocabulary's pieces by their bytes. It is used as it lies in the weights file, so that nothing is built when they are read but the counts of
// a few thousand words of bits: 250,000 pieces have 780,000 nodes, in little more than one byte each and a bit for each of three questions.
//
// Nodes are numbered by depth, and those of one depth by their parents and labels. So siblings (a family) stand side by side, families stand in the order of
// their parents, and the family of the r-th node that has children is the (r+1)-th of all: the root, alone, is the first.
type trie struct {
	labels []byte // the byte that leads to each node
	last   bitset // is it the last of its family?
	inner  bitset // has it children?
	word   bitset // does a piece end here?
	ids    []byte // the pieces' ids in the order of their nodes, three bytes each, low byte first
}

const root = 0

var errTrie = errors.New("the vocabulary is not whole")

// newTrie checks all that finding relies on. ids must be below vocab.
func newTrie(labels, last, inner, word, ids []byte, vocab int) (*trie, error) {
	n := len(labels)
	t := &trie{labels: labels, last: newBitset(last), inner: newBitset(inner), word: newBitset(word), ids: ids}
	for _, b := range []*bitset{&t.last, &t.inner, &t.word} {
		if spare := len(b.words)*64 - n; spare < 0 || spare > 63 || spare > 0 && b.words[len(b.words)-1]>>(64-spare) != 0 {
			return nil, errTrie
		}
	}
	if n == 0 || !t.last.has(root) || !t.last.has(n-1) || t.last.ones() != t.inner.ones()+1 || 3*t.word.ones() != len(ids) {
		return nil, errTrie
	}
	for i := 0; i < len(ids); i += 3 {
		if int(id(ids[i:])) >= vocab {
			return nil, errTrie
		}
	}
	return t, nil
}

func id(b []byte) int32 { return int32(b[0]) | int32(b[1])<<8 | int32(b[2])<<16 }

// next gives the child of the node that the byte leads to.
func (t *trie) next(node int, b byte) (child int, ok bool) {
	if !t.inner.has(node) {
		return 0, false
	}
	first := t.last.find(t.inner.before(node)) + 1
	i := bytes.IndexByte(t.labels[first:t.last.from(first)+1], b)
	return first + i, i >= 0
}

// piece gives the id of the piece that ends at the node.
func (t *trie) piece(node int) (int32, bool) {
	if !t.word.has(node) {
		return 0, false
	}
	return id(t.ids[3*t.word.before(node):]), true
}

// walk follows all the bytes.
func (t *trie) walk(s string) (node int, ok bool) {
	for i := range len(s) {
		if node, ok = t.next(node, s[i]); !ok {
			return 0, false
		}
	}
	return node, true
}

// A bitset knows how many of its bits are set before any place, and where the r-th of them is.
type bitset struct {
	words  []uint64
	counts []uint32 // ones before each word, and after the last
	places []uint32 // the word that every 64th one is in
}

func newBitset(b []byte) bitset {
	s := bitset{words: make([]uint64, len(b)/8), counts: make([]uint32, len(b)/8+1)}
	ones := uint32(0)
	for i := range s.words {
		s.words[i] = binary.LittleEndian.Uint64(b[8*i:])
		s.counts[i] = ones
		ones += uint32(bits.OnesCount64(s.words[i]))
		for uint32(64*len(s.places)) < ones {
			s.places = append(s.places, uint32(i))
		}
	}
	s.counts[len(s.words)] = ones
	return s
}

func (s *bitset) has(i int) bool { return s.words[i/64]>>(i%64)&1 != 0 }

func (s *bitset) ones() int { return int(s.counts[len(s.words)]) }

// before counts the ones before i.
func (s *bitset) before(i int) int {
	return int(s.counts[i/64]) + bits.OnesCount64(s.words[i/64]&(1<<(i%64)-1))
}

// find gives the place of the r-th one, counted from 0.
func (s *bitset) find(r int) int {
	w := int(s.places[r/64])
	for int(s.counts[w+1]) <= r {
		w++
	}
	word := s.words[w]
	for range r - int(s.counts[w]) {
		word &= word - 1
	}
	return 64*w + bits.TrailingZeros64(word)
}

// from gives the place of the first one that is not before i. There must be one.
func (s *bitset) from(i int) int {
	w := i / 64
	word := s.words[w] &^ (1<<(i%64) - 1)
	for word == 0 {
		w++
		word = s.words[w]
	}
	return 64*w + bits.TrailingZeros64(word)
}
