package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/org/k8sorch"
	"go.uber.org/zap"
)

// neighbours is how many penguins vote.
const neighbours = 5

// KNN remembers every penguin it was shown, and asks those that resemble the new one most.
type KNN struct {
	Neighbours int
	Scale      Scale
	Known      []Penguin // scaled
}

func trainKNN(ctx context.Context, s Split) (KNN, error) {
	scale := fitScale(s.Train)
	pipeline.Logger(ctx).Info("model trained", zap.Int("rows", len(s.Train)), zap.Int("neighbours", neighbours))
	return KNN{Neighbours: neighbours, Scale: scale, Known: scale.applyAll(s.Train)}, nil
}

// Name implements [Classifier].
func (KNN) Name() string { return "k-nearest neighbours" }

// Predict implements [Classifier].
func (m KNN) Predict(f Features) Species {
	var votes [numSpecies]int
	for _, p := range m.nearest(m.Scale.apply(f)) {
		votes[p.Species]++
	}
	return highest(votes)
}

func (m KNN) nearest(f Features) []Penguin {
	byDistance := slices.SortedStableFunc(slices.Values(m.Known), func(a, b Penguin) int {
		return cmp.Compare(distance(a.Features, f), distance(b.Features, f))
	})
	return byDistance[:min(m.Neighbours, len(byDistance))]
}

// distance is the square of the Euclidean one, which sorts the same.
func distance(a, b Features) (sum float64) {
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return sum
}
