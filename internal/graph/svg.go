package graph

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Sizes of the drawing in pixels. The letters of a font of fixed width are 0.6 of its size wide.
const (
	svgFont   = 13
	svgHeight = 30                // of a box
	svgRow    = svgHeight + 16    // from one box to the one below
	svgGap    = 56                // between columns
	svgMargin = 12                // around all
	svgLetter = 0.6 * svgFont     // the width of one
	svgBlank  = 2 * 1.5 * svgFont // what a box is wider than its name
)

// svgHead begins the picture. It has the colour of the text around it, or, when it is a page or an image of its own, that of
// text in the reader's colour scheme.
const svgHead = `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img" ` +
	`fill="none" stroke="currentColor" font-family="ui-monospace, monospace" font-size="%[3]d" text-anchor="middle">
<title>%[4]s</title>
<style>svg:root { color-scheme: light dark; color: CanvasText }</style>
<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">` +
	`<path d="M0 0 8 4 0 8z" fill="currentColor" stroke="none"/></marker>
`

// SVG returns the graph as a picture (https://www.w3.org/TR/SVG11/) that needs no other file.
func (g Graph) SVG() string {
	edges := g.edges()
	l := g.layers(edges)
	columns, width := l.widths()
	top, bottom := math.Inf(1), math.Inf(-1)
	for _, column := range l.columns {
		for _, s := range column {
			top, bottom = min(top, s.y), max(bottom, s.y)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, svgHead, width, int((bottom-top)*svgRow)+svgHeight+2*svgMargin, svgFont, html.EscapeString(g.Pipeline))
	y := func(s *spot) int { return svgMargin + svgHeight/2 + int(math.Round((s.y-top)*svgRow)) }
	for i, e := range edges {
		dashes := ""
		if !e.value {
			dashes = ` stroke-dasharray="5 4"`
		}
		fmt.Fprintf(&b, `<path d="%s"%s marker-end="url(#arrow)"/>`+"\n", path(l.routes[i], columns, y), dashes)
	}
	for _, column := range l.columns {
		for _, s := range column {
			if s.node != nil {
				b.WriteString(s.node.svg(columns[s.layer], y(s)))
			}
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// span is where a column begins and ends.
type span struct{ left, right int }

// widths returns the columns, each as wide as its longest name needs, and how wide all is.
func (l layers) widths() (columns []span, width int) {
	left := svgMargin
	for _, column := range l.columns {
		letters := 0
		for _, s := range column {
			if s.node != nil {
				letters = max(letters, len(s.node.Name))
			}
		}
		c := span{left, left + int(svgBlank+svgLetter*float64(letters))}
		columns, left = append(columns, c), c.right+svgGap
	}
	return columns, left - svgGap + svgMargin
}

// path is a curve from column to column, and straight where it passes one.
func path(route []*spot, columns []span, y func(*spot) int) string {
	var b strings.Builder
	for i, s := range route {
		at := columns[s.layer]
		if i == 0 {
			fmt.Fprintf(&b, "M%d %d", at.right, y(s))
			continue
		}
		bend := at.left - svgGap/2
		fmt.Fprintf(&b, "C%d %d %d %d %d %d", bend, y(route[i-1]), bend, y(s), at.left, y(s))
		if s.node == nil {
			fmt.Fprintf(&b, "H%d", at.right)
		}
	}
	return b.String()
}

// svg draws a parameter with round ends, and a hook with dashes.
func (n Node) svg(at span, y int) string {
	shape := `rx="4"`
	switch {
	case n.Kind == Param:
		shape = fmt.Sprintf(`rx="%d"`, svgHeight/2)
	case n.Hook != "":
		shape += ` stroke-dasharray="5 4"`
	}
	return fmt.Sprintf(`<g><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" %s/>`+
		`<text x="%d" y="%d" fill="currentColor" stroke="none">%s</text></g>`+"\n",
		html.EscapeString(strings.Join(append([]string{n.Name}, n.words()...), "; ")), at.left, y-svgHeight/2, at.right-at.left,
		svgHeight, shape, (at.left+at.right)/2, y+svgFont/3, html.EscapeString(n.Name))
}
