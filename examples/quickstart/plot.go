package main

import (
	"fmt"
	"strings"
)

// plot draws what the penguins look like on the left and how well the models tell them apart on the right.
func plot(scores []Score) string {
	var d svg
	d.text(24, 36, "title", "Three ways to tell penguins apart")
	d.text(24, 57, "", fmt.Sprintf("%d penguins the models had not seen; colour and shape show the true species",
		len(scores[0].Answers)))
	drawScatter(&d, scores)
	drawBars(&d, scores)
	return d.String()
}

// The axes of the scatter plot reach just beyond the whole data set, so plots of different seeds compare.
func billAxes() (length, depth axis) {
	return axis{low: 30, high: 60, step: 5, from: 72, to: 592}, axis{low: 12, high: 22, step: 2, from: 424, to: 108}
}

func drawScatter(d *svg, scores []Score) {
	drawLegend(d)
	drawBillAxes(d)
	length, depth := billAxes()
	at := func(p Penguin) (x, y float64) {
		return length.at(p.Features[BillLength]), depth.at(p.Features[BillDepth])
	}
	for _, a := range scores[0].Answers {
		x, y := at(a.Penguin)
		d.mark(x, y, a.Penguin.Species.String(), describe(a.Penguin))
	}
	mistakes := mistakes(scores)
	for _, a := range scores[0].Answers {
		if wrong := mistakes[a.Penguin]; len(wrong) > 0 {
			x, y := at(a.Penguin)
			d.mark(x, y, "wrong", describe(a.Penguin)+"\n"+strings.Join(wrong, "\n"))
		}
	}
}

func drawLegend(d *svg) {
	x := 80.0
	entry := func(shape, label string) {
		d.mark(x, 86, shape, label)
		d.text(x+16, 90.5, "", label)
		x += 48 + 7*float64(len(label)) // about the width of the text
	}
	for s := range numSpecies {
		entry(s.String(), s.String())
	}
	entry("wrong", "misclassified by a model")
}

func drawBillAxes(d *svg) {
	length, depth := billAxes()
	for value := range length.ticks() {
		x := length.at(value)
		d.line(x, depth.from, x, depth.to, "grid")
		d.text(x, depth.from+20, "middle", fmt.Sprint(value))
	}
	for value := range depth.ticks() {
		y := depth.at(value)
		d.line(length.from, y, length.to, y, "grid")
		d.text(length.from-10, y+4.5, "end", fmt.Sprint(value))
	}
	d.line(length.from, depth.from, length.to, depth.from, "frame")
	d.line(length.from, depth.from, length.from, depth.to, "frame")
	d.text((length.from+length.to)/2, depth.from+44, "middle", "Bill length (mm)")
	d.upward(length.from-42, (depth.from+depth.to)/2, "Bill depth (mm)")
}

// mistakes tells which models took a penguin for what it is not, one line each.
func mistakes(scores []Score) map[Penguin][]string {
	lines := map[Penguin][]string{}
	for _, s := range scores {
		for _, a := range s.Answers {
			if a.Predicted != a.Penguin.Species {
				lines[a.Penguin] = append(lines[a.Penguin], fmt.Sprintf("%s: %s", s.Model, a.Predicted))
			}
		}
	}
	return lines
}

func describe(p Penguin) string {
	return fmt.Sprintf("%s, %.1f × %.1f mm", p.Species, p.Features[BillLength], p.Features[BillDepth])
}
