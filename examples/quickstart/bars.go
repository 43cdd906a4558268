package main

import "fmt"

const (
	barHeight  = 20.0
	barSpacing = 88.0
)

// drawBars shows accuracies from zero, for bars cut off at the foot exaggerate, next to the least a model has to beat.
func drawBars(d *svg, scores []Score) {
	scale := axis{low: 0, high: 100, step: 25, from: 652, to: 930}
	drawBarAxis(d, scale)
	y := 130.0
	for _, s := range scores {
		c := s.confusion()
		drawBar(d, scale, y, fmt.Sprintf("%s, %d wrong", s.Model, c.wrong()), c.accuracy(), "bar")
		y += barSpacing
	}
	species, baseline := scores[0].confusion().commonest()
	drawBar(d, scale, y, fmt.Sprintf("always answering %s", species), baseline, "baseline")
}

func drawBar(d *svg, scale axis, y float64, label string, accuracy float64, class string) {
	d.text(scale.from, y-9, "", label)
	d.text(scale.to, y-9, "end strong", fmt.Sprintf("%.1f %%", 100*accuracy))
	d.rect(scale.from, y, scale.to-scale.from, barHeight, "track")
	d.rect(scale.from, y, scale.at(100*accuracy)-scale.from, barHeight, class)
}

func drawBarAxis(d *svg, scale axis) {
	_, depth := billAxes()
	foot := depth.from // level with the scatter plot
	for value := range scale.ticks() {
		x := scale.at(value)
		d.line(x, foot, x, foot+5, "frame")
		d.text(x, foot+20, "middle", fmt.Sprint(value))
	}
	d.line(scale.from, foot, scale.to, foot, "frame")
	d.text((scale.from+scale.to)/2, foot+44, "middle", "Accuracy on these penguins (%)")
}
