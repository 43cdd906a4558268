package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"

	yamlnode "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// LoadSettings reads settings from a file in YAML or JSON. Its keys are those in the tags of the fields, such as
// pod_settings; within the objects of Kubernetes, such as volumes, they are Kubernetes' own, such as
// persistentVolumeClaim. A file without content sets nothing.
//
// It is strict: a key that there is not or that is there twice, a value of another type, and whatever is a mistake in the
// settings of a pipeline are errors. They are returned together, with their lines. A file that cannot be read, is no YAML
// or holds several documents is an error too.
func LoadSettings(path string) (KubernetesOrchestratorSettings, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return KubernetesOrchestratorSettings{}, fmt.Errorf("reading settings: %w", err)
	}
	return parseSettings(path, text)
}

// parseSettings reads the text of the file at path.
func parseSettings(path string, text []byte) (KubernetesOrchestratorSettings, error) {
	var none, s KubernetesOrchestratorSettings
	root, tree, err := parseDocument(text)
	if err != nil {
		return none, fmt.Errorf("reading settings from %s: %w", path, err)
	}
	f := &settingsFile{path: path, lines: map[string]int{}}
	f.readLines(nil, "", root)
	f.checkKeys(nil, reflect.TypeOf(s), tree)
	object, _ := tree.(map[string]any)
	if s, err = decoded[KubernetesOrchestratorSettings](object); err != nil {
		return none, fmt.Errorf("reading settings from %s: %w", path, err)
	}
	for _, m := range s.mistakes(pipelineScope) {
		f.mistake(keyPath(reflect.TypeOf(s), m.Field), m.ErrorBody())
	}
	if len(f.mistakes) > 0 {
		return none, f.err()
	}
	return s, nil
}

// parseDocument returns the one document of a text as the tree of its JSON form, which Kubernetes' own tools would read,
// and as nodes, which know their lines. The tree is nil where there is none.
func parseDocument(text []byte) (*yamlnode.Node, any, error) {
	documents := yamlnode.NewDecoder(bytes.NewReader(text))
	root, next := new(yamlnode.Node), new(yamlnode.Node)
	switch err := documents.Decode(root); {
	case errors.Is(err, io.EOF):
		return root, nil, nil
	case err != nil:
		return nil, nil, err
	}
	if err := documents.Decode(next); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("there is a second document; give one, or one file for each")
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, nil, err
	}
	var tree any
	numbers := json.NewDecoder(bytes.NewReader(asJSON))
	// Numbers stay as they are written, so that a large one is not rounded before it is looked at.
	numbers.UseNumber()
	return root, tree, numbers.Decode(&tree)
}

// settingsFile is a file of settings, and what is wrong with it.
type settingsFile struct {
	path string
	// lines are where things are in the file, by their folded paths.
	lines    map[string]int
	mistakes []fileMistake
}

type fileMistake struct {
	line int
	text string
}

// mistake tells what is wrong with the thing at a path; that of the whole file is empty.
func (f *settingsFile) mistake(path, text string) {
	if path != "" {
		text = path + ": " + text
	}
	f.mistakes = append(f.mistakes, fileMistake{f.line(path), text})
}

// err lists the mistakes in the order of their lines.
func (f *settingsFile) err() error {
	slices.SortStableFunc(f.mistakes, func(a, b fileMistake) int { return a.line - b.line })
	var mistakes []Mistake
	for _, m := range f.mistakes {
		mistakes = append(mistakes, Mistake{Pos: fmt.Sprintf("%s:%d", f.path, m.line), Text: m.text})
	}
	return errors.New(listMistakes("settings file "+f.path, mistakes))
}
