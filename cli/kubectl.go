package cli

import (
	"strings"

	"github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
)

// kubectl prints commands for the cluster that a configuration names. A namespace that it leaves to the context is left
// to kubectl, too, which finds it by the same rule.
type kubectl struct{ config pipeline.Config }

func (k kubectl) command(args ...string) string {
	words := []string{"kubectl"}
	for _, flag := range []struct{ name, value string }{
		{"--kubeconfig", k.config.Kubeconfig}, {"--context", k.config.Context}, {"--namespace", k.config.Namespace},
	} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
	words = append(words, args...)
	for i, word := range words {
		words[i] = quoted(word)
	}
	return strings.Join(words, " ")
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
func (k kubectl) goesOn(why, run string) string {
	job := "job/" + run
	return strings.Join([]string{
		strings.TrimSpace(why + " Run " + run + " goes on in the cluster."),
		"  see its steps:  " + k.command("get", "pods", "-l", kube.LabelRun+"="+run),
		"  follow it:      " + k.command("logs", "--follow", job),
		"  drain it:       " + k.command("annotate", job, kube.AnnotationDrain+"=by hand"),
		"  stop it:        " + k.command("annotate", job, kube.AnnotationStop+"=by hand"),
		"  delete it:      " + k.command("delete", job),
	}, "\n")
}
