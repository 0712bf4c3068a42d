package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const unrolled = 4 // registers at a time

func span() {
	kernel("span", "(x, smooth *float32, n int) (low, high float32)", "spanAVX2 is for a multiple of 32.")
	x, smooth, n := param("x"), param("smooth"), param("n")
	var low, high [unrolled]Op
	for i := range unrolled {
		low[i], high[i] = zero(YMM()), zero(YMM())
	}
	Label("span")
	for i := range unrolled {
		v := YMM()
		VMOVUPS(at(x, i*lane), v)
		VMULPS(at(smooth, i*lane), v, v)
		VMINPS(v, low[i], low[i])
		VMAXPS(v, high[i], high[i])
	}
	ADDQ(I32(unrolled*lane), x)
	ADDQ(I32(unrolled*lane), smooth)
	SUBQ(I32(unrolled*lane/floatBytes), n)
	JG(LabelRef("span"))
	for i, fold := range []func(...Op){func(o ...Op) { VMINPS(o[0], o[1], o[2]) }, func(o ...Op) { VMAXPS(o[0], o[1], o[2]) }} {
		all := [][unrolled]Op{low, high}[i]
		fold(all[1], all[0], all[0])
		fold(all[3], all[2], all[2])
		fold(all[2], all[0], all[0])
		half, one := XMM(), XMM()
		VEXTRACTF128(Imm(1), all[0], half)
		VEXTRACTF128(Imm(0), all[0], one)
		fold(half, one, one)
		VPSHUFD(Imm(0x4e), one, half)
		fold(half, one, one)
		VPSHUFD(Imm(0xb1), one, half)
		fold(half, one, one)
		Store(one, ReturnIndex(i))
	}
	end()
}

func quantise() {
	kernel("quantise", "(dst *uint8, x, smooth *float32, n int, steps float32, zero int32)", "quantiseAVX2 is for a multiple of 32.")
	dst, x, smooth, n := param("dst"), param("x"), param("smooth"), param("n")
	step, zero := broadcast(inPlace("steps")), broadcast(inPlace("zero"))
	// Packing puts the halves of registers side by side; this puts them in order again.
	ordered := YMM()
	VMOVDQU(constants("packed", U32(0), U32(4), U32(1), U32(5), U32(2), U32(6), U32(3), U32(7)), ordered)
	Label("quantise")
	var v [unrolled]Op
	for i := range unrolled {
		v[i] = YMM()
		VMOVUPS(at(x, i*lane), v[i])
		VMULPS(at(smooth, i*lane), v[i], v[i])
		VMULPS(step, v[i], v[i])
		VCVTPS2DQ(v[i], v[i])
		VPADDD(zero, v[i], v[i])
	}
	VPACKSSDW(v[1], v[0], v[0])
	VPACKSSDW(v[3], v[2], v[2])
	VPACKUSWB(v[2], v[0], v[0])
	VPERMD(v[0], ordered, v[0])
	VMOVDQU(v[0], at(dst, 0))
	ADDQ(I32(unrolled*lane), x)
	ADDQ(I32(unrolled*lane), smooth)
	ADDQ(I32(lane), dst)
	SUBQ(I32(lane), n)
	JG(LabelRef("quantise"))
	end()
}

func gelu() {
	kernel("gelu", "(x *float32, n int)", "geluAVX2 is for a multiple of 32.")
	x, n := param("x"), param("n")
	magnitude, most := constants("magnitude", slices.Repeat([]Constant{U32(0x7fffffff)}, 8)...), eight("geluMax", 4.2)
	var terms []Mem
	for i, c := range []float32{
		3.65815249e-05, -0.000597885286, 0.00330471667, -0.00343968766, -0.0335864387, 0.119812414, -0.0402044542, -0.385130763, 0.498419315,
	} {
		terms = append(terms, eight("gelu"+string(rune('9'-i)), c))
	}
	nought := zero(YMM())
	Label("gelu")
	var v, a, t [unrolled]Op
	for i := range unrolled {
		v[i], a[i], t[i] = YMM(), YMM(), YMM()
		VMOVUPS(at(x, i*lane), v[i])
		VANDPS(magnitude, v[i], a[i])
		VMINPS(most, a[i], a[i])
		VMULPS(terms[0], a[i], t[i])
	}
	for _, c := range terms[1:] {
		for i := range unrolled {
			VADDPS(c, t[i], t[i])
		}
		for i := range unrolled {
			VMULPS(a[i], t[i], t[i])
		}
	}
	for i := range unrolled {
		VMAXPS(nought, v[i], v[i])
		VSUBPS(t[i], v[i], v[i])
		VMOVUPS(v[i], at(x, i*lane))
	}
	ADDQ(I32(unrolled*lane), x)
	SUBQ(I32(unrolled*lane/floatBytes), n)
	JG(LabelRef("gelu"))
	end()
}

