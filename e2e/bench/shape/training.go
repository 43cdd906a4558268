package shape

import "time"

// training is a pipeline as machine learning has them: 12 steps from 5 s to 10 min, made so many times shorter. Three models
// are trained side by side. The features and one of the models fail once, another model twice, and all of these are tried
// again at once.
func training(shorter int) []Step {
	steps := []Step{
		{Name: "ingest", Takes: 120 * time.Second},
		{Name: "validate", Needs: []int{0}, Takes: 30 * time.Second},
		{Name: "features", Needs: []int{1}, Takes: 240 * time.Second, Fails: 1},
		{Name: "split", Needs: []int{2}, Takes: 15 * time.Second},
		{Name: "train-linear", Needs: []int{3}, Takes: 60 * time.Second, Fails: 2},
		{Name: "train-trees", Needs: []int{3}, Takes: 300 * time.Second, Fails: 1},
		{Name: "train-network", Needs: []int{3}, Takes: 600 * time.Second},
		{Name: "evaluate-linear", Needs: []int{4}, Takes: 20 * time.Second},
		{Name: "evaluate-trees", Needs: []int{5}, Takes: 30 * time.Second},
		{Name: "evaluate-network", Needs: []int{6}, Takes: 45 * time.Second},
		{Name: "compare", Needs: []int{7, 8, 9}, Takes: 10 * time.Second},
		{Name: "publish", Needs: []int{10}, Takes: 5 * time.Second},
	}
	for i := range steps {
		steps[i].Takes /= time.Duration(shorter)
	}
	return steps
}
