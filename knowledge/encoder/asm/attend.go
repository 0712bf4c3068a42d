package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// attend takes a query at a time: its products with all keys, four at a time, the exponentials of these, eight at a time, and the sum of values.
func attend() {
	kernel("attend", "(out, from *float32, n int, scores *float32)", "attendAVX2 is one head of n pieces, one or more.")
	const (
		parts = headWidth * floatBytes / lane // registers of a query, key or value
		wide  = 3 * width * floatBytes        // from a piece to the next
		fours = 4
	)
	out, n, scores, query := param("out"), param("n"), param("scores"), param("from")
	left, whole, padded := GP64(), GP64(), GP64()
	MOVQ(n, left)
	LEAQ(at(n, 1-fours), whole) // below it, four keys are left
	LEAQ(at(n, 7), padded)
	ANDQ(I8(-8), padded)
	keys, values := GP64(), GP64()
	LEAQ(at(query, width*floatBytes), keys)
	LEAQ(at(query, 2*width*floatBytes), values)
	lowest := XMM()
	VBROADCASTSS(single("lowest", -1e30), lowest)

	Label("query")
	var q [parts]VecVirtual
	for i := range q {
		q[i] = YMM()
		VMOVUPS(at(query, i*lane), q[i])
	}
	row, i, most := GP64(), GP64(), XMM()
	score := Mem{Base: scores, Index: i, Scale: floatBytes}
	MOVQ(keys, row)
	XORQ(i, i)
	VMOVAPS(lowest, most)
	product := func() VecVirtual { // of the query with the key, in eight lanes
		s := YMM()
		VMULPS(at(row, 0), q[0], s)
		for i := 1; i < parts; i++ {
			v := YMM()
			VMULPS(at(row, i*lane), q[i], v)
			VADDPS(v, s, s)
		}
		ADDQ(I32(wide), row)
		return s
	}
	JMP(LabelRef("anyKeys4"))
	Label("keys4")
	a, b, c, d := product(), product(), product(), product()
	VHADDPS(b, a, a)
	VHADDPS(d, c, c)
	VHADDPS(c, a, a)
	high := XMM()
	VEXTRACTF128(Imm(1), a, high)
	VADDPS(high, a.AsX(), a.AsX())
	VMOVUPS(a.AsX(), score)
	VMAXPS(a.AsX(), most, most)
	ADDQ(I32(fours), i)
	Label("anyKeys4")
	CMPQ(i, whole)
	JLT(LabelRef("keys4"))
	for _, order := range []uint64{0x4e, 0xb1} {
		other := XMM()
		VPSHUFD(Imm(order), most, other)
		VMAXPS(other, most, most)
	}
	JMP(LabelRef("anyKeys"))
	Label("keys")
	s := sum(product())
	VMOVSS(s, score)
	VMAXSS(s, most, most)
	INCQ(i)
	Label("anyKeys")
	CMPQ(i, n)
	JLT(LabelRef("keys"))
	JMP(LabelRef("anyPad"))
	Label("pad")
	VMOVSS(lowest, score)
	INCQ(i)
	Label("anyPad")
	CMPQ(i, padded)
	JLT(LabelRef("pad"))

	all, total := broadcast(most), zero(YMM())
	XORQ(i, i)
	Label("exponentials")
	e := YMM()
	VMOVUPS(score, e)
	VSUBPS(all, e, e)
	e = exp(e)
	VMOVUPS(e, score)
	VADDPS(e, total, total)
	ADDQ(I32(8), i)
	CMPQ(i, padded)
	JLT(LabelRef("exponentials"))
	inverse := XMM()
	VMOVSS(single("attendOne", 1), inverse)
	VDIVSS(sum(total), inverse, inverse)
	scale := broadcast(inverse)

	var sums [parts]VecVirtual
	for i := range sums {
		sums[i] = zero(YMM())
	}
	MOVQ(values, row)
	XORQ(i, i)
	Label("values")
	p := broadcast(score)
	for i := range sums {
		v := YMM()
		VMULPS(at(row, i*lane), p, v)
		VADDPS(v, sums[i], sums[i])
	}
	ADDQ(I32(wide), row)
	INCQ(i)
	CMPQ(i, n)
	JLT(LabelRef("values"))
	for i := range sums {
		VMULPS(scale, sums[i], sums[i])
		VMOVUPS(sums[i], at(out, i*lane))
	}
	ADDQ(I32(width*floatBytes), out)
	ADDQ(I32(wide), query)
	DECQ(left)
	JNZ(LabelRef("query"))
	end()
}

// exp takes x <= 0.
func exp(x VecVirtual) VecVirtual {
	n, t := YMM(), YMM()
	VMAXPS(eight("expLeast", -87), x, x)
	VMULPS(eight("log2e", 1.44269504), x, n)
	VROUNDPS(Imm(0), n, n)
	VMULPS(eight("ln2high", 0.693359375), n, t)
	VSUBPS(t, x, x)
	VMULPS(eight("ln2low", -2.12194440e-4), n, t)
	VSUBPS(t, x, x)
	VCVTPS2DQ(n, n)
	VPSLLD(Imm(23), n, n)
	for i, c := range []float32{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1} {
		term := eight("exp"+string(rune('7'-i)), c)
		if i == 0 {
			VMULPS(term, x, t)
			continue
		}
		VADDPS(term, t, t)
		VMULPS(x, t, t)
	}
	VMULPS(x, t, t)
	VADDPS(x, t, t)
	VADDPS(eight("ones", 1), t, t)
	VPADDD(n, t, t)
	return t
}
