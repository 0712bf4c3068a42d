// Package encoder turns sentences into vectors that lie close together where the sentences mean the same.
//
// There are two encoders: [English], small and quick, and [Multilingual], for all languages. Their weights are in the binary; both are made by others, and README.md
// tells by whom, how they got here and what is in their files. [Encoder.Encode] gives the vectors of texts, [Cosine] tells how near two vectors are, [Cosines] how near one is to each of many.
//
// Vectors are made of each text by itself, so they tell what is near and not what is answered. For the few texts that they find there are readers, [EnglishReader] and [MultilingualReader]:
// [Reader.Read] takes question and text through the layers together (reader.go). A reader is made of an encoder and shares its pieces, and its first layers where these are the same.
//
// The way of a text: it is taken apart into pieces of words (wordpiece.go for English, unigram.go for Multilingual; both look pieces up in a trie.go), the pieces
// become rows of 384 numbers, the rows go through the layers of a BERT (encoder.go makes batches, layers.go runs them), and the sum of the rows, quantised, is the vector (vector.go).
//
// The weights of the layers are of 8 bits, and so are the inputs of each matrix, row by row, while they are multiplied. That costs little (README.md) and is
// twice as fast as floats: on most machines what counts is how many bytes go through the registers. The arithmetic is in kernels.go: plain Go for all machines (portable.go), and assembly for those with AVX2, which the
// program in asm generates (avx2_amd64.s). All give the same bits, so vectors can be kept in files, cached and compared, whatever machine made them; [Encoder.Hash] tells by which weights.
//
// An Encoder never changes and starts no goroutines.
package encoder
