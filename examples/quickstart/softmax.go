package main

import (
	"context"
	"math"

	"github.com/org/k8sorch"
	"go.uber.org/zap"
)

// Gradient descent over the whole training set: the loss is convex, so a plain loop finds its way down.
const (
	epochs       = 200
	learningRate = 1.0
)

// Softmax is multinomial logistic regression: one linear score per species, turned into probabilities.
type Softmax struct {
	Scale  Scale
	Scores [numSpecies]Linear
}

// Linear is a bias and a slope per feature.
type Linear struct {
	Bias  float64
	Slope Features
}

func trainSoftmax(ctx context.Context, s Split) (Softmax, error) {
	m := Softmax{Scale: fitScale(s.Train)}
	rows := m.Scale.applyAll(s.Train)
	for range epochs {
		m.descend(rows)
	}
	pipeline.Logger(ctx).Info("model trained",
		zap.Int("rows", len(rows)), zap.Int("epochs", epochs), zap.Float64("loss", m.loss(rows)))
	return m, nil
}

// Name implements [Classifier].
func (Softmax) Name() string { return "softmax regression" }

// Predict implements [Classifier].
func (m Softmax) Predict(f Features) Species {
	return highest(m.probabilities(m.Scale.apply(f)))
}

// descend takes one step against the gradient of the loss.
func (m *Softmax) descend(rows []Penguin) {
	var gradient [numSpecies]Linear
	for _, p := range rows {
		residual := m.probabilities(p.Features)
		residual[p.Species]-- // predicted minus true: the derivative of cross entropy through softmax
		for s, r := range residual {
			gradient[s].add(r, Linear{Bias: 1, Slope: p.Features})
		}
	}
	step := -learningRate / float64(len(rows))
	for s := range gradient {
		m.Scores[s].add(step, gradient[s])
	}
}

// probabilities of the species given scaled features.
func (m Softmax) probabilities(f Features) (p [numSpecies]float64) {
	for s, score := range m.Scores {
		p[s] = score.at(f)
	}
	top, sum := p[highest(p)], 0.0
	for s := range p {
		p[s] = math.Exp(p[s] - top) // no overflow: the exponent is at most 0
		sum += p[s]
	}
	for s := range p {
		p[s] /= sum
	}
	return p
}

// loss is the mean cross entropy in nats.
func (m Softmax) loss(rows []Penguin) (sum float64) {
	for _, p := range rows {
		sum -= math.Log(m.probabilities(p.Features)[p.Species])
	}
	return sum / float64(len(rows))
}

func (l Linear) at(f Features) float64 {
	sum := l.Bias
	for i, x := range f {
		sum += l.Slope[i] * x
	}
	return sum
}

func (l *Linear) add(factor float64, other Linear) {
	l.Bias += factor * other.Bias
	for i, x := range other.Slope {
		l.Slope[i] += factor * x
	}
}
