package main

import (
	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

// turn is one run of one cell, in one round; 0 is the warm-up.
type turn struct {
	Round int          `json:"round"`
	Cell  figures.Cell `json:"cell"`
}

// share is the part of a series that is run on one cluster, which is made for it.
type share struct {
	Series series `json:"series"`
	Turns  []turn `json:"turns"`
}

// crowd is how many steps may have left their pods in a cluster. When 12,500 pods have ended the controller manager begins to delete
// them (--terminated-pod-gc-threshold). To delete what earlier runs have left takes it minutes with stock flags, and another cluster
// is up in seconds.
const crowd = 8000

// shares divides the series among as many clusters as it takes, each with the warm-up first.
func (s series) shares() ([]share, error) {
	shares, there := []share{s.newShare()}, 0
	for _, t := range s.turns() {
		_, all, err := graphs(t.Cell)
		if err != nil {
			return nil, err
		}
		last := &shares[len(shares)-1]
		if len(last.Turns) > len(s.Warmup) && there+len(all.Steps) > crowd {
			shares, there = append(shares, s.newShare()), 0
			last = &shares[len(shares)-1]
		}
		last.Turns, there = append(last.Turns, t), there+len(all.Steps)
	}
	return shares, nil
}

func (s series) newShare() share {
	warm := make([]turn, len(s.Warmup))
	for i, c := range s.Warmup {
		warm[i].Cell = c
	}
	return share{s, warm}
}
