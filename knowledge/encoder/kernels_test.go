package encoder

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The fastest kernels give the same bits as plain Go, whatever the sizes and at the ends of what the sums hold.
func TestKernelsAreTheSame(t *testing.T) {
	k := fastest()
	if k == &portable {
		t.Skip("this machine has no other kernels")
	}
	r := rand.New(rand.NewPCG(1, 2))
	floats := func(n int, size float64) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64() * size)
		}
		return x
	}
	same := func(t *testing.T, run func(k *kernels) []float32) {
		t.Helper()
		want, got := run(&portable), run(k)
		if len(want) == 0 {
			t.Fatal("nothing to compare")
		}
		for i := range want {
			if math.Float32bits(want[i]) != math.Float32bits(got[i]) {
				t.Fatalf("number %d of %d is %v, not %v", i, len(want), got[i], want[i])
			}
		}
	}

	t.Run("multiply", func(t *testing.T) {
		for _, inputs := range []int{32, 384, 1536} {
			for _, rows := range []int{1, 2, 3, 4, 5, 6, 7, 8, maxRows} {
				for _, extreme := range []bool{false, true} {
					m := &matrix{inputs: inputs, outputs: 2 * panel, codes: make([]int8, 2*panel*inputs), terms: floats(2*3*panel, 1)}
					codes := make([]uint8, rows*inputs)
					for i := range codes {
						codes[i] = uint8(r.IntN(256))
						if extreme {
							codes[i] = 255
						}
					}
					fill(r, m, extreme)
					tokens := floats(2*rows, 1)
					same(t, func(k *kernels) []float32 {
						out := make([]float32, rows*m.outputs)
						for p := range 2 {
							k.multiply(out[p*panel:], m.outputs, rows, codes, m, p, tokens)
						}
						return out
					})
				}
			}
		}
	})
	t.Run("span and quantise", func(t *testing.T) {
		for _, n := range []int{32, 384, 1536} {
			for _, size := range []float64{0, 1e-20, 1, 1e6} {
				x, smooth := floats(n, size), floats(n, 1)
				same(t, func(k *kernels) []float32 {
					low, high := k.span(x, smooth)
					codes := make([]uint8, n)
					k.quantise(codes, x, smooth, 300/max(high-low, 1e-30), 20)
					out := []float32{low + 0, high + 0} // of zeros, the sign is of no account
					for _, c := range codes {
						out = append(out, float32(c))
					}
					return out
				})
			}
		}
	})
	t.Run("gelu", func(t *testing.T) {
		x := append(floats(32*40, 3), -100, 100, 0, float32(math.Copysign(0, -1)), geluMax, -geluMax, 87, -87, 1e-30, -1e-30, 5, -5, 6, -6, 7, -7)
		x = append(x, x[:16]...)
		same(t, func(k *kernels) []float32 {
			y := slices.Clone(x)
			k.gelu(y)
			return y
		})
	})
	t.Run("addNorm", func(t *testing.T) {
		for _, size := range []float64{0, 1e-6, 1, 1e4} {
			x, add, n := floats(Width, size), floats(Width, size), norms{floats(Width, 1), floats(Width, 1)}
			same(t, func(k *kernels) []float32 {
				y := slices.Clone(x)
				k.addNorm(y, add, n, 1e-12)
				return y
			})
		}
	})
	t.Run("attend", func(t *testing.T) {
		for n := 1; n < 40; n++ {
			for _, size := range []float64{0.1, 2, 20} {
				from := floats(n*3*Width, size)
				same(t, func(k *kernels) []float32 {
					out, scores := make([]float32, n*Width), slices.Repeat([]float32{float32(math.NaN())}, n+7)
					for h := 0; h < Width; h += headWidth {
						k.attend(out[h:], from[h:], n, scores)
					}
					return out
				})
			}
		}
	})
	t.Run("dots", func(t *testing.T) {
		all := vectors(r, 20)
		for i := range all[0].codes {
			all[0].codes[i], all[1].codes[i] = 127, -127
		}
		for n := 1; n < len(all); n++ {
			for q := range 4 {
				same(t, func(k *kernels) []float32 {
					sums := make([]int32, n)
					k.dots(sums, &all[q], all[:n])
					out := make([]float32, n)
					for i, s := range sums {
						out[i] = float32(s) // below 2^24
					}
					return out
				})
			}
		}
	})
}

// fill sets codes at random, or as large as they may be, so that the positive and the negative of each 16-bit sum come to 128 at most.
func fill(r *rand.Rand, m *matrix, extreme bool) {
	for p := 0; p < len(m.codes); p += panel * m.inputs {
		for output := range panel {
			for k := 0; k < m.inputs; k += 4 * groupSteps {
				for half := range 2 {
					below, above := 128, 128
					for i := range 2 * groupSteps {
						input := k + i/2*4 + half*2 + i%2
						c := r.IntN(255) - 127
						if extreme {
							c = 127 - 254*(output%2)
						}
						c = max(-below, min(above, c))
						below, above = below+min(c, 0), above-max(c, 0)
						m.codes[p+input/4*4*panel+output*4+input%4] = int8(c)
					}
				}
			}
		}
	}
}

func vectors(r *rand.Rand, n int) []Vector {
	all := make([]Vector, n)
	for i := range all {
		var x [Width]float32
		for j := range x {
			x[j] = float32(r.NormFloat64())
		}
		all[i] = quantise(&x)
	}
	return all
}
