package knowledge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"footnote/knowledge/encoder"
	"footnote/knowledge/language"
	"footnote/knowledge/rank"

	"golang.org/x/sync/errgroup"
)

// vectors turns texts into vectors. Those of facts' wordings are kept: in memory as long as facts have them, and in the blocks of a folder; those
// of questions only in memory, the last some thousand.
type vectors struct {
	en, multi             *encoder.Encoder
	enReader, multiReader *encoder.Reader
	words                 func() *language.Dictionary // of English, to repair spelling with
	knows                 func(word string) bool      // whether a folded word is one of some language, not a misspelling, as far as both vocabularies tell
	blocks                *blocks                     // nil where nothing is kept
	keep                  bool                        // questions' vectors in blocks, too

	mu     sync.Mutex
	asked  map[string]*meanings // questions' vectors, by text
	recent []string             // the texts in asked, oldest first
	odds   map[readPair]float32 // what reading gave
}

// A readPair is a question and a text that are read together.
type readPair struct {
	question, text string
	english        bool
}

// maxPairs is how many pairs' log-odds are kept in memory. When they are too many all go: what is asked again and again is soon there again.
const maxPairs = 1 << 15

// A meanings is one text's vectors; en is nil where only the multilingual one was asked for.
type meanings struct{ en, multi *encoder.Vector }

// maxAsked is how many questions' vectors are kept in memory, 0.8 KB each: an edit's effects are looked for over the same trials and gaps time and again.
const maxAsked = 4096

// questionPieces is how much of a question is read, in word pieces: more is a story, whose beginning and asking sentence tell what is wanted.
const questionPieces = 64

// certainlyWhole is how many bytes a text has at most that has surely no more pieces than are read of a question: asks are encoded to their end.
const certainlyWhole = questionPieces - 8 // for the prefix, and what begins and ends a text

// newVectors reads the encoders' weights, which are in the binary.
func newVectors() (*vectors, error) {
	en, err := encoder.English()
	if err != nil {
		return nil, fmt.Errorf("the English encoder: %w", err)
	}
	multi, err := encoder.Multilingual()
	if err != nil {
		return nil, fmt.Errorf("the multilingual encoder: %w", err)
	}
	enReader, err := encoder.EnglishReader()
	if err != nil {
		return nil, fmt.Errorf("the English reader: %w", err)
	}
	multiReader, err := encoder.MultilingualReader()
	if err != nil {
		return nil, fmt.Errorf("the multilingual reader: %w", err)
	}
	v := &vectors{en: en, multi: multi, enReader: enReader, multiReader: multiReader, asked: map[string]*meanings{}, odds: map[readPair]float32{}}
	knows := func(word string) bool { return en.Knows(word) || multi.Knows(word) } // of the encoders only: what keeps it must not keep all vectors
	v.knows = knows
	v.words = sync.OnceValue(func() *language.Dictionary { return language.NewDictionary(en.Words(), knows) })
	return v, nil
}

// Kernels names the code that encodes sentences on this machine: "avx2", or "portable", which is several times slower, with the same results.
func (b *Base) Kernels() string { return b.vectors.multi.Kernels() }

// A vectorKey names a vector: the hash of text, weights and role.
type vectorKey [16]byte

func keyOf(e *encoder.Encoder, text string, role encoder.Role) vectorKey {
	h := sha256.New()
	weights := e.Hash()
	h.Write(weights[:])
	h.Write([]byte{byte(role)})
	h.Write([]byte(text))
	var k vectorKey
	copy(k[:], h.Sum(nil))
	return k
}

// weightsName names both encoders' weights, for files that hold their vectors.
func (v *vectors) weightsName() string {
	a, b := v.en.Hash(), v.multi.Hash()
	sum := sha256.Sum256(append(a[:], b[:]...))
	return hex.EncodeToString(sum[:6])
}

// encodeAtOnce is how many texts are encoded before what has been encoded is kept, and progress told.
const encodeAtOnce = 64

// wordings gives the vectors of facts' wordings, by the kept ones, by earlier ones, which may be nil, and where it must by encoding them on all cores. It calls
// step, which may be nil, with the number of texts that are done. It ends early with ctx's error.
func (v *vectors) wordings(ctx context.Context, step func(texts int)) rank.Meanings {
	return func(texts []string, role encoder.Role, english bool) (en, multi []encoder.Vector, err error) {
		if multi, err = v.all(ctx, v.multi, texts, role, step); err != nil || !english {
			return nil, multi, err
		}
		en, err = v.all(ctx, v.en, texts, role, step)
		return en, multi, err
	}
}

