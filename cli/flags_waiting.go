package cli

import (
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/org/k8sorch"
)

// waiting returns the flags that say how long this process waits for a run.
func (f *flags) waiting() *pflag.FlagSet {
	set := newFlagSet()
	f.boolFunc(set, "detach", "do not wait for the end of a run on Kubernetes", func(s *pipeline.KubernetesOrchestratorSettings, detach bool) {
		s.Synchronous = new(!detach)
	})
	f.secondsFunc(set, "timeout", "wait this `duration` at most for a run on Kubernetes, which then goes on (default for ever)",
		func(s *pipeline.KubernetesOrchestratorSettings, n int) { s.Timeout = &n })
	return set
}

// deadline adds the flag that says how long a run may take.
func (f *flags) deadline(set *pflag.FlagSet) {
	f.secondsFunc(set, "deadline", "stop the run when it has taken this `duration` (default never)",
		func(s *pipeline.KubernetesOrchestratorSettings, n int) { s.RunDeadline = &n })
}

// noLogs adds the flag that leaves out the lines that steps write.
func (f *flags) noLogs(set *pflag.FlagSet) {
	f.boolFunc(set, "no-logs", "do not print what the steps log, except where they fail", func(s *pipeline.KubernetesOrchestratorSettings, no bool) {
		s.StreamStepLogs = new(!no)
	})
}

// boolFunc adds a flag that is there or not and changes the settings of the run.
func (f *flags) boolFunc(set *pflag.FlagSet, name, usage string, change func(*pipeline.KubernetesOrchestratorSettings, bool)) {
	set.BoolFunc(name, usage, func(text string) error {
		value, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("give true or false")
		}
		f.set(func(s *pipeline.KubernetesOrchestratorSettings) { change(s, value) })
		return nil
	})
}

// secondsFunc adds a flag for a setting in seconds, which is given as a duration.
func (f *flags) secondsFunc(set *pflag.FlagSet, name, usage string, change func(*pipeline.KubernetesOrchestratorSettings, int)) {
	set.Func(name, usage, func(text string) error {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 || d%time.Second != 0 || d/time.Second > math.MaxInt32 {
			return errors.New("give a duration in whole seconds, such as 10m or 1h30m")
		}
		f.set(func(s *pipeline.KubernetesOrchestratorSettings) { change(s, int(d/time.Second)) })
		return nil
	})
}
