package encoder

import (
	"math"
	"slices"
)

// A matrix multiplies and adds: outputs = inputs · weights + biases, with 8-bit weights. Its outputs come in panels of 16.
type matrix struct {
	inputs, outputs int
	codes           []int8    // per panel: [inputs / 4][16][4]
	terms           []float32 // per panel: 16 scales, 16 scales times the sum of the output's codes, 16 biases
	smooth          []float32 // what inputs are multiplied by before they are quantised; the weights are divided by it
}

// panel is how many outputs the kernels make at once, and groupSteps how many steps of four inputs they sum in 16 bits: the codes are so that no such sum can overflow.
const (
	panel      = 16
	groupSteps = 8
)

// A layer is one of BERT's: attention, then two matrices with GELU between them, each with what went in added and normalised.
type layer struct {
	queries, attention matrix // queries: queries, keys and values side by side; queries are divided by the square root of headWidth
	expand, contract   matrix
	attended, done     norms
}

// norms is a layer normalisation.
type norms struct{ weight, bias []float32 }

const (
	heads     = 12
	headWidth = Width / heads
)

// A table holds what each piece begins as.
type table interface {
	row(dst *[Width]float32, id int32)
}

// table8 has a scale a row.
type table8 struct {
	codes  []int8
	scales []float32
}

func (t *table8) row(dst *[Width]float32, id int32) {
	scale := t.scales[id]
	for i, c := range t.codes[int(id)*Width:][:Width] {
		dst[i] = float32(float32(c) * scale)
	}
}

// table4 has groups of 32 numbers, in 16 bytes: the first 16 in the low halves, the others in the high ones, 8 more than they stand for. Each has a scale, of 16 bits.
type table4 struct {
	codes, scales []byte
}

const groupWidth = 32

func (t *table4) row(dst *[Width]float32, id int32) {
	for g := range Width / groupWidth {
		i := int(id)*Width/groupWidth + g
		scale := half(uint16(t.scales[2*i]) | uint16(t.scales[2*i+1])<<8)
		for j, c := range t.codes[i*groupWidth/2:][:groupWidth/2] {
			dst[g*groupWidth+j] = float32(float32(int(c&15)-8) * scale)
			dst[g*groupWidth+groupWidth/2+j] = float32(float32(int(c>>4)-8) * scale)
		}
	}
}

// half gives the number that an IEEE 754 half stands for, which is exact; infinities and NaNs, which no weights have, come out as large numbers.
func half(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	if exponent == 0 {
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*(1.0/(1<<24))))
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// scratch is what a batch needs. A row is a piece of a text; rows of all texts of the batch stand one behind the other.
type scratch struct {
	ids     []int32
	lengths []int     // how many rows each text has
	splits  []int     // of pairs: how many of them are the first text's
	x, y    []float32 // [rows][Width]
	wide    []float32 // [rows][3 * Width or inner]
	codes   []uint8   // quantised inputs
	tokens  []float32 // per row: the step between its codes, and the step times the code of 0
	scores  []float32 // of one piece with all of its text, and up to 7 more
}

func grown[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	*s = (*s)[:n]
	return *s
}

// run appends the vectors of the batch in s.
func (e *Encoder) run(vectors []Vector, s *scratch) []Vector {
	e.begin(s, nil)
	e.pass(s, e.layers)
	x := s.x
	for _, n := range s.lengths {
		var sum [Width]float32
		x = add(&sum, x, n)
		vectors = append(vectors, quantise(&sum)) // the length of a vector is 1, so the sum is as good as the mean
	}
	return vectors
}

// add adds up the first n rows of x, and gives the others.
func add(sum *[Width]float32, x []float32, n int) []float32 {
	for range n {
		for i, f := range x[:Width] {
			sum[i] += f
		}
		x = x[Width:]
	}
	return x
}

// begin sets s.x to what the rows of the batch begin as. second is what is added to those of a pair's second text; nil where the batch is no pairs.
func (e *Encoder) begin(s *scratch, second []float32) {
	x, r := grown(&s.x, len(s.ids)*Width), 0
	for t, n := range s.lengths {
		for i := range n {
			row := x[r*Width:][:Width]
			e.table.row((*[Width]float32)(row), s.ids[r])
			if second != nil && i >= s.splits[t] {
				for k, f := range second {
					row[k] += f
				}
			}
			e.kernels.addNorm(row, e.positions[i*Width:][:Width], e.norm, e.epsilon)
			r++
		}
	}
}

// pass takes the rows in s.x through the layers.
func (e *Encoder) pass(s *scratch, layers []layer) {
	rows, k := len(s.ids), e.kernels
	if rows == 0 {
		return
	}
	x, y, wide := s.x, grown(&s.y, rows*Width), grown(&s.wide, rows*max(3*Width, e.inner))
	scores := grown(&s.scores, slices.Max(s.lengths)+7)
	addNorm := func(add []float32, n norms) {
		for i := 0; i < len(x); i += Width {
			k.addNorm(x[i:i+Width], add[i:i+Width], n, e.epsilon)
		}
	}
	for i := range layers {
		l := &layers[i]
		e.multiply(wide, x, rows, &l.queries, s)
		r := 0
		for _, n := range s.lengths {
			from := wide[r*3*Width:]
			for h := 0; h < Width; h += headWidth {
				k.attend(y[r*Width+h:], from[h:], n, scores)
			}
			r += n
		}
		e.multiply(wide, y, rows, &l.attention, s)
		addNorm(wide, l.attended)
		e.multiply(wide, x, rows, &l.expand, s)
		k.gelu(wide[:rows*e.inner])
		e.multiply(y, wide, rows, &l.contract, s)
		addNorm(y, l.done)
	}
}

// cachedCodes is how many bytes of quantised inputs are multiplied with all of a matrix before the next: so many stay in a core's first cache, with a panel.
const cachedCodes = 24 << 10

// multiply sets out to m's outputs for the rows of in.
func (e *Encoder) multiply(out, in []float32, rows int, m *matrix, s *scratch) {
	k := e.kernels
	codes, tokens := grown(&s.codes, rows*m.inputs), grown(&s.tokens, 2*rows)
	for r := range rows {
		row := in[r*m.inputs:][:m.inputs]
		low, high := k.span(row, m.smooth)
		step := (high - low) / 255
		if step == 0 {
			step = 1
		}
		steps := 1 / step
		zero := int32(math.RoundToEven(float64(float32(-low * steps))))
		k.quantise(codes[r*m.inputs:][:m.inputs], row, m.smooth, steps, zero)
		tokens[2*r], tokens[2*r+1] = step, float32(step*float32(zero))
	}
	block := min(maxRows, max(3, cachedCodes/m.inputs/3*3))
	for r := 0; r < rows; r += block {
		n := min(block, rows-r)
		for p := 0; p < m.outputs; p += panel {
			k.multiply(out[r*m.outputs+p:], m.outputs, n, codes[r*m.inputs:], m, p/panel, tokens[2*r:])
		}
	}
}
