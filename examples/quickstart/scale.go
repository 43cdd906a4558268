package main

import "math"

// minVariance keeps the models finite where every penguin of a small sample measures the same.
const minVariance = 1e-6

// Scale brings millimetres and grams onto one footing: over the training set, each feature has mean 0 and deviation 1.
// It is part of the model, because what is to be judged must be scaled the same way.
type Scale struct {
	Mean, Deviation Features
}

func fitScale(penguins []Penguin) Scale {
	mean, variance := moments(penguins)
	scale := Scale{Mean: mean}
	for i := range variance {
		scale.Deviation[i] = math.Sqrt(variance[i])
	}
	return scale
}

func (s Scale) apply(f Features) Features {
	for i := range f {
		f[i] = (f[i] - s.Mean[i]) / s.Deviation[i]
	}
	return f
}

func (s Scale) applyAll(penguins []Penguin) []Penguin {
	scaled := make([]Penguin, len(penguins))
	for i, p := range penguins {
		scaled[i] = Penguin{Species: p.Species, Features: s.apply(p.Features)}
	}
	return scaled
}

// moments are the mean and the variance of each feature.
func moments(penguins []Penguin) (mean, variance Features) {
	n := float64(len(penguins))
	for _, p := range penguins {
		for i, x := range p.Features {
			mean[i] += x / n
		}
	}
	for _, p := range penguins {
		for i, x := range p.Features {
			variance[i] += (x - mean[i]) * (x - mean[i]) / n
		}
	}
	for i := range variance {
		variance[i] = max(variance[i], minVariance)
	}
	return mean, variance
}
