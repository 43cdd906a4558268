package main

import (
	"context"

	"github.com/org/k8sorch"
	"go.uber.org/zap"
)

// Classifier is what the models have in common. It sees features only, never the answer.
type Classifier interface {
	Name() string
	Predict(Features) Species
}

// Score is how one model answered for every held-out penguin.
type Score struct {
	Model   string
	Answers []Answer
}

// Answer is one penguin and the species it was taken for.
type Answer struct {
	Penguin   Penguin
	Predicted Species
}

// evaluate is one function for every kind of model: the pipeline wires evaluate[KNN] to a step that returns a KNN, and
// wiring it to another does not compile.
func evaluate[M Classifier](ctx context.Context, model M, s Split) (Score, error) {
	score := Score{Model: model.Name()}
	for _, p := range s.Test {
		score.Answers = append(score.Answers, Answer{Penguin: p, Predicted: model.Predict(p.Features)})
	}
	pipeline.Logger(ctx).Info("model evaluated",
		zap.String("model", score.Model), zap.Float64("accuracy", score.confusion().accuracy()))
	return score, nil
}

func (s Score) confusion() Confusion {
	var c Confusion
	for _, a := range s.Answers {
		c[a.Penguin.Species][a.Predicted]++
	}
	return c
}
