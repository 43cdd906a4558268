package main

import (
	"fmt"
	"html"
	"strings"
)

// The drawing is 960 by 480 units. Colours are friendly to colour-blind eyes, and each species has a shape as well.
const svgHead = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 480" width="960" height="480" role="img">
<title>Penguins by bill length and depth, and the accuracy of three classifiers</title>
<style>
  text { font: 13px "Helvetica Neue", Helvetica, Arial, "DejaVu Sans", sans-serif; fill: #555f6b }
  .title { font-size: 18px; font-weight: 600; fill: #1f2933 }
  .strong { font-weight: 600; fill: #1f2933 }
  .middle { text-anchor: middle }
  .end { text-anchor: end }
  .grid { stroke: #e4e7eb }
  .frame { stroke: #9aa5b1 }
  .track { fill: #eef1f4 }
  .bar { fill: #3b6ea5 }
  .baseline { fill: #b6bfc9 }
  .ring { fill: none; stroke: #1f2933; stroke-width: 1.8 }
  .mark { stroke: #fff; stroke-width: 0.7; fill-opacity: 0.9 }
</style>
<defs>
  <circle id="Adelie" class="mark" r="4.6" fill="#e07b00"/>
  <path id="Chinstrap" class="mark" d="M0-5.6L5.2 3.8H-5.2Z" fill="#8e44ad"/>
  <path id="Gentoo" class="mark" d="M0-5.8L5.8 0L0 5.8L-5.8 0Z" fill="#00857c"/>
  <circle id="wrong" class="ring" r="9"/>
</defs>
<rect width="960" height="480" fill="#fff"/>
`

// svg collects the elements of a drawing; how they look is said once, in the style above.
type svg struct {
	body strings.Builder
}

func (d *svg) String() string { return svgHead + d.body.String() + "</svg>\n" }

func (d *svg) text(x, y float64, class, content string) {
	fmt.Fprintf(&d.body, `<text x="%.1f" y="%.1f" class="%s">%s</text>`+"\n", x, y, class, html.EscapeString(content))
}

// upward writes from bottom to top, centred on the point.
func (d *svg) upward(x, y float64, content string) {
	fmt.Fprintf(&d.body, `<text transform="translate(%.1f %.1f) rotate(-90)" class="middle">%s</text>`+"\n",
		x, y, html.EscapeString(content))
}

func (d *svg) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(&d.body, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`+"\n", x1, y1, x2, y2, class)
}

func (d *svg) rect(x, y, width, height float64, class string) {
	fmt.Fprintf(&d.body, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" class="%s"/>`+"\n",
		x, y, width, height, class)
}

// mark places one of the defined shapes; browsers show the hint under the pointer.
func (d *svg) mark(x, y float64, shape, hint string) {
	fmt.Fprintf(&d.body, `<use href="#%s" x="%.1f" y="%.1f"><title>%s</title></use>`+"\n",
		shape, x, y, html.EscapeString(hint))
}
