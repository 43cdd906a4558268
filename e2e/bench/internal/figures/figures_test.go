package figures

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/e2e/bench/internal/audit"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	var hundred []float64
	for i := range 100 {
		hundred = append(hundred, float64(i+1))
	}
	for percent, want := range map[float64]float64{0: 1, 1: 1, 50: 50, 90: 90, 99: 99, 99.5: 100, 100: 100} {
		if got := Percentile(hundred, percent); got != want {
			t.Errorf("p%g = %g, want %g", percent, got, want)
		}
	}
	if got := Percentile([]float64{7}, 50); got != 7 {
		t.Errorf("p50 of one = %g", got)
	}
	if got := Percentile(nil, 50); !math.IsNaN(got) {
		t.Errorf("p50 of none = %g", got)
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		values []float64
		want   string
	}{
		{nil, "–"}, {[]float64{4}, "4"}, {[]float64{3, 1, 2}, "2 [1..3]"}, {[]float64{1, 2}, "1.50 [1..2]"},
		{[]float64{0.0123, 12.34, 1234.5}, "12.3 [0.012..1234]"},
	} {
		if got := SpreadOf(test.values).String(); got != test.want {
			t.Errorf("%v: %s, want %s", test.values, got, test.want)
		}
	}
}

// result is one of a chain of 1,000 steps.
func result(system string, p50 float64, calls int) Result {
	return Result{
		Series: Chain, Cell: Cell{System: system, Shape: "chain:1000"}, Steps: 1000, Dispatch: &Dispatch{p50, 2 * p50, 3 * p50, 4 * p50},
		StepsPerSecond: 50, Requests: audit.Counts{Calls: map[string]int{"create pods": calls}, Watches: map[string]int{"watch pods": 2}},
		Memory: map[string]float64{Orchestrator: 39}, CPU: map[string]float64{Orchestrator: 3, "etcd": 5},
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	killed := result(K8sorch, 1, 1000)
	killed.Kill = true
	groups := Groups([]Result{result(K8sorch, 1, 1000), result(Floor, 2, 1000), result(K8sorch, 3, 1000), killed})
	var got [][]float64
	for _, g := range groups {
		var of []float64
		for _, r := range g {
			of = append(of, r.Dispatch.P50)
		}
		got = append(got, of)
	}
	if diff := cmp.Diff([][]float64{{1, 3}, {2}, {1}}, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func verdictOf(t *testing.T, what string, results ...Result) string {
	t.Helper()
	var text strings.Builder
	WriteVerdicts(&text, Groups(results))
	for line := range strings.Lines(text.String()) {
		if cells := strings.Split(line, " | "); strings.TrimPrefix(cells[0], "| ") == what {
			return strings.Join(cells[2:], " | ")
		}
	}
	t.Fatalf("there is no verdict on %q in:\n%s", what, text.String())
	return ""
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	rightless := Result{Series: Node, Cell: Cell{System: K8sorch, Access: Rightless}, StepSeconds: 2.4}
	inEnv := Result{Series: Node, Cell: Cell{System: K8sorch, Access: FromEnv}, StepSeconds: 0.5}
	again := Result{Series: RestartLarge, Cell: Cell{System: K8sorch, Kill: true}, Restart: 1300, Lists: 400}
	late, alone := again, again
	late.Restart, alone.Lists = 1401, 0
	layers, fewer := Result{Series: Layers, Cell: Cell{System: K8sorch, Shape: "layers:10x100"}, StepsPerSecond: 60}, Result{
		Series: Layers, Cell: Cell{System: JobComplete, Shape: "layers:3x30"}, StepsPerSecond: 4,
	}
	as := fewer
	as.Shape, as.StepsPerSecond = layers.Shape, 2
	took := func(name string, seconds float64) Result {
		return Result{Series: OneProcess, Cell: Cell{System: name}, Measured: map[string]float64{"sec/op": seconds}}
	}
	empty, one, other := took("StepStart/empty_program", 0.002), took("StepStart/one_of_1_steps", 0.021), took("StepStart/one_of_100_steps", 0.025)
	fast, slow := took("Machine/chain/100000", 0.3), took("Machine/fan/100000", 0.6)
	fast.Measured["events/s"], fast.Measured["MiB-held"] = 1e6, 300
	slow.Measured["events/s"], slow.Measured["MiB-held"] = 499_999, 100
	jobs := Result{Series: Node, Cell: Cell{System: JobComplete}, StepSeconds: 3}
	for _, test := range []struct {
		what    string
		results []Result
		want    string
	}{
		{"dispatch p50, chain, against S1", []Result{result(K8sorch, 6, 1000), result(Floor, 5, 1000)}, "1.20× | met |\n"},
		{"dispatch p50, chain, against S1", []Result{result(K8sorch, 7, 1000), result(Floor, 5, 1000)}, "1.40× | **not met** |\n"},
		{"dispatch p50, chain, against S1", []Result{result(K8sorch, 7, 1000)}, "– | not measured |\n"},
		{"dispatch p50, chain: S2 against k8sorch", []Result{result(K8sorch, 5, 1000), result(JobComplete, 1000, 1000)}, "200× | met |\n"},
		{"dispatch p50, chain: S2 against k8sorch", []Result{result(K8sorch, 50, 1000), result(JobComplete, 1000, 1000)}, "20× | **not met** |\n"},
		{"steps/s, layers, of S2's", []Result{layers, fewer}, "15× (layers:10x100 against layers:3x30) | **not met** |\n"},
		{"steps/s, layers, of S2's", []Result{layers, as}, "30× | met |\n"},
		{"steps/s, layers, of S2's", []Result{layers}, "– | not measured |\n"},
		{"requests per step without watches, chain", []Result{result(K8sorch, 1, 1010)}, "1.01 | met |\n"},
		{"requests per step without watches, chain", []Result{result(K8sorch, 1, 1011)}, "1.01 | **not met** |\n"},
		{"restart to first create, 10,000 steps", []Result{again}, "1300 ms | met |\n"},
		{"restart to first create, 10,000 steps", []Result{late}, "1401 ms | **not met** |\n"},
		{"restart to first create, 10,000 steps", []Result{alone}, "1300 ms | **not met** |\n"},
		{"restart to first create, 10,000 steps", []Result{result(K8sorch, 5, 1000)}, "– | not measured |\n"},
		{"time per step, real kubelet, of S2's", []Result{rightless, jobs}, "– | not measured |\n"},
		{"the same, steps without a token", []Result{rightless, inEnv, jobs}, "0.800× | **not met** |\n"},
		{"the same, tokens in variables", []Result{rightless, inEnv, jobs}, "0.167× | met |\n"},
		{"100,000 steps declared and checked, the slowest graph", []Result{took("Build/fan/100000", 1.1), took("Build/chain/100000", 0.4)}, "1100 ms | **not met** |\n"},
		{"100,000 steps declared and checked, the slowest graph", []Result{took("Push/changed", 1.1)}, "– | not measured |\n"},
		{"the engine's events per second, 100,000 steps, the slowest graph", []Result{fast, slow}, "499999 | **not met** |\n"},
		{"the engine's events per second, 100,000 steps, the slowest graph", []Result{fast}, "1000000 | met |\n"},
		{"the engine at the end of 100,000 steps, memory of the largest graph", []Result{fast, slow}, "315 MB | **not met** |\n"},
		{"a step's process until its function, over an empty program, 1 step", []Result{empty, one, other}, "19 ms | met |\n"},
		{"the same, 100 steps", []Result{empty, one, other}, "23 ms | **not met** |\n"},
		{"the same, 100 steps", []Result{one, other}, "– | not measured |\n"},
	} {
		if got := verdictOf(t, test.what, test.results...); got != test.want {
			t.Errorf("%s: %q, want %q", test.what, got, test.want)
		}
	}
}

func TestBoundOfRestart(t *testing.T) {
	t.Parallel()
	v := restartOf(Restart, "1,000 steps")
	measured := Groups([]Result{{Series: Restart, Cell: Cell{System: K8sorch, Kill: true}, Restart: 1300, Lists: 400}})
	for want, groups := range map[string][]Group{"at most 1000 ms + the two lists, 400 ms": measured, "at most 1000 ms + the two lists": nil} {
		if got := v.row(groups)[1]; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestManyAtOnce has ten orchestrators beside one.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	many := result(K8sorch, 5, 1000)
	many.AtOnce, many.AllMemory = 10, 390
	var text strings.Builder
	writeTable(&text, costs(), Groups([]Result{many, result(K8sorch, 5, 1000)}))
	want := `| system | graph | requests/step | watches | peak RSS, MB | of all orchestrators | CPU-s per 1,000 steps: orchestrator | etcd |
|---|---|---|---|---|---|---|---|
| k8sorch, 10 runs at once | chain:1000 | 1 | 2 | 39 | 390 | 3 | 5 |
| k8sorch | chain:1000 | 1 | 2 | 39 | – | 3 | 5 |

`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestTableOfBenchmarks(t *testing.T) {
	t.Parallel()
	of := func(name string, measured map[string]float64) Result {
		return Result{Series: OneProcess, Cell: Cell{System: name}, Measured: measured}
	}
	var text strings.Builder
	WriteTables(&text, Groups([]Result{
		of("Machine/fan/100000", map[string]float64{"sec/op": 0.5, "events/s": 600_000, "MiB-held": 102, "B/op": 7}),
		of("Machine/fan/100000", map[string]float64{"sec/op": 0.7, "events/s": 400_000, "MiB-held": 102}),
		of("Push/changed", map[string]float64{"sec/op": 0.25}),
	}))
	want := `### In one process

| benchmark | runs | time, ms | events/s | memory held, MiB |
|---|---|---|---|---|
| Machine/fan/100000 | 2 | 600 [500..700] | 500000 [400000..600000] | 102 |
| Push/changed | 1 | 250 | – | – |

`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	node := Result{Series: Node, Cell: Cell{System: K8sorch, Shape: "chain:2"}, Steps: 2, StepSeconds: 0.5, BeginSeconds: 0.4}
	WriteTables(&text, Groups([]Result{result(K8sorch, 5, 1000), result(K8sorch, 7, 1000), result(Floor, 4, 1000), node}))
	want := `### Chain, stock controller manager

| system | graph | runs | dispatch p50, ms | p90 | p99 | steps/s |
|---|---|---|---|---|---|---|
| k8sorch | chain:1000 | 2 | 6 [5..7] | 12 [10..14] | 18 [15..21] | 50 |
| S1 floor | chain:1000 | 1 | 4 | 8 | 12 | 50 |

| system | graph | requests/step | watches | peak RSS, MB | CPU-s per 1,000 steps: orchestrator | etcd |
|---|---|---|---|---|---|---|
| k8sorch | chain:1000 | 1 | 2 | 39 | 3 | 5 |
| S1 floor | chain:1000 | 1 | 2 | 39 | 3 | 5 |

k8sorch, 1000 steps of chain:1000: 1000 create pods, 2 watch pods.

S1 floor, 1000 steps of chain:1000: 1000 create pods, 2 watch pods.

### Real kubelet

| system | graph | runs | steps/s | time per step, s | of which pod and process come up, s |
|---|---|---|---|---|---|
| k8sorch | chain:2 | 1 | 0 | 0.500 | 0.400 |

`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}
