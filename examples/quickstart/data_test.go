package main

import (
	"encoding/csv"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The counts and the means are those published with palmerpenguins.
func TestDataIsThePublishedOne(t *testing.T) {
	t.Parallel()
	records, err := csv.NewReader(strings.NewReader(penguinsCSV)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, record := range records[1:] {
		got[record[0]]++
	}
	want := map[string]int{"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows per species (-want +got):\n%s", diff)
	}

	groups := bySpecies(mustLoad(t, 344).Penguins)
	published := [numSpecies]struct {
		complete int
		means    Features
	}{
		Adelie:    {151, Features{38.79, 18.35, 189.95, 3700.66}},
		Chinstrap: {68, Features{48.83, 18.42, 195.82, 3733.09}},
		Gentoo:    {123, Features{47.50, 14.98, 217.19, 5076.02}},
	}
	for s, want := range published {
		if got := len(groups[s]); got != want.complete {
			t.Errorf("%s: %d complete rows, want %d", Species(s), got, want.complete)
		}
		means, _ := moments(groups[s])
		for i := range means {
			if math.Abs(means[i]-want.means[i]) > 0.006 {
				t.Errorf("%s: mean of feature %d is %.3f, want %.2f", Species(s), i, means[i], want.means[i])
			}
		}
	}
}

func TestLoadKeepsTheMixOfSpecies(t *testing.T) {
	t.Parallel()
	all := bySpecies(mustLoad(t, 344).Penguins)
	for _, limit := range []int{1, 30, 100, 341} {
		data := mustLoad(t, limit)
		if got := len(data.Penguins); got != limit {
			t.Errorf("load(%d) kept %d penguins", limit, got)
		}
		for s, group := range bySpecies(data.Penguins) {
			want := float64(limit*len(all[s])) / 342
			if math.Abs(float64(len(group))-want) > 1 {
				t.Errorf("load(%d) kept %d of species %s, want about %.1f", limit, len(group), Species(s), want)
			}
		}
	}
}

func TestLoadRefusesNoRows(t *testing.T) {
	t.Parallel()
	_, err := load(t.Context(), 0)
	if err == nil || !strings.Contains(err.Error(), "rows is 0") {
		t.Errorf("load(0) error = %v, want one that names rows", err)
	}
}

func TestParseNamesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ row, want string }{
		{"Emperor,Ross,1,2,3,4,MALE", "Emperor"},
		{"Adelie,Dream,1,2,three,4,MALE", "three"},
	} {
		_, err := parse([][]string{strings.Split(tt.row, ",")})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("parse(%s) error = %v, want one that names %s", tt.row, err, tt.want)
		}
	}
}

func mustLoad(t *testing.T, limit int) Dataset {
	t.Helper()
	data, err := load(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
