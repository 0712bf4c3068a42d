package encoder

import "math"

// portable is the kernels in plain Go, for machines that have no others, and to hold the others against.
var portable = kernels{
	name: "portable", multiply: multiply, span: span, quantise: quantiseRow, gelu: gelu, addNorm: addNorm, attend: attend, dots: dots,
}

// multiply makes four products at a time: the codes of four outputs, 16 bits apart in a word, times an input, and 16 such products summed, are sums that each fit
// their 16 bits, as the codes are chosen. Half of what 16 bits hold is added to each, so that none is below 0 and borrows from its neighbour.
func multiply(out []float32, stride, rows int, codes []uint8, m *matrix, p int, tokens []float32) {
	const (
		words  = panel / 4
		inputs = 4 * groupSteps
		halves = 0x8000_8000_8000_8000
		evens  = 0x0000_ffff_0000_ffff
	)
	var sums [maxRows][2 * words]uint64 // 32-bit sums: of outputs 4w and 4w+2 in sums[2w], 4w+1 and 4w+3 in sums[2w+1]
	var packed [2][inputs / 2][words]uint64
	weights := m.codes[p*panel*m.inputs:][:panel*m.inputs]
	for k := 0; k < m.inputs; k += inputs {
		for step := range groupSteps { // of whose four inputs the first two go into one sum, the others into another
			for w := range words {
				c := (*[16]int8)(weights[(k+4*step)*panel+16*w:])
				packed[0][2*step][w], packed[0][2*step+1][w] = pack(c[0], c[4], c[8], c[12]), pack(c[1], c[5], c[9], c[13])
				packed[1][2*step][w], packed[1][2*step+1][w] = pack(c[2], c[6], c[10], c[14]), pack(c[3], c[7], c[11], c[15])
			}
		}
		for r := range rows {
			row, s := (*[inputs]uint8)(codes[r*m.inputs+k:]), &sums[r]
			for h := range packed {
				var t0, t1, t2, t3 uint64 = halves, halves, halves, halves
				for step := range groupSteps {
					a, b := uint64(row[4*step+2*h]), uint64(row[4*step+2*h+1])
					u, v := &packed[h][2*step], &packed[h][2*step+1]
					t0 += a*u[0] + b*v[0]
					t1 += a*u[1] + b*v[1]
					t2 += a*u[2] + b*v[2]
					t3 += a*u[3] + b*v[3]
				}
				s[0] += t0 & evens
				s[1] += t0 >> 16 & evens
				s[2] += t1 & evens
				s[3] += t1 >> 16 & evens
				s[4] += t2 & evens
				s[5] += t2 >> 16 & evens
				s[6] += t3 & evens
				s[7] += t3 >> 16 & evens
			}
		}
	}
	added := int32(m.inputs / inputs * 2 * 0x8000)
	terms := (*[3 * panel]float32)(m.terms[3*panel*p:])
	for r := range rows {
		step, zero := tokens[2*r], tokens[2*r+1]
		o := out[r*stride:][:panel]
		for i := range o {
			sum := int32(uint32(sums[r][i/4*2+i%2]>>(i%4/2*32))) - added
			v := float32(float32(float32(sum)*terms[i]) * step)
			v = float32(v - float32(terms[panel+i]*zero))
			o[i] = float32(v + terms[2*panel+i])
		}
	}
}

func pack(a, b, c, d int8) uint64 { return uint64(a) + uint64(b)<<16 + uint64(c)<<32 + uint64(d)<<48 }

