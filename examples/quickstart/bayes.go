package main

import (
	"context"
	"math"

	"github.com/org/k8sorch"
	"go.uber.org/zap"
)

// Bayes describes each species by a bell curve per feature, naively taking the features for independent.
type Bayes struct {
	Classes [numSpecies]Bell
}

// Bell is how common a species is, and how its features are spread.
type Bell struct {
	Prior          float64
	Mean, Variance Features
}

func trainBayes(ctx context.Context, s Split) (Bayes, error) {
	var m Bayes
	for species, group := range bySpecies(s.Train) {
		mean, variance := moments(group)
		prior := float64(len(group)) / float64(len(s.Train))
		m.Classes[species] = Bell{Prior: prior, Mean: mean, Variance: variance}
	}
	pipeline.Logger(ctx).Info("model trained", zap.Int("rows", len(s.Train)))
	return m, nil
}

// Name implements [Classifier].
func (Bayes) Name() string { return "Gaussian naive Bayes" }

// Predict implements [Classifier].
func (m Bayes) Predict(f Features) Species {
	var scores [numSpecies]float64
	for s, bell := range m.Classes {
		scores[s] = bell.logPosterior(f)
	}
	return highest(scores)
}

// logPosterior is the logarithm of how likely the species is after seeing f, up to a constant all species share.
func (b Bell) logPosterior(f Features) float64 {
	sum := math.Log(b.Prior)
	for i, x := range f {
		d := x - b.Mean[i]
		sum -= (math.Log(b.Variance[i]) + d*d/b.Variance[i]) / 2
	}
	return sum
}
