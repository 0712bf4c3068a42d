// Command asm writes the AVX2 kernels of knowledge/encoder (avx2_amd64.s and their declarations). It is a module of its own, so that the project needs nothing of it.
// To write them anew, in knowledge/encoder:
//
//	go generate
//
// What each kernel computes, and in which order, is told by its twin in portable.go, whose results are the same to the last bit: there is no fused multiply-add,
// and sums of floats are taken in eight lanes.
package main

import (
	"math"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The sizes of the package's constants, in numbers and in bytes.
const (
	width      = 384
	headWidth  = 32
	panel      = 16
	groupSteps = 8
	floatBytes = 4
	lane       = 32 // bytes of a register
)

func main() {
	ConstraintExpr("amd64")
	multiply()
	span()
	quantise()
	gelu()
	addNorm()
	attend()
	dots()
	Generate()
}

// kernel begins one that is called with pointers that do not escape.
func kernel(name, signature string, doc ...string) {
	TEXT(name+"AVX2", NOSPLIT, "func"+signature)
	Doc(doc...)
	Pragma("noescape")
}

func param(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

func at(base Register, offset int) Mem { return Mem{Base: base, Disp: offset} }

// inPlace gives a parameter where it lies.
func inPlace(name string) Mem {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

func zero(v VecVirtual) VecVirtual {
	VXORPS(v, v, v)
	return v
}

// constants gives numbers in memory, in whole.
func constants(name string, values ...Constant) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i, v := range values {
		DATA(4*i, v)
	}
	return m
}

// float gives the bits of a number: avo writes whole ones as if they were integers.
func float(value float32) Constant { return U32(math.Float32bits(value)) }

func single(name string, value float32) Mem { return constants(name, float(value)) }

// eight gives eight copies of a number.
func eight(name string, value float32) Mem {
	return constants(name, slices.Repeat([]Constant{float(value)}, 8)...)
}

// sum adds the eight lanes of y: (0+1 + 2+3) + (4+5 + 6+7). The result is the lowest of x, which is y's lower half.
func sum(y VecVirtual) (x Register) {
	VHADDPS(y, y, y)
	VHADDPS(y, y, y)
	high := XMM()
	VEXTRACTF128(Imm(1), y, high)
	VADDPS(high, y.AsX(), y.AsX())
	return y.AsX()
}

func broadcast(from Op) VecVirtual {
	y := YMM()
	VBROADCASTSS(from, y)
	return y
}

func end() {
	VZEROUPPER()
	RET()
}
