package main

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/org/k8sorch"
	"go.uber.org/zap"
)

// penguinsCSV travels inside the binary, and with it into every pod; data/README.md says where it comes from.
//
//go:embed data/penguins.csv
var penguinsCSV string

// What was measured, as indices of Features.
const (
	BillLength    = iota // millimetres
	BillDepth            // millimetres
	FlipperLength        // millimetres
	BodyMass             // grams
	numFeatures
)

// Features are the measurements of one penguin: all that a classifier may see.
type Features [numFeatures]float64

// Penguin is one row of the data: the measurements and the answer.
type Penguin struct {
	Species  Species
	Features Features
}

// Dataset holds the penguins whose measurements are complete.
type Dataset struct {
	Penguins []Penguin
}

// load reads the embedded data and keeps at most limit penguins.
func load(ctx context.Context, limit int) (Dataset, error) {
	if limit < 1 {
		return Dataset{}, pipeline.Permanent(fmt.Errorf("rows is %d: it must be at least 1", limit))
	}
	records, err := csv.NewReader(strings.NewReader(penguinsCSV)).ReadAll()
	if err != nil {
		return Dataset{}, fmt.Errorf("reading the penguins: %w", err)
	}
	rows := records[1:] // below the header
	complete, err := parse(rows)
	if err != nil {
		return Dataset{}, fmt.Errorf("reading the penguins: %w", err)
	}
	kept := thin(complete, limit)
	pipeline.Logger(ctx).Info("data loaded",
		zap.Int("rows", len(rows)),
		zap.Int("incomplete", len(rows)-len(complete)),
		zap.Int("kept", len(kept)))
	return Dataset{Penguins: kept}, nil
}

// parse skips the rows that lack a measurement. Unknown sex is no obstacle: nothing here uses it.
func parse(rows [][]string) ([]Penguin, error) {
	var penguins []Penguin
	for _, row := range rows {
		species, measured := row[0], row[2:2+numFeatures]
		if slices.Contains(measured, "") {
			continue
		}
		p, err := parsePenguin(species, measured)
		if err != nil {
			return nil, err
		}
		penguins = append(penguins, p)
	}
	return penguins, nil
}

func parsePenguin(species string, measured []string) (p Penguin, err error) {
	if p.Species, err = parseSpecies(species); err != nil {
		return Penguin{}, err
	}
	for i, text := range measured {
		if p.Features[i], err = strconv.ParseFloat(text, 64); err != nil {
			return Penguin{}, err
		}
	}
	return p, nil
}

// thin keeps at most limit penguins at even distances: the file is sorted by species, so its first rows are all Adelies.
func thin(penguins []Penguin, limit int) []Penguin {
	limit = min(limit, len(penguins))
	kept := make([]Penguin, limit)
	for i := range kept {
		kept[i] = penguins[i*len(penguins)/limit]
	}
	return kept
}
