package main

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScaleGivesMeanZeroAndDeviationOne(t *testing.T) {
	t.Parallel()
	train := mustSplit(t, 344, 1).Train
	mean, variance := moments(fitScale(train).applyAll(train))
	for i := range mean {
		if math.Abs(mean[i]) > 1e-9 || math.Abs(variance[i]-1) > 1e-9 {
			t.Errorf("feature %d: mean %g and variance %g, want 0 and 1", i, mean[i], variance[i])
		}
	}
}

func TestMomentsByHand(t *testing.T) {
	t.Parallel()
	mean, variance := moments([]Penguin{{Features: Features{1, 5}}, {Features: Features{3, 5}}})
	if diff := cmp.Diff(Features{2, 5}, mean); diff != "" {
		t.Errorf("mean (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Features{1, minVariance, minVariance, minVariance}, variance); diff != "" {
		t.Errorf("variance (-want +got):\n%s", diff)
	}
}

func TestKNNAsksTheNearest(t *testing.T) {
	t.Parallel()
	m := KNN{
		Neighbours: 3,
		Scale:      Scale{Deviation: Features{1, 1, 1, 1}},
		Known: []Penguin{
			{Gentoo, Features{10}}, {Gentoo, Features{11}}, {Gentoo, Features{12}},
			{Adelie, Features{0}}, {Chinstrap, Features{2}}, {Adelie, Features{4}},
		},
	}
	if got := m.Predict(Features{1.9}); got != Adelie {
		t.Errorf("Predict = %s, want Adelie: two of the three nearest", got)
	}
	m.Neighbours = 1
	if got := m.Predict(Features{1.9}); got != Chinstrap {
		t.Errorf("Predict with one neighbour = %s, want the nearest, Chinstrap", got)
	}
}

// The log-posterior must be that of the normal density, up to the constant shared by all species.
func TestBayesIsTheNormalDensity(t *testing.T) {
	t.Parallel()
	density := func(x, mean, variance float64) float64 {
		return math.Exp(-(x-mean)*(x-mean)/(2*variance)) / math.Sqrt(2*math.Pi*variance)
	}
	b := Bell{Prior: 0.25, Mean: Features{1, 2, 3, 4}, Variance: Features{0.5, 1, 2, 4}}
	f := Features{0, 2.5, 5, 1}
	want := b.Prior
	for i := range f {
		want *= density(f[i], b.Mean[i], b.Variance[i])
	}
	shared := numFeatures * math.Log(2*math.Pi) / 2
	if got := math.Exp(b.logPosterior(f) - shared); math.Abs(got-want) > 1e-12 {
		t.Errorf("posterior = %g, want %g", got, want)
	}
}

// The step must follow the slope of the loss, measured here by nudging each weight.
func TestSoftmaxDescendsAlongTheGradient(t *testing.T) {
	t.Parallel()
	rows := fitScale(mustLoad(t, 30).Penguins).applyAll(mustLoad(t, 30).Penguins)
	before := Softmax{Scores: [numSpecies]Linear{{Bias: 0.1, Slope: Features{1, -1}}, {Slope: Features{2, 0.5}}}}
	after := before
	after.descend(rows)
	for s := range numSpecies {
		for i := range numFeatures {
			const nudge = 1e-6
			up, down := before, before
			up.Scores[s].Slope[i] += nudge
			down.Scores[s].Slope[i] -= nudge
			want := -learningRate * (up.loss(rows) - down.loss(rows)) / (2 * nudge)
			got := after.Scores[s].Slope[i] - before.Scores[s].Slope[i]
			if math.Abs(got-want) > 1e-6 {
				t.Errorf("slope %d of %s moved by %g, want %g", i, s, got, want)
			}
		}
	}
}

func TestSoftmaxDoesNotOverflow(t *testing.T) {
	t.Parallel()
	m := Softmax{Scores: [numSpecies]Linear{{Bias: 1e4}, {Bias: 1e4}, {Bias: -1e4}}}
	want := [numSpecies]float64{0.5, 0.5, 0}
	if diff := cmp.Diff(want, m.probabilities(Features{})); diff != "" {
		t.Errorf("probabilities (-want +got):\n%s", diff)
	}
}
