package pipeline

import (
	"fmt"
	"strings"
)

// GraphFormat is a way to draw a pipeline's graph.
type GraphFormat string

const (
	// GraphText is one line for each step and parameter.
	GraphText GraphFormat = "text"
	// GraphDot is the language of Graphviz.
	GraphDot GraphFormat = "dot"
	// GraphMermaid is a flowchart of Mermaid, which Markdown on many sites shows as a picture.
	GraphMermaid GraphFormat = "mermaid"
	// GraphSVG is a picture, which a browser shows and a page holds, in light and in dark.
	GraphSVG GraphFormat = "svg"
)

// GraphFormats returns all of them.
func GraphFormats() []GraphFormat { return []GraphFormat{GraphText, GraphDot, GraphMermaid, GraphSVG} }

// Draw returns the pipeline's graph, parameters and hooks included, in one of the [GraphFormats]. It asks no cluster.
func (p *Pipeline) Draw(format GraphFormat) (string, error) {
	d, err := p.freeze()
	if err != nil {
		return "", err
	}
	switch format {
	case GraphText:
		return d.graph.Text(), nil
	case GraphDot:
		return d.graph.Dot(), nil
	case GraphMermaid:
		return d.graph.Mermaid(), nil
	case GraphSVG:
		return d.graph.SVG(), nil
	}
	return "", fmt.Errorf("drawing pipeline %q: there is no format %q; give one of %s", p.name, format,
		strings.Trim(fmt.Sprint(GraphFormats()), "[]"))
}
