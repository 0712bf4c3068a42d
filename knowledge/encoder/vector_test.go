package encoder

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestVectorIsNearWhatItIsMadeOf(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, size := range []float64{1e-30, 1, 1e30} {
		var x, y [Width]float32
		squares := 0.0
		for i := range x {
			f := r.NormFloat64()
			squares += f * f
			x[i] = float32(f * size)
		}
		v := quantise(&x)
		v.Floats(&y)
		dot, length := 0.0, 0.0
		for i := range y {
			dot += float64(y[i]) * float64(x[i]) / size
			length += float64(y[i]) * float64(y[i])
		}
		if math.Abs(length-1) > 1e-6 || dot/math.Sqrt(squares) < 0.9999 {
			t.Errorf("size %v: length² %v, cosine %v", size, length, dot/math.Sqrt(squares))
		}
		if c := Cosine(&v, &v); math.Abs(c-1) > 1e-6 {
			t.Errorf("the cosine to itself is %v", c)
		}
	}
}

func TestNoDirection(t *testing.T) {
	some := vectors(rand.New(rand.NewPCG(1, 1)), 1)[0]
	for name, f := range map[string]float32{"zero": 0, "NaN": float32(math.NaN()), "infinite": float32(math.Inf(1)), "tiny": math.SmallestNonzeroFloat32} {
		var x [Width]float32
		x[7] = f
		if v := quantise(&x); v != (Vector{}) || Cosine(&v, &some) != 0 {
			t.Errorf("%s: not the zero Vector", name)
		}
	}
}

func TestCosinesAreCosine(t *testing.T) {
	all := vectors(rand.New(rand.NewPCG(5, 6)), 600)
	all[3] = Vector{}
	for _, n := range []int{0, 1, 255, 256, 257, 600} {
		dst := make([]float32, n)
		Cosines(dst, &all[0], all[:n])
		for i, c := range dst {
			if float64(c) != Cosine(&all[0], &all[i]) {
				t.Fatalf("of %d: number %d is %v, not %v", n, i, c, Cosine(&all[0], &all[i]))
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("fewer cosines than vectors, and no panic")
		}
	}()
	Cosines(make([]float32, 1), &all[0], all)
}

func TestVectorBinary(t *testing.T) {
	all := vectors(rand.New(rand.NewPCG(7, 8)), 10)
	all[2] = Vector{}
	for i := range all {
		b, err := all[i].AppendBinary([]byte("x"))
		if err != nil || len(b) != 1+VectorBytes {
			t.Fatal(len(b), err)
		}
		var v Vector
		if err := v.UnmarshalBinary(b[1:]); err != nil || v != all[i] {
			t.Errorf("vector %d comes back as another: %v", i, err)
		}
		if v.UnmarshalBinary(b) == nil || v.UnmarshalBinary(b[2:]) == nil {
			t.Error("a wrong length is no error")
		}
		b[5] = 0x80
		if v.UnmarshalBinary(b[1:]) == nil || v != all[i] {
			t.Error("-128 is no error, or changed the vector")
		}
	}
}

func BenchmarkCosines(b *testing.B) {
	all := slices.Repeat(vectors(rand.New(rand.NewPCG(1, 2)), 1400), 100)
	dst := make([]float32, len(all))
	b.SetBytes(int64(len(all)) * (Width + 4))
	for b.Loop() {
		Cosines(dst, &all[0], all)
	}
}
