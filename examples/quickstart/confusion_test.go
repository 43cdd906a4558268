package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConfusionByHand(t *testing.T) {
	t.Parallel()
	c := Confusion{
		Adelie:    {6, 2, 0},
		Chinstrap: {3, 1, 0},
		Gentoo:    {0, 0, 0},
	}
	type figures struct {
		Wrong             int
		Accuracy          float64
		Precision, Recall [numSpecies]float64
		Commonest         Species
		CommonestShare    float64
	}
	got := figures{Wrong: c.wrong(), Accuracy: c.accuracy()}
	for s := range numSpecies {
		got.Precision[s], got.Recall[s] = c.precision(s), c.recall(s)
	}
	got.Commonest, got.CommonestShare = c.commonest()
	want := figures{
		Wrong:          5,
		Accuracy:       7.0 / 12,
		Precision:      [numSpecies]float64{6.0 / 9, 1.0 / 3, 0},
		Recall:         [numSpecies]float64{6.0 / 8, 1.0 / 4, 0},
		Commonest:      Adelie,
		CommonestShare: 8.0 / 12,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

func TestScoreCountsTruthByPrediction(t *testing.T) {
	t.Parallel()
	score := Score{Answers: []Answer{
		{Penguin{Species: Adelie}, Adelie},
		{Penguin{Species: Adelie}, Gentoo},
		{Penguin{Species: Chinstrap}, Adelie},
	}}
	want := Confusion{Adelie: {1, 0, 1}, Chinstrap: {1, 0, 0}}
	if diff := cmp.Diff(want, score.confusion()); diff != "" {
		t.Errorf("confusion (-want +got):\n%s", diff)
	}
}
