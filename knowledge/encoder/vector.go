package encoder

import (
	"errors"
	"math"
)

// Width is how many numbers a [Vector] has.
const Width = 384

// VectorBytes is how many bytes a [Vector] takes in its binary form.
const VectorBytes = Width

// A Vector is the meaning of a text: a direction in 384 dimensions, of unit length. Its numbers are whole, -127 to 127, and the largest of them is
// 127 or -127; scale makes the length 1. The zero Vector is no direction: its cosine to any is 0.
//
// A text's Vector has the same bits on every machine, by the same weights.
type Vector struct {
	codes [Width]int8
	scale float32 // 1 / length of codes; 0 where all are 0
}

// quantise gives the Vector nearest to the direction of x. What has no direction (all zero, or not numbers) gives the zero Vector.
func quantise(x *[Width]float32) (v Vector) {
	largest := float32(0)
	for _, f := range x {
		largest = max(largest, float32(math.Abs(float64(f))))
	}
	steps := 127 / largest
	if !(steps > 0) || math.IsInf(float64(steps), 0) {
		return Vector{}
	}
	for i, f := range x {
		v.codes[i] = int8(math.RoundToEven(float64(float32(f * steps))))
	}
	v.measure()
	return v
}

// measure sets the scale by the codes.
func (v *Vector) measure() {
	squares := 0
	for _, c := range v.codes {
		squares += int(c) * int(c)
	}
	v.scale = 0
	if squares > 0 {
		v.scale = float32(1 / math.Sqrt(float64(squares)))
	}
}

// Floats sets dst to the vector's numbers, whose squares add up to 1.
func (v *Vector) Floats(dst *[Width]float32) {
	for i, c := range v.codes {
		dst[i] = float32(float32(c) * v.scale)
	}
}

// AppendBinary appends the binary form, [VectorBytes] long, the same on every machine. The error is always nil (it is there for [encoding.BinaryAppender]).
func (v *Vector) AppendBinary(b []byte) ([]byte, error) {
	for _, c := range v.codes {
		b = append(b, byte(c))
	}
	return b, nil
}

// UnmarshalBinary sets v to what [Vector.AppendBinary] wrote. Any other length is an error, and so is a number that no Vector has.
func (v *Vector) UnmarshalBinary(b []byte) error {
	if len(b) != VectorBytes {
		return errors.New("encoder: a vector has 384 bytes")
	}
	var read Vector
	for i, c := range b {
		if read.codes[i] = int8(c); read.codes[i] == math.MinInt8 {
			return errors.New("encoder: -128 in a vector, whose numbers are -127 to 127")
		}
	}
	read.measure()
	*v = read
	return nil
}

// Cosine gives the cosine of the angle between two directions, -1 to 1: 1 for the same, near 0 for meanings that have nothing in common. It has the same
// bits as [Cosines], and on every machine.
func Cosine(a, b *Vector) float64 {
	return float64(cosine(dot(a, b), a, b))
}

// cosine is exact up to three roundings: sums are below 2^24.
func cosine(sum int32, a, b *Vector) float32 {
	c := float32(float32(float32(sum)*a.scale) * b.scale)
	return max(-1, min(1, c)) // lengths are 1 up to rounding only
}

// Cosines sets dst[i] to the cosine of q and all[i]. dst must be as long as all.
func Cosines(dst []float32, q *Vector, all []Vector) {
	if len(dst) != len(all) {
		panic("encoder: as many cosines as vectors")
	}
	k := fastest()
	var sums [256]int32
	for len(all) > 0 {
		n := min(len(all), len(sums))
		k.dots(sums[:n], q, all[:n])
		for i := range n {
			dst[i] = cosine(sums[i], q, &all[i])
		}
		dst, all = dst[n:], all[n:]
	}
}
