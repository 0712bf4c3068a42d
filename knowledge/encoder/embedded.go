package encoder

import (
	_ "embed" // for the weights
	"sync"
	"unsafe"
)

//go:embed english.weights
var englishWeights string

//go:embed multilingual.weights
var multilingualWeights string

//go:embed english-reader.weights
var englishReaderWeights string

//go:embed multilingual-reader.weights
var multilingualReaderWeights string

// English gives the encoder for English: all-MiniLM-L6-v2. It reads the weights at the first call (a few milliseconds, a megabyte of heap), and gives the same Encoder each time.
func English() (*Encoder, error) { return english() }

// Multilingual gives the encoder for all languages: multilingual-e5-small. It takes twice the time of [English]. It reads the weights at the first call, as English does.
func Multilingual() (*Encoder, error) { return multilingual() }

// EnglishReader gives the reader for English, made of [English]. It reads the weights at the first call, as English does.
func EnglishReader() (*Reader, error) { return englishReader() }

// MultilingualReader gives the reader for all languages, made of [Multilingual].
func MultilingualReader() (*Reader, error) { return multilingualReader() }

var (
	englishReader = sync.OnceValues(func() (*Reader, error) {
		e, err := English()
		if err != nil {
			return nil, err
		}
		return readReader(inPlace(englishReaderWeights), e)
	})
	multilingualReader = sync.OnceValues(func() (*Reader, error) {
		e, err := Multilingual()
		if err != nil {
			return nil, err
		}
		return readReader(inPlace(multilingualReaderWeights), e)
	})
)

var (
	english      = sync.OnceValues(func() (*Encoder, error) { return read(inPlace(englishWeights)) })
	multilingual = sync.OnceValues(func() (*Encoder, error) { return read(inPlace(multilingualWeights)) })
)

// inPlace gives the bytes of an embedded string without copying them. They stay in the binary's read-only pages: writing to them would end the process.
func inPlace(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
