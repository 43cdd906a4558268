package main

// Confusion counts penguins by true species (rows) and predicted species (columns).
type Confusion [numSpecies][numSpecies]int

func (c Confusion) total() (n int) {
	for s := range numSpecies {
		n += c.actual(s)
	}
	return n
}

func (c Confusion) right() (n int) {
	for s := range numSpecies {
		n += c[s][s]
	}
	return n
}

// actual is how many penguins are of the species.
func (c Confusion) actual(s Species) (n int) {
	for _, count := range c[s] {
		n += count
	}
	return n
}

// predicted is how many penguins were taken for the species.
func (c Confusion) predicted(s Species) (n int) {
	for _, row := range c {
		n += row[s]
	}
	return n
}

func (c Confusion) wrong() int        { return c.total() - c.right() }
func (c Confusion) accuracy() float64 { return share(c.right(), c.total()) }

// precision is the share of those taken for the species that are of it.
func (c Confusion) precision(s Species) float64 { return share(c[s][s], c.predicted(s)) }

// recall is the share of those of the species that were recognised.
func (c Confusion) recall(s Species) float64 { return share(c[s][s], c.actual(s)) }

// commonest is what one would always answer without looking, the least a model has to beat.
func (c Confusion) commonest() (Species, float64) {
	var counts [numSpecies]int
	for s := range numSpecies {
		counts[s] = c.actual(s)
	}
	s := highest(counts)
	return s, share(counts[s], c.total())
}

// share of nothing is 0, as a model that never names a species has earned nothing for it.
func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
