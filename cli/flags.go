package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/org/k8sorch"
)

// Titles of the groups in which the help shows the flags.
const (
	groupParams  = "Parameters"
	groupCluster = "Cluster"
	groupImage   = "Image"
	groupRun     = "Run"
	groupOutput  = "Output"
)

// flags are those of one command, and what they say.
type flags struct {
	// files are settings from files, in the order of the command line.
	files []pipeline.RunOption
	// config is that of the program, refined; settings are those of this run.
	config   pipeline.Config
	settings *pipeline.KubernetesOrchestratorSettings
	params   parameters
	output   string
	noColor  bool
	noCache  bool
	// submitter is the user whose rights are printed.
	submitter string
}

// Values of --output.
const (
	outputText = "text"
	outputJSON = "json"
)

func newFlags(p *pipeline.Pipeline, config pipeline.Config) *flags {
	return &flags{config: config, params: parameters{infos: p.Parameters()}, output: outputText}
}

// options returns what the run is submitted with.
func (f *flags) options() []pipeline.RunOption {
	given := slices.Concat(f.params.given, f.files)
	if f.settings != nil {
		given = append(given, pipeline.RunSettings(*f.settings))
	}
	if f.noCache {
		given = append(given, pipeline.NoCache())
	}
	return given
}

// set changes the settings of the run.
func (f *flags) set(change func(*pipeline.KubernetesOrchestratorSettings)) {
	if f.settings == nil {
		f.settings = new(pipeline.KubernetesOrchestratorSettings)
	}
	change(f.settings)
}

// group is flags under one title of the help.
type group struct {
	title string
	set   *pflag.FlagSet
}

// common are the flags of all commands that make a run or show what one would be.
func (f *flags) common() []group {
	return []group{{groupCluster, f.cluster()}, {groupImage, f.image()}, {groupRun, f.run()}}
}

// following are the flags of commands that follow a run, besides.
func (f *flags) following() []group {
	return []group{{groupRun, f.waiting()}, {groupRun, f.local()}, {groupOutput, f.display()}}
}

// register adds the flags to a command. The names of parameters give way to those of all the others, also where these
// are not used: a name means the same in every command.
func (f *flags) register(cmd *cobra.Command, follows bool) {
	common, following := f.common(), f.following()
	taken := func(name string) bool {
		return name == paramFlag || name == "help" || f.rights().Lookup(name) != nil || isScheduleFlag(name) ||
			slices.ContainsFunc(slices.Concat(common, following), func(g group) bool { return g.set.Lookup(name) != nil })
	}
	groups := append(slices.Clone(common), group{groupParams, f.params.flags(taken)})
	if follows {
		groups = append(groups, following...)
	}
	cmd.Flags().SortFlags = false
	for _, g := range groups {
		addGroup(cmd, g.title, g.set)
	}
	cmd.MarkFlagsMutuallyExclusive("image", "base-image")
	f.complete(cmd)
}

// connection returns the flags that name a cluster and a namespace of it.
func (f *flags) connection() *pflag.FlagSet {
	set, c := newFlagSet(), &f.config
	set.StringVar(&c.Context, "context", c.Context, "run on the cluster of this kubeconfig `context`")
	set.StringVar(&c.Kubeconfig, "kubeconfig", c.Kubeconfig, "run on the cluster of this kubeconfig `file`")
	set.BoolVar(&c.InCluster, "in-cluster", c.InCluster, "run on the cluster that this process is in")
	set.StringVarP(&c.Namespace, "namespace", "n", c.Namespace, "the `namespace` of the run (default that of the context)")
	return set
}

func (f *flags) cluster() *pflag.FlagSet {
	set, c := f.connection(), &f.config
	set.BoolVar(&c.CreateNamespace, "create-namespace", c.CreateNamespace, "make the namespace where it does not exist")
	set.BoolVar(&c.Local, "local", c.Local, "the cluster is on this machine: a file:// store is a directory of its node")
	set.BoolVar(&c.SkipLocalValidations, "skip-local-validations", c.SkipLocalValidations, "use --local, loopback registries and file:// stores on any cluster")
	return set
}

func (f *flags) image() *pflag.FlagSet {
	set, c := newFlagSet(), &f.config
	set.StringVar(&c.Registry, "registry", c.Registry, "push this program as an image to this `host/path`")
	set.Func("image", "use the image `ref`, which has this program, and push none", func(ref string) error {
		f.set(func(s *pipeline.KubernetesOrchestratorSettings) { s.Image = &ref })
		return nil
	})
	set.Func("base-image", "put this program on the image `ref` (default an empty one)", func(ref string) error {
		f.set(func(s *pipeline.KubernetesOrchestratorSettings) { s.BaseImage = &ref })
		return nil
	})
	set.StringVar(&c.Platform, "platform", c.Platform, "what the nodes run, as `os/arch` (default the API server's own)")
	return set
}

func (f *flags) run() *pflag.FlagSet {
	set, c := newFlagSet(), &f.config
	f.settingsFile(set)
	set.StringVar(&c.Artifacts, "artifacts", c.Artifacts, "keep values over 256 KiB in the store at this `url`")
	set.Func("max-parallelism", "run at most this `number` of steps at once (default any)", func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("give a whole number, such as 4")
		}
		f.set(func(s *pipeline.KubernetesOrchestratorSettings) { s.MaxParallelism = &n })
		return nil
	})
	set.BoolVar(&f.noCache, "no-cache", false, "run every step, also those whose value an earlier run has made")
	f.deadline(set)
	return set
}

// local returns the flag of runs of child processes.
func (f *flags) local() *pflag.FlagSet {
	set := newFlagSet()
	set.StringVar(&f.config.Dir, "dir", f.config.Dir, "keep runs of child processes in this `directory` (default in the user's cache)")
	return set
}

// rights returns the flag of the command that prints rights.
func (f *flags) rights() *pflag.FlagSet {
	set := newFlagSet()
	set.StringVar(&f.submitter, "submitter", "", "print the rights of the `user` of this name too, who submits runs")
	return set
}

// display returns the flags of commands that show how a run goes on.
func (f *flags) display() *pflag.FlagSet {
	set := newFlagSet()
	set.VarP(&choice{value: &f.output, of: []string{outputText, outputJSON}}, "output", "o", "what to print of the run in the end: text or json")
	set.AddFlagSet(f.colours())
	f.noLogs(set)
	return set
}

func newFlagSet() *pflag.FlagSet {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	set.SortFlags = false
	return set
}

// choice is one of a few words. It implements [pflag.Value].
type choice struct {
	value *string
	of    []string
}

// String returns the word.
func (c *choice) String() string { return *c.value }

// Type names the kind of value in the help.
func (c *choice) Type() string { return "format" }

// Set implements [pflag.Value].
func (c *choice) Set(text string) error {
	for _, word := range c.of {
		if text == word {
			*c.value = word
			return nil
		}
	}
	return fmt.Errorf("give %s", strings.Join(c.of, " or "))
}
