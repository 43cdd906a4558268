package pipeline

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// readLines remembers where things are in a file, and finds keys that are there twice. It does not follow aliases: what
// is wrong with one is told for its line. The path is given in both spellings, since folding a long one takes long.
func (f *settingsFile) readLines(at *field.Path, folded string, node *yamlnode.Node) {
	switch node.Kind {
	case yamlnode.DocumentNode:
		f.readLines(at, folded, node.Content[0])
	case yamlnode.SequenceNode:
		for i, item := range node.Content {
			f.readLine(at.Index(i), folded+"."+strconv.Itoa(i), item.Line, item)
		}
	case yamlnode.MappingNode:
		seen := map[string]int{}
		// A mapping's content is its keys and values by turns.
		for i := 0; i < len(node.Content); i += 2 {
			key, path := node.Content[i], at.Child(node.Content[i].Value)
			if first, twice := seen[key.Value]; twice {
				detail := fmt.Sprintf("it is in line %d already; leave one of them out", first)
				f.mistakes = append(f.mistakes, fileMistake{line: key.Line, text: path.String() + ": " + detail})
			}
			seen[key.Value] = key.Line
			f.readLine(path, folded+"."+foldPath(key.Value), key.Line, node.Content[i+1])
		}
	}
}

func (f *settingsFile) readLine(at *field.Path, folded string, line int, node *yamlnode.Node) {
	f.lines[folded] = line
	f.readLines(at, folded, node)
}

// line returns the line of the innermost thing on the path that is in the file.
func (f *settingsFile) line(path string) int {
	for path = "." + foldPath(path); path != ""; path = path[:max(strings.LastIndexByte(path, '.'), 0)] {
		if line, ok := f.lines[path]; ok {
			return line
		}
	}
	return 1
}

// foldPath makes the paths of a thing equal, whichever spelling they have it in.
func foldPath(path string) string {
	return fold(strings.NewReplacer("[", ".", "]", "").Replace(path))
}

// keyPath returns the path of a setting with the names that its fields have in files. Those of Kubernetes' own types are
// the same in Go and there.
func keyPath(t reflect.Type, path string) string {
	end := len(path)
	if i := strings.IndexAny(path, ".["); i >= 0 {
		end = i
	}
	for key, known := range jsonFields(t) {
		if known.Name != path[:end] {
			continue
		}
		if inner, ok := strings.CutPrefix(path[end:], "."); ok && known.elem() == reflect.TypeFor[KubernetesPodSettings]() {
			return key + "." + keyPath(known.elem(), inner)
		}
		return key + path[end:]
	}
	return path
}
