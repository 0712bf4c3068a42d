package knowledge

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed wordnet.txt
var wordnetText string

// relations are words related to a word, as WordNet has them; see WriteWordNet for how they were chosen.
type relations struct {
	near, wide []string // stems: of the same meaning or made from it; of a wider meaning
}

// wordnet is the table built into the binary, read once.
var wordnet = sync.OnceValue(func() map[string]relations {
	out := make(map[string]relations, 16000)
	for line := range strings.SplitSeq(wordnetText, "\n") {
		word, rest, ok := strings.Cut(line, ":")
		if !ok || line[0] == '#' {
			continue
		}
		near, wide, _ := strings.Cut(rest, "<")
		out[word] = relations{strings.Fields(near), strings.Fields(wide)}
	}
	return out
})

// What a match through WordNet is worth. They are far below the word list's: WordNet knows rare senses too, and leads astray more often.
const (
	weightNear = 0.4
	weightWide = 0.15
)

// wordnetSenses is how many senses of a word are looked at, in WordNet's order, which is by how often they were met;
// wordnetMost is how many related words are kept of a kind.
const (
	wordnetSenses = 3
	wordnetMost   = 12
)

// synset is one meaning in WordNet's data files.
type synset struct {
	words    []string
	pointers []pointer
}

type pointer struct{ symbol, target string }

// WriteWordNet makes the table of word relations out of WordNet's database (Debian's wordnet-base): for each word that the public question sets
// know too, the other words of its first senses, and the words made from it, of the same kind or of a wider meaning, as stems. The format and the pointers'
// symbols are those of wndb(5WN).
func WriteWordNet(dict fs.FS, out io.Writer) error {
	w := englishWords()
	sets := map[string]synset{}
	type lemma struct {
		stem   string
		senses []string
	}
	var lemmas []lemma
	for _, part := range []struct{ name, letter string }{{"noun", "n"}, {"verb", "v"}, {"adj", "a"}, {"adv", "r"}} {
		err := eachLine(dict, "data."+part.name, func(f []string) error {
			n, err := strconv.ParseUint(f[3], 16, 8)
			if err != nil {
				return err
			}
			var s synset
			for i := range int(n) {
				word, _, _ := strings.Cut(f[4+2*i], "(")
				s.words = append(s.words, strings.ToLower(word))
			}
			at := 4 + 2*int(n)
			count, err := strconv.Atoi(f[at])
			if err != nil {
				return err
			}
			for i := range count {
				p := f[at+1+4*i:]
				letter := p[2]
				if letter == "s" {
					letter = "a"
				}
				s.pointers = append(s.pointers, pointer{p[0], letter + p[1]})
			}
			sets[part.letter+f[0]] = s
			return nil
		})
		if err != nil {
			return err
		}
		err = eachLine(dict, "index."+part.name, func(f []string) error {
			pointers, err := strconv.Atoi(f[3])
			if err != nil {
				return err
			}
			offsets := f[6+pointers:]
			if strings.ContainsAny(f[0], "_.'0123456789") || len(f[0]) < 3 {
				return nil
			}
			l := lemma{stem: w.stem(fold(strings.ReplaceAll(f[0], "-", "")))}
			for _, o := range offsets[:min(len(offsets), wordnetSenses)] {
				l.senses = append(l.senses, part.letter+o)
			}
			lemmas = append(lemmas, l)
			return nil
		})
		if err != nil {
			return err
		}
	}
	near, wide := map[string][]string{}, map[string][]string{}
	add := func(to map[string][]string, stem string, words []string) {
		for _, x := range words {
			if strings.ContainsAny(x, "_.'") {
				continue
			}
			s := w.stem(fold(x))
			_, common := w.freq[s]
			if common && s != stem && !w.stop[fold(x)] && len(to[stem]) < wordnetMost && !slices.Contains(to[stem], s) && !slices.Contains(near[stem], s) {
				to[stem] = append(to[stem], s)
			}
		}
	}
	known := func(l lemma) bool { _, ok := w.freq[l.stem]; return ok }
	for _, l := range lemmas {
		if known(l) {
			for _, o := range l.senses {
				add(near, l.stem, sets[o].words)
			}
		}
	}
	for _, l := range lemmas {
		if !known(l) {
			continue
		}
		for _, o := range l.senses {
			for _, p := range sets[o].pointers {
				switch p.symbol {
				case "+", "\\", "&", "$", "<": // derived, pertains to, similar, same group, participle
					add(near, l.stem, sets[p.target].words)
				case "@", "@i", "*", ">": // kind of, instance of, entails, causes
					add(wide, l.stem, sets[p.target].words)
				}
			}
		}
	}
	stems := map[string]bool{}
	for s := range near {
		stems[s] = true
	}
	for s := range wide {
		stems[s] = true
	}
	order := make([]string, 0, len(stems))
	for s := range stems {
		order = append(order, s)
	}
	slices.Sort(order)
	b := bufio.NewWriter(out)
	fmt.Fprint(b, wordnetNotice)
	for _, s := range order {
		fmt.Fprintf(b, "%s:%s", s, strings.Join(near[s], " "))
		if len(wide[s]) > 0 {
			fmt.Fprintf(b, "<%s", strings.Join(wide[s], " "))
		}
		b.WriteByte('\n')
	}
	return b.Flush()
}

// eachLine calls do with the fields of each line of a WordNet file that is not part of its licence.
func eachLine(dict fs.FS, name string, do func([]string) error) error {
	f, err := dict.Open(name)
	if err != nil {
		return fmt.Errorf("wordnet: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "  ") {
			continue
		}
		line, _, _ = strings.Cut(line, " | ")
		if err := do(strings.Fields(line)); err != nil {
			return fmt.Errorf("wordnet: %s: %w", name, err)
		}
	}
	return lines.Err()
}

const wordnetNotice = `# Words related to a word, as stems: of the same meaning or made from it, and after < of a wider one. Made from WordNet 3.0 by
# "footnote train wordnet" (see train.go).
#
# This software and database is being provided to you, the LICENSEE, by Princeton University under the following license. By obtaining,
# using and/or copying this software and database, you agree that you have read, understood, and will comply with these terms and
# conditions.:
#
# Permission to use, copy, modify and distribute this software and database and its documentation for any purpose and without fee or
# royalty is hereby granted, provided that you agree to comply with the following copyright notice and statements, including the
# disclaimer, and that the same appear on ALL copies of the software, database and documentation, including modifications that you make for
# internal use or for distribution.
#
# WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved.
#
# THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED. BY WAY
# OF EXAMPLE, BUT NOT LIMITATION, PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES OF MERCHANTABILITY OR FITNESS FOR ANY
# PARTICULAR PURPOSE OR THAT THE USE OF THE LICENSED SOFTWARE, DATABASE OR DOCUMENTATION WILL NOT INFRINGE ANY THIRD PARTY PATENTS,
# COPYRIGHTS, TRADEMARKS OR OTHER RIGHTS.
#
# The name of Princeton University or Princeton may not be used in advertising or publicity pertaining to distribution of the software
# and/or database. Title to copyright in this software, database and any associated documentation shall at all times remain with Princeton
# University and LICENSEE agrees to preserve same.
`
