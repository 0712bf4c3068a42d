package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// multiply takes three rows at a time, then what is left: so many sums fill the registers. VPMADDUBSW multiplies and adds in pairs, in 16 bits; the sums of
// groupSteps steps stay in 16 bits, and are then widened to 32.
func multiply() {
	kernel("multiply", "(out *float32, stride, rows int, codes *uint8, inputs int, weights *int8, terms, tokens *float32)",
		"multiplyAVX2 sets 16 outputs of the rows; out is stride wide.")
	m := tile{
		out: param("out"), stride: param("stride"), codes: param("codes"), inputs: param("inputs"), terms: param("terms"), tokens: param("tokens"), ones: YMM(),
		next: GP64(),
	}
	rows := param("rows")
	SHLQ(Imm(2), m.stride)
	MOVQ(m.inputs, m.next)
	SHLQ(Imm(4), m.next)
	VPCMPEQW(m.ones, m.ones, m.ones)
	VPSRLW(Imm(15), m.ones, m.ones)

	Label("rows")
	CMPQ(rows, I32(3))
	JGE(LabelRef("rows3"))
	CMPQ(rows, I32(2))
	JEQ(LabelRef("rows2"))
	CMPQ(rows, I32(1))
	JEQ(LabelRef("rows1"))
	end()
	for n := 3; n > 0; n-- {
		Label(fmt.Sprintf("rows%d", n))
		m.write(n)
		SUBQ(I32(n), rows)
		JMP(LabelRef("rows"))
	}
}

type tile struct {
	out, stride, codes, inputs, terms, tokens GPVirtual
	ones                                      VecVirtual
	next                                      GPVirtual // how far the next panel's weights are away
}

// write writes the code for n rows, and moves on by so many.
func (m *tile) write(n int) {
	const halves = 2 // a panel is two registers of outputs
	var short, wide [3][halves]VecVirtual
	var row [3]GPVirtual
	for r := range n {
		for h := range halves {
			short[r][h], wide[r][h] = YMM(), YMM()
			VPXOR(wide[r][h], wide[r][h], wide[r][h])
		}
		row[r] = GP64()
		if r == 0 {
			MOVQ(m.codes, row[r])
		} else {
			LEAQ(Mem{Base: row[r-1], Index: m.inputs, Scale: 1}, row[r])
		}
	}
	weights, groups := param("weights"), GP64()
	MOVQ(m.inputs, groups)
	SHRQ(Imm(5), groups) // 4 * groupSteps inputs each

	loop := fmt.Sprintf("groups%d", n)
	Label(loop)
	input, products := YMM(), [2]VecVirtual{YMM(), YMM()}
	for step := range groupSteps {
		if n == 3 {
			PREFETCHT0(Mem{Base: weights, Index: m.next, Scale: 1, Disp: step * halves * lane})
		}
		for r := range n {
			VPBROADCASTD(at(row[r], 4*step), input)
			for h := range halves {
				w := at(weights, (step*halves+h)*lane)
				if step == 0 {
					VPMADDUBSW(w, input, short[r][h])
				} else {
					VPMADDUBSW(w, input, products[h])
					VPADDW(products[h], short[r][h], short[r][h])
				}
			}
		}
	}
	for r := range n {
		for h := range halves {
			VPMADDWD(m.ones, short[r][h], short[r][h])
			VPADDD(short[r][h], wide[r][h], wide[r][h])
		}
		ADDQ(I32(4*groupSteps), row[r])
	}
	ADDQ(I32(groupSteps*halves*lane), weights)
	DECQ(groups)
	JNZ(LabelRef(loop))

	// sum · scale · step - (scale · codes) · zero + bias
	for r := range n {
		step, zero := broadcast(at(m.tokens, 8*r)), broadcast(at(m.tokens, 8*r+4))
		for h := range halves {
			v, minus := wide[r][h], YMM()
			VCVTDQ2PS(v, v)
			VMULPS(at(m.terms, h*lane), v, v)
			VMULPS(step, v, v)
			VMULPS(at(m.terms, (halves+h)*lane), zero, minus)
			VSUBPS(minus, v, v)
			VADDPS(at(m.terms, (2*halves+h)*lane), v, v)
			VMOVUPS(v, at(m.out, h*lane))
		}
		ADDQ(m.stride, m.out)
		ADDQ(m.inputs, m.codes)
	}
	ADDQ(I32(8*n), m.tokens)
}
