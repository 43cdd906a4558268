package main

import "fmt"

// Species is what the classifiers tell apart. It counts from zero, so arrays are indexed by it.
type Species int

// The three species of the data set; numSpecies is how many there are.
const (
	Adelie Species = iota
	Chinstrap
	Gentoo
	numSpecies
)

// String returns the name as the data set spells it.
func (s Species) String() string {
	switch s {
	case Adelie:
		return "Adelie"
	case Chinstrap:
		return "Chinstrap"
	case Gentoo:
		return "Gentoo"
	default:
		return fmt.Sprintf("Species(%d)", int(s))
	}
}

func parseSpecies(name string) (Species, error) {
	for s := range numSpecies {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("unknown species %q", name)
}

// highest is the species with the greatest value, the first of them if several share it.
func highest[V int | float64](values [numSpecies]V) Species {
	var best Species
	for s, value := range values {
		if value > values[best] {
			best = Species(s)
		}
	}
	return best
}