func (v *vectors) all(ctx context.Context, e *encoder.Encoder, texts []string, role encoder.Role, step func(int)) ([]encoder.Vector, error) {
	out := make([]encoder.Vector, len(texts))
	keys := make([]vectorKey, len(texts))
	first := map[vectorKey]int{}
	var todo []int
	for i, t := range texts {
		keys[i] = keyOf(e, t, role)
		if v.blocks.find(keys[i], &out[i]) {
			continue
		}
		if _, again := first[keys[i]]; !again {
			first[keys[i]] = i
			todo = append(todo, i)
		}
	}
	if step != nil {
		step(len(texts) - len(todo))
	}
	// Texts of about one length are encoded together, and the long ones first, so that no core waits for another at the end.
	slices.SortStableFunc(todo, func(a, b int) int { return len(texts[b]) - len(texts[a]) })
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for part := range slices.Chunk(todo, encodeAtOnce) {
		if groupCtx.Err() != nil {
			break
		}
		group.Go(func() error {
			if err := groupCtx.Err(); err != nil {
				return err
			}
			batch := make([]string, len(part))
			for k, i := range part {
				batch[k] = texts[i]
			}
			for k, vec := range e.Encode(batch, role, 0) {
				out[part[k]] = vec
				v.blocks.add(keys[part[k]], &vec)
			}
			v.blocks.flush(false)
			if step != nil {
				step(len(part))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, k := range keys {
		if j, ok := first[k]; ok {
			out[i] = out[j]
		}
	}
	return out, ctx.Err()
}

// questions gives the vectors of questions, which are kept nowhere but in memory.
func (v *vectors) questions(texts []string, role encoder.Role, english bool) (en, multi []encoder.Vector, err error) {
	multi = make([]encoder.Vector, len(texts))
	if english {
		en = make([]encoder.Vector, len(texts))
	}
	for i, t := range texts {
		l := v.question(t, english)
		multi[i] = *l.multi
		if english {
			en[i] = *l.en
		}
	}
	return en, multi, nil
}

func (v *vectors) question(text string, english bool) *meanings {
	v.mu.Lock()
	known := v.asked[text]
	v.mu.Unlock()
	if known != nil && (known.en != nil || !english) {
		return known
	}
	l := &meanings{}
	if known != nil {
		l.multi = known.multi
	} else {
		l.multi = v.encode(v.multi, text)
	}
	if english {
		l.en = v.encode(v.en, text)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.asked[text] == nil {
		v.recent = append(v.recent, text)
		if len(v.recent) > maxAsked {
			delete(v.asked, v.recent[0])
			v.recent = slices.Clone(v.recent[1:])
		}
	}
	v.asked[text] = l
	return l
}

// encode gives a question's vector.
func (v *vectors) encode(e *encoder.Encoder, text string) *encoder.Vector {
	var vec encoder.Vector
	var k vectorKey
	// What is one of the facts' asks, word for word, has its vector: members pick known questions, and `footnote check` asks them all.
	if len(text) <= certainlyWhole && v.blocks.find(keyOf(e, text, encoder.Question), &vec) {
		return &vec
	}
	if v.keep {
		if k = keyOf(e, "question "+text, encoder.Question); v.blocks.find(k, &vec) {
			return &vec
		}
	}
	vec = e.Encode([]string{text}, encoder.Question, questionPieces)[0]
	if v.keep {
		v.blocks.add(k, &vec)
	}
	return &vec
}

// reads reads each of the texts beside the question.
func (v *vectors) reads(question string, texts []string, english bool) []float32 {
	out := make([]float32, len(texts))
	var unread []int
	v.mu.Lock()
	for i, t := range texts {
		var ok bool
		if out[i], ok = v.odds[readPair{question, t, english}]; !ok {
			unread = append(unread, i)
		}
	}
	v.mu.Unlock()
	if len(unread) == 0 {
		return out
	}
	rest := make([]string, len(unread))
	for k, i := range unread {
		rest[k] = texts[i]
	}
	by := v.multiReader
	if english {
		by = v.enReader
	}
	odds := by.Read(question, rest)
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.odds)+len(rest) > maxPairs {
		clear(v.odds)
	}
	for k, i := range unread {
		out[i] = odds[k]
		v.odds[readPair{question, texts[i], english}] = odds[k]
	}
	return out
}