func addNorm() {
	kernel("addNorm", "(x, add, weight, bias *float32, epsilon float32)", "addNormAVX2 is for Width numbers.")
	x, add, weight, bias := param("x"), param("add"), param("weight"), param("bias")
	count := single("width", width)
	i := GP64()
	loop := func(name string, body func(o func(base Op) Mem)) {
		XORQ(i, i)
		Label(name)
		body(func(base Op) Mem { return Mem{Base: base.(GPVirtual), Index: i, Scale: 1} })
		ADDQ(I32(lane), i)
		CMPQ(i, I32(width*floatBytes))
		JLT(LabelRef(name))
	}
	s := zero(YMM())
	loop("add", func(o func(Op) Mem) {
		v := YMM()
		VMOVUPS(o(x), v)
		VADDPS(o(add), v, v)
		VMOVUPS(v, o(x))
		VADDPS(v, s, s)
	})
	m := sum(s)
	VDIVSS(count, m, m)
	mean := broadcast(m)
	s = zero(YMM())
	loop("squares", func(o func(Op) Mem) {
		v := YMM()
		VMOVUPS(o(x), v)
		VSUBPS(mean, v, v)
		VMULPS(v, v, v)
		VADDPS(v, s, s)
	})
	variance, scale := sum(s), XMM()
	VDIVSS(count, variance, variance)
	VADDSS(inPlace("epsilon"), variance, variance)
	VSQRTSS(variance, variance, variance)
	VMOVSS(single("addNormOne", 1), scale)
	VDIVSS(variance, scale, scale)
	scales := broadcast(scale)
	loop("norm", func(o func(Op) Mem) {
		v := YMM()
		VMOVUPS(o(x), v)
		VSUBPS(mean, v, v)
		VMULPS(scales, v, v)
		VMULPS(o(weight), v, v)
		VADDPS(o(bias), v, v)
		VMOVUPS(v, o(x))
	})
	end()
}

// dots widens the codes to 16 bits, q's once, and multiplies and adds in pairs, to 32.
func dots() {
	kernel("dots", "(dst *int32, q, all *int8, n int)", "dotsAVX2 is for one or more.")
	dst, q, all, n := param("dst"), param("q"), param("all"), param("n")
	const half = lane / 2
	wide := AllocLocal(2 * width)
	v := YMM()
	for i := 0; i < width; i += half {
		VPMOVSXBW(at(q, i), v)
		VMOVDQU(v, wide.Offset(2*i))
	}
	Label("vectors")
	var sums [unrolled]Op
	for i := range width / half {
		s := &sums[i%unrolled]
		v := YMM()
		VPMOVSXBW(at(all, half*i), v)
		VPMADDWD(wide.Offset(lane*i), v, v)
		if *s == nil {
			*s = v
		} else {
			VPADDD(v, *s, *s)
		}
	}
	VPADDD(sums[1], sums[0], sums[0])
	VPADDD(sums[3], sums[2], sums[2])
	VPADDD(sums[2], sums[0], sums[0])
	low, high := XMM(), XMM()
	VEXTRACTI128(Imm(0), sums[0], low)
	VEXTRACTI128(Imm(1), sums[0], high)
	VPADDD(high, low, low)
	VPSHUFD(Imm(0x4e), low, high)
	VPADDD(high, low, low)
	VPSHUFD(Imm(0xb1), low, high)
	VPADDD(high, low, low)
	VMOVD(low, at(dst, 0))
	ADDQ(I32(vectorBytes), all)
	ADDQ(I32(4), dst)
	DECQ(n)
	JNZ(LabelRef("vectors"))
	end()
}

const vectorBytes = width + floatBytes // of a Vector in memory
