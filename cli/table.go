package cli

import (
	"io"
	"strings"
)

// table is rows of cells, the first of them the header. The last column is not padded.
type table struct {
	style style
	rows  [][]string
	// colour returns the colour of a cell; nil for none.
	colour func(column int, cell string) string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the table in columns that are as wide as their widest cell.
func (t *table) print(out io.Writer) error {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len(cell))
		}
	}
	var b strings.Builder
	for n, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			padded := cell
			if i < len(row)-1 {
				padded = pad(cell, widths[i])
			}
			if n > 0 && t.colour != nil {
				padded = t.style.paint(t.colour(i, cell), padded)
			}
			line.WriteString(padded)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
