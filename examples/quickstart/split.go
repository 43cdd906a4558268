package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/org/k8sorch"
	"go.uber.org/zap"
)

const (
	// testShare of each species is held out.
	testShare = 0.3
	// minPerSpecies leaves a few of each species on either side of the split.
	minPerSpecies = 5
)

// Split separates the penguins that models learn from and those that judge them.
type Split struct {
	Train, Test []Penguin
}

// splitRows holds out the same share of every species, chosen by the seed and nothing else.
func splitRows(ctx context.Context, data Dataset, seed int64) (Split, error) {
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	var split Split
	for s, group := range bySpecies(data.Penguins) {
		if len(group) < minPerSpecies {
			return Split{}, pipeline.Permanent(fmt.Errorf(
				"splitting %d rows: %d of species %s, at least %d are needed: raise rows",
				len(data.Penguins), len(group), Species(s), minPerSpecies))
		}
		random.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
		held := int(math.Round(testShare * float64(len(group))))
		split.Test = append(split.Test, group[:held]...)
		split.Train = append(split.Train, group[held:]...)
	}
	pipeline.Logger(ctx).Info("data split", zap.Int("train", len(split.Train)), zap.Int("test", len(split.Test)))
	return split, nil
}

func bySpecies(penguins []Penguin) (groups [numSpecies][]Penguin) {
	for _, p := range penguins {
		groups[p.Species] = append(groups[p.Species], p)
	}
	return groups
}
