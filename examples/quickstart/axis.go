package main

import "iter"

// axis maps values between low and high to positions on the drawing, with a tick at every step.
type axis struct {
	low, high, step float64
	from, to        float64
}

// at is the position of a value. The conversion forbids a fused multiply-add, so that every processor draws the same.
func (a axis) at(value float64) float64 {
	return a.from + float64((a.to-a.from)*(value-a.low)/(a.high-a.low))
}

func (a axis) ticks() iter.Seq[float64] {
	return func(yield func(float64) bool) {
		for value := a.low; value <= a.high; value += a.step {
			if !yield(value) {
				return
			}
		}
	}
}
