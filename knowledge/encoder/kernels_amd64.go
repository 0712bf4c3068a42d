package encoder

import "golang.org/x/sys/cpu"

//go:generate go -C asm run . -pkg encoder -out ../avx2_amd64.s -stubs ../avx2_amd64.go

var avx2 = kernels{
	name: "avx2",
	multiply: func(out []float32, stride, rows int, codes []uint8, m *matrix, p int, tokens []float32) {
		multiplyAVX2(&out[0], stride, rows, &codes[0], m.inputs, &m.codes[p*panel*m.inputs], &m.terms[3*panel*p], &tokens[0])
	},
	span: func(x, smooth []float32) (low, high float32) { return spanAVX2(&x[0], &smooth[0], len(x)) },
	quantise: func(dst []uint8, x, smooth []float32, steps float32, zero int32) {
		quantiseAVX2(&dst[0], &x[0], &smooth[0], len(x), steps, zero)
	},
	gelu: func(x []float32) { geluAVX2(&x[0], len(x)) },
	addNorm: func(x, add []float32, n norms, epsilon float32) {
		addNormAVX2(&x[0], &add[0], &n.weight[0], &n.bias[0], epsilon)
	},
	attend: func(out, from []float32, n int, scores []float32) { attendAVX2(&out[0], &from[0], n, &scores[0]) },
	dots:   func(dst []int32, q *Vector, all []Vector) { dotsAVX2(&dst[0], &q.codes[0], &all[0].codes[0], len(all)) },
}

func fastest() *kernels {
	if cpu.X86.HasAVX2 { // which says that the operating system keeps its registers, too
		return &avx2
	}
	return &portable
}