func span(x, smooth []float32) (low, high float32) {
	for i, v := range x {
		v = float32(v * smooth[i])
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

func quantiseRow(dst []uint8, x, smooth []float32, steps float32, zero int32) {
	for i, v := range x {
		v = float32(float32(v*smooth[i]) * steps)
		dst[i] = uint8(min(255, max(0, int32(math.RoundToEven(float64(v)))+zero)))
	}
}

// gelu is max(x, 0) - r(|x|), where r(a) is a times the normal distribution's tail above a, here a polynomial (a fit, right to 8e-5) up to geluMax, above which r counts as constant.
func gelu(x []float32) {
	for i, v := range x {
		a := min(math.Float32frombits(math.Float32bits(v)&^(1<<31)), geluMax)
		t := float32(0)
		for _, c := range geluTerms {
			t = float32(float32(t+c) * a)
		}
		x[i] = float32(max(v, 0) - t)
	}
}

const geluMax = 4.2

// geluTerms are from the ninth power down to the first.
var geluTerms = [...]float32{
	3.65815249e-05, -0.000597885286, 0.00330471667, -0.00343968766, -0.0335864387, 0.119812414, -0.0402044542, -0.385130763, 0.498419315,
}

// exp is for x <= 0, by Cephes' expf: x = n ln 2 + r, and a polynomial of r. Below -87 it is that of -87.
func exp(x float32) float32 {
	x = max(x, -87)
	n := float32(math.RoundToEven(float64(float32(x * 1.44269504))))
	x = float32(x - float32(n*0.693359375)) // ln 2 in two parts, of which the first times n is exact
	x = float32(x - float32(n*-2.12194440e-4))
	t := float32(x * expTerms[0])
	for _, c := range expTerms[1:] {
		t = float32(float32(t+c) * x)
	}
	t = float32(float32(float32(t*x)+x) + 1)
	return math.Float32frombits(math.Float32bits(t) + uint32(int32(n))<<23)
}

// expTerms are from the seventh power down to the second.
var expTerms = [...]float32{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}

// lanes is a sum in eight parts, as vector registers hold it.
type lanes [8]float32

func (l *lanes) sum() float32 {
	low := float32(float32(l[0]+l[1]) + float32(l[2]+l[3]))
	high := float32(float32(l[4]+l[5]) + float32(l[6]+l[7]))
	return float32(low + high)
}

func addNorm(x, add []float32, n norms, epsilon float32) {
	var l lanes
	for i := range x {
		x[i] = float32(x[i] + add[i])
		l[i%8] = float32(l[i%8] + x[i])
	}
	mean := l.sum() / Width
	l = lanes{}
	for i := range x {
		d := float32(x[i] - mean)
		l[i%8] = float32(l[i%8] + float32(d*d))
	}
	variance := float32(float32(l.sum()/Width) + epsilon)
	scale := 1 / float32(math.Sqrt(float64(variance)))
	for i := range x {
		d := float32(float32(x[i]-mean) * scale)
		x[i] = float32(float32(d*n.weight[i]) + n.bias[i])
	}
}

func attend(out, from []float32, n int, scores []float32) {
	const stride = 3 * Width
	scores = scores[:(n+7)/8*8]
	for r := range n {
		query := (*[headWidth]float32)(from[r*stride:])
		most := float32(lowest)
		for j := range n {
			key := (*[headWidth]float32)(from[j*stride+Width:])
			var l lanes
			for c := range l {
				s := float32(query[c] * key[c])
				s = float32(s + float32(query[c+8]*key[c+8]))
				s = float32(s + float32(query[c+16]*key[c+16]))
				l[c] = float32(s + float32(query[c+24]*key[c+24]))
			}
			scores[j] = l.sum()
			most = max(most, scores[j])
		}
		for j := n; j < len(scores); j++ {
			scores[j] = lowest
		}
		var l lanes
		for j, s := range scores {
			scores[j] = exp(float32(s - most))
			l[j%8] = float32(l[j%8] + scores[j])
		}
		scale := 1 / l.sum()
		var sum [headWidth]float32
		for j := range n {
			p, value := scores[j], (*[headWidth]float32)(from[j*stride+2*Width:])
			for c := range sum {
				sum[c] = float32(sum[c] + float32(p*value[c]))
			}
		}
		for c := range sum {
			out[r*Width+c] = float32(sum[c] * scale)
		}
	}
}

// lowest is below every score.
const lowest = -1e30

func dots(dst []int32, q *Vector, all []Vector) {
	for i := range all {
		dst[i] = dot(q, &all[i])
	}
}

func dot(a, b *Vector) int32 {
	sum := int32(0)
	for i, c := range a.codes {
		sum += int32(c) * int32(b.codes[i])
	}
	return sum
}
