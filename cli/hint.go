package cli

import (
	"strings"

	"github.com/org/k8sorch"
)

// command returns a command of this program for the cluster that a configuration names, as people type it. What the program
// has in its own configuration is named once more, which changes nothing.
func (prog *program) command(config pipeline.Config, args ...string) string {
	words := args
	for _, flag := range []struct{ name, value string }{
		{"--kubeconfig", config.Kubeconfig}, {"--context", config.Context}, {"--namespace", config.Namespace},
	} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
	if config.InCluster {
		words = append(words, "--in-cluster")
	}
	for i, word := range words {
		words[i] = quoted(word)
	}
	return prog.name.command + " " + strings.Join(words, " ")
}

// quoted returns a word as a POSIX shell reads it back.
func quoted(word string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("-_./:=,@%+", r) || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// goesOn says that the run is not over though this process is, why that is, and what to do about the run.
func (prog *program) goesOn(config pipeline.Config, why, run string) string {
	if !prog.orchestrator(config).OnCluster() {
		return strings.TrimSpace(why + " Run " + run + " goes on in the process that began it.")
	}
	return strings.Join([]string{
		strings.TrimSpace(why + " Run " + run + " goes on in the cluster."),
		"  see its steps:  " + prog.command(config, "get", run),
		"  follow it:      " + prog.command(config, "watch", run),
		"  stop it:        " + prog.command(config, "stop", run),
		"  delete it:      " + prog.command(config, "delete", run),
	}, "\n")
}
