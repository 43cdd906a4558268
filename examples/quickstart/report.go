package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/org/k8sorch"
	"go.uber.org/zap"
)

// Report is what the pipeline is for: the models, best first, and a picture.
type Report struct {
	Results []Result
	Plot    string // an SVG document
}

// Result is the performance of one model; accuracy, precision and recall follow from the counts.
type Result struct {
	Model     string
	Confusion Confusion
}

// compare ranks the models by accuracy; equals keep the order they came in.
func compare(ctx context.Context, a, b, c Score) (Report, error) {
	scores := []Score{a, b, c}
	slices.SortStableFunc(scores, func(x, y Score) int {
		return cmp.Compare(x.confusion().wrong(), y.confusion().wrong())
	})
	report := Report{Plot: plot(scores)}
	for _, s := range scores {
		report.Results = append(report.Results, Result{Model: s.Model, Confusion: s.confusion()})
	}
	pipeline.Logger(ctx).Info("models compared", zap.String("best", report.best().Model))
	return report, nil
}

func (r Report) best() Result { return r.Results[0] }
