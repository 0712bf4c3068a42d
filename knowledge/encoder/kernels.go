package encoder

// kernels is the arithmetic, of which there are several implementations with the same bits: sums of whole numbers are exact, and those of floats are taken in the same order, in eight
// lanes, and never fused with a product (in Go, the conversions to float32 forbid that).
type kernels struct {
	name string

	// multiply sets 16 outputs (a panel of m) of up to maxRows rows; out is stride wide. codes are the rows' quantised inputs, tokens what they stand for.
	multiply func(out []float32, stride, rows int, codes []uint8, m *matrix, panel int, tokens []float32)

	// span gives the least and the largest product of an x with its smooth, and 0. There are a multiple of 32.
	span func(x, smooth []float32) (low, high float32)

	// quantise sets dst to x · smooth · steps + zero, rounded, from 0 to 255. There are a multiple of 32.
	quantise func(dst []uint8, x, smooth []float32, steps float32, zero int32)

	// gelu takes the Gaussian error linear unit (Hendrycks and Gimpel 2016) of all, a multiple of 32.
	gelu func(x []float32)

	// addNorm adds to x, which is Width long, and normalises the sum.
	addNorm func(x, add []float32, n norms, epsilon float32)

	// attend is one head of attention over n pieces: the sum of values by the softmax of the query's products with all keys. out is Width wide. from is 3 Width wide: queries, Width behind them
	// keys, Width behind these values. scores must have room for n rounded up to a multiple of 8.
	attend func(out, from []float32, n int, scores []float32)

	// dots gives the products of q's codes with those of all.
	dots func(dst []int32, q *Vector, all []Vector)
}

// maxRows is a multiple of three, as kernels take three rows at a time.
const maxRows = 63
