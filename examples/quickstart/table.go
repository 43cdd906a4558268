package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// print writes the report as tables for a terminal.
func (r Report) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	r.printAccuracy(w)
	r.printClasses(w)
	r.best().printConfusion(w)
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing the report: %w", err)
	}
	return nil
}

func (r Report) printAccuracy(w io.Writer) {
	fmt.Fprintln(w, "MODEL\tACCURACY\tWRONG")
	for _, result := range r.Results {
		c := result.Confusion
		fmt.Fprintf(w, "%s\t%s\t%d of %d\n", result.Model, percent(c.accuracy()), c.wrong(), c.total())
	}
	species, accuracy := r.best().Confusion.commonest()
	fmt.Fprintf(w, "(always answering %s)\t%s\n\n", species, percent(accuracy))
}

func (r Report) printClasses(w io.Writer) {
	fmt.Fprintln(w, "MODEL\tSPECIES\tPRECISION\tRECALL")
	for _, result := range r.Results {
		c, model := result.Confusion, result.Model
		for s := range numSpecies {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", model, s, percent(c.precision(s)), percent(c.recall(s)))
			model = "" // once is enough
		}
	}
	fmt.Fprintln(w)
}

func (r Result) printConfusion(w io.Writer) {
	fmt.Fprintf(w, "Confusion matrix of %s\n", r.Model)
	fmt.Fprint(w, "TRUE \\ PREDICTED")
	for s := range numSpecies {
		fmt.Fprintf(w, "\t%s", s)
	}
	for s, row := range r.Confusion {
		fmt.Fprintf(w, "\n%s", Species(s))
		for _, count := range row {
			fmt.Fprintf(w, "\t%d", count)
		}
	}
	fmt.Fprintln(w)
}

func percent(share float64) string { return fmt.Sprintf("%5.1f %%", 100*share) }
