package pipeline

import (
	"fmt"
	"slices"
	"strings"
)

// remark is something that is true of one pod or of several: most steps have their settings from the pipeline.
type remark struct {
	text string
	// at is where the first of the steps was declared.
	at site
	// steps is empty for the orchestrator.
	steps []string
}

// remarksOn returns what is said of the pods, each text once for all the steps that it is said of.
func remarksOn(pods []finishedPod, say func(finishedPod) []string) []remark {
	var all []remark
	for _, pod := range pods {
		for _, text := range say(pod) {
			i := slices.IndexFunc(all, func(r remark) bool { return r.text == text && len(r.steps) > 0 })
			switch {
			case pod.step == "":
				all = append(all, remark{text: text, at: pod.at})
			case i < 0:
				all = append(all, remark{text: text, at: pod.at, steps: []string{pod.step}})
			default:
				all[i].steps = append(all[i].steps, pod.step)
			}
		}
	}
	return all
}

// maxNamed is how many steps a remark names.
const maxNamed = 3

// about names the pods that the remark is about.
func (r remark) about() string {
	var named []string
	for _, step := range r.steps[:min(len(r.steps), maxNamed)] {
		named = append(named, fmt.Sprintf("%q", step))
	}
	switch more := len(r.steps) - len(named); {
	case len(named) == 0:
		return "the orchestrator"
	case more > 0:
		return fmt.Sprintf("steps %s and %d more", strings.Join(named, ", "), more)
	default:
		return plural(len(named), "step") + " " + strings.Join(named, ", ")
	}
}
