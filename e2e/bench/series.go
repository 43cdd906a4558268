package main

import (
	"fmt"
	"slices"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

// series is what is compared in one table, on clusters that are made for it.
type series struct {
	Name string `json:"name"`
	// Tuned lifts the limits of the controller manager.
	Tuned bool `json:"tuned,omitempty"`
	// Node is for a cluster with a real node and scheduler.
	Node bool `json:"node,omitempty"`
	// Scheduler is for a cluster with the scheduler and simulated nodes, to which it binds the pods.
	Scheduler bool `json:"scheduler,omitempty"`
	// Rounds is how often each cell is run, one after the other each time, and in every second round the other way round: who
	// comes after another finds the API server warmer.
	Rounds int `json:"-"`
	// Warmup is run first on each cluster, and not counted.
	Warmup []figures.Cell `json:"-"`
	Cells  []figures.Cell `json:"-"`
	// Benchmarks are what is run in the place of cells, without a cluster.
	Benchmarks []benchmarks `json:"-"`
	// Slow are cells that take minutes each, and are run in the first rounds only.
	Slow []figures.Cell `json:"-"`
}

// slowRounds is in how many rounds slow cells are run.
const slowRounds = 2

// turns returns what is run, one after the other, without the warm-up.
func (s series) turns() (all []turn) {
	for round := 1; round <= s.Rounds; round++ {
		cells := slices.Clone(s.Cells)
		if round <= slowRounds {
			cells = append(cells, s.Slow...)
		}
		if round%2 == 0 {
			slices.Reverse(cells)
		}
		for _, c := range cells {
			all = append(all, turn{round, c})
		}
	}
	return all
}

// parts are the flags that give the cluster what the series needs.
func (s series) parts() (flags []string) {
	if !s.Node {
		flags = append(flags, "-control-plane")
	}
	if s.Scheduler {
		flags = append(flags, "-scheduler")
	}
	if s.Tuned {
		flags = append(flags, "-tuned")
	}
	return flags
}

func cell(system, shape string) figures.Cell { return figures.Cell{System: system, Shape: shape} }

func killed(shape string) figures.Cell {
	return figures.Cell{System: figures.K8sorch, Shape: shape, Kill: true}
}

// both are k8sorch and the floor.
func both(shape string) []figures.Cell {
	return []figures.Cell{cell(figures.K8sorch, shape), cell(figures.Floor, shape)}
}

// jobs are the stand-ins that have a Job for each step. They take seconds for each edge of a graph however long it is, and with
// stock flags for each Job however many there are, so that short graphs tell as much as long ones.
func jobs(complete, poll string) []figures.Cell {
	return []figures.Cell{cell(figures.JobComplete, complete), cell(figures.PollLoop, poll)}
}

// many are so many runs of 20 steps at once, of k8sorch and the floor.
func many(runs int) []figures.Cell {
	cells := both("layers:5x4")
	for i := range cells {
		cells[i].AtOnce = runs
	}
	return cells
}

// What the series are called that no verdict is about, and that both sets have.
const (
	scheduled = "Layers, with a scheduler, stock controller manager"
	pipelines = "A training pipeline that is retried, in a part of its time"
	atOnce    = "Many runs at once, stock controller manager"
)

func short(rounds int) []series {
	warm := []figures.Cell{cell(figures.K8sorch, "chain:50")}
	return []series{
		{Name: figures.Chain, Rounds: rounds, Warmup: warm, Cells: append(both("chain:1000"), jobs("chain:6", "chain:5")...)},
		{Name: figures.Layers, Rounds: rounds, Warmup: warm, Cells: append(both("layers:10x100"), jobs("layers:3x30", "layers:3x30")...)},
		{Name: "Wide, stock controller manager", Rounds: 1, Warmup: warm, Cells: both("fan:300")},
		{Name: "Random graph, stock controller manager", Rounds: 1, Warmup: warm, Cells: both("random:200:1:100ms")},
		{Name: scheduled, Scheduler: true, Rounds: 1, Warmup: warm, Cells: both("layers:3x100")},
		{Name: pipelines, Rounds: 1, Warmup: warm, Cells: both("training:1/120")},
		{Name: atOnce, Rounds: 1, Warmup: warm, Cells: many(10)},
		{Name: "One idle step", Rounds: 1, Cells: []figures.Cell{cell(figures.K8sorch, "idle:30s"), cell(figures.PollLoop, "idle:30s")}},
		{Name: figures.Restart, Rounds: 1, Warmup: warm, Cells: []figures.Cell{killed("layers:10x100")}},
		node(rounds, 8),
		oneProcess(rounds),
	}
}

func full(rounds int) []series {
	warm := append(both("chain:100"), jobs("chain:1", "chain:1")...)
	// The API server gives a watch room for the events of one second, as it has seen them in its last 75, and ends it where that is
	// not enough. One that has seen nothing yet has room for ten.
	busy := append(slices.Clone(warm), cell(figures.Floor, "layers:10x100"))
	var random []figures.Cell
	for _, shape := range []string{"random:2000:1:1s", "random:2000:2:1s", "random:2000:3:1s", "random:2000:4:1s", "random:2000:5:1s"} {
		random = append(random, both(shape)...)
	}
	return []series{
		{Name: figures.Chain, Rounds: rounds, Warmup: warm, Cells: append(both("chain:1000"), jobs("chain:20", "chain:20")...)},
		{
			Name: "Chain, tuned controller manager", Tuned: true, Rounds: rounds, Warmup: warm,
			Cells: append(both("chain:1000"), jobs("chain:20", "chain:20")...),
		},
		{
			Name: figures.Layers, Rounds: rounds, Warmup: busy,
			Cells: append(both("layers:10x100"), cell(figures.PollLoop, "layers:4x25")),
			Slow:  []figures.Cell{cell(figures.JobComplete, "layers:10x100")},
		},
		{
			Name: "Layers, tuned controller manager", Tuned: true, Rounds: rounds, Warmup: busy,
			Cells: append(both("layers:10x100"), jobs("layers:10x100", "layers:10x100")...),
		},
		{Name: "Wide, stock controller manager", Rounds: rounds, Warmup: warm, Cells: both("fan:1000")},
		{Name: "Wide, tuned controller manager", Tuned: true, Rounds: rounds, Warmup: warm, Cells: append(both("fan:1000"), jobs("fan:1000", "fan:1000")...)},
		{Name: figures.Large, Rounds: rounds, Warmup: warm, Cells: both("layers:20x500")},
		{Name: figures.Restart, Rounds: rounds, Warmup: warm, Cells: []figures.Cell{killed("layers:10x100")}},
		{Name: figures.RestartLarge, Rounds: rounds, Warmup: warm, Cells: []figures.Cell{killed("layers:20x500")}},
		{Name: "10,000 steps wide, stock controller manager", Rounds: 1, Warmup: warm, Cells: both("fan:10000")},
		{Name: "Random graphs, stock controller manager", Rounds: 1, Warmup: warm, Cells: random},
		{
			Name: "Chain, with a scheduler, stock controller manager", Scheduler: true, Rounds: rounds, Warmup: warm,
			Cells: append(both("chain:200"), cell(figures.JobComplete, "chain:20")),
		},
		{Name: scheduled, Scheduler: true, Rounds: rounds, Warmup: warm, Cells: append(both("layers:10x100"), cell(figures.JobComplete, "layers:4x25"))},
		{Name: pipelines, Rounds: rounds, Warmup: warm, Cells: both("training:1/60")},
		{Name: atOnce, Rounds: rounds, Warmup: warm, Cells: many(100)},
		{Name: "One idle step", Rounds: 1, Cells: []figures.Cell{cell(figures.K8sorch, "idle:10m"), cell(figures.PollLoop, "idle:10m")}},
		node(rounds, 20),
		oneProcess(rounds),
	}
}

// node is the series on a real node.
func node(rounds, steps int) series {
	chain := fmt.Sprintf("chain:%d", steps)
	return series{
		Name: figures.Node, Node: true, Rounds: rounds,
		// It pushes the image, which the Jobs have as well.
		Warmup: []figures.Cell{cell(figures.K8sorch, "chain:2")},
		Cells: []figures.Cell{
			cell(figures.K8sorch, chain),
			// It has the same pods: what it takes is the node's.
			cell(figures.Floor, chain),
			{System: figures.K8sorch, Shape: chain, Access: figures.FromEnv},
			{System: figures.K8sorch, Shape: chain, Access: figures.Rightless},
			cell(figures.JobComplete, chain),
		},
	}
}
