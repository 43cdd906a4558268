package graph

import (
	"cmp"
	"slices"
)

// rounds is how often the layers are swept, forth and back.
const rounds = 8

// spot is a place in a layered drawing: that of a node, or one at which an edge passes the layer of others.
type spot struct {
	node           *Node // nil where an edge passes
	layer          int
	y              float64 // in rows
	before, behind []*spot // what it is joined to in the layers next to its own
}

// layers is a drawing of the graph from left to right, by the method of Sugiyama: every edge leads to a later layer, and has
// a spot in each layer that it passes, so that it crosses no node.
type layers struct {
	columns [][]*spot // from left to right, and from the top down
	routes  [][]*spot // of the edges, by their order
}

// layers places the nodes. The same graph is always placed in the same way.
func (g Graph) layers(edges []edge) layers {
	var l layers
	layer, nodes := g.layerOf(edges), map[string]*spot{}
	for i, n := range g.Nodes {
		nodes[n.Name] = l.add(&spot{node: &g.Nodes[i], layer: layer[n.Name]})
	}
	for _, e := range edges {
		to, route := nodes[e.to], []*spot{nodes[e.from]}
		for i := nodes[e.from].layer + 1; i < to.layer; i++ {
			route = append(route, l.add(&spot{layer: i}))
		}
		route = append(route, to)
		for i, s := range route[1:] {
			s.before, route[i].behind = append(s.before, route[i]), append(route[i].behind, s)
		}
		l.routes = append(l.routes, route)
	}
	for _, n := range g.Nodes {
		if s := nodes[n.Name]; n.Hook != "" {
			s.before = l.columns[s.layer-1] // no edge leads to a hook: it stands in the middle of what is last
		}
	}
	l.sweep(order)
	l.sweep(settle)
	return l
}

// layerOf puts a node behind what it waits for. What waits for nothing stands next to what needs it first, and hooks stand
// behind all.
func (g Graph) layerOf(edges []edge) map[string]int {
	layer, last := map[string]int{}, 0
	for _, e := range edges { // by the order of the nodes at their ends, which is topological
		layer[e.to] = max(layer[e.to], layer[e.from]+1)
		last = max(last, layer[e.to])
	}
	first := map[string]int{}
	for _, e := range edges {
		if at, found := first[e.from]; layer[e.from] == 0 && (!found || at >= layer[e.to]) {
			first[e.from] = layer[e.to] - 1
		}
	}
	for _, n := range g.Nodes {
		if n.Hook != "" {
			first[n.Name] = last + 1
		}
		layer[n.Name] = max(layer[n.Name], first[n.Name])
	}
	return layer
}

func (l *layers) add(s *spot) *spot {
	for len(l.columns) <= s.layer {
		l.columns = append(l.columns, nil)
	}
	s.y = float64(len(l.columns[s.layer]))
	l.columns[s.layer] = append(l.columns[s.layer], s)
	return s
}

// sweep visits the layers from the left and from the right in turn.
func (l *layers) sweep(visit func(column []*spot, before bool)) {
	for range rounds {
		for _, column := range l.columns {
			visit(column, true)
		}
		for _, column := range slices.Backward(l.columns) {
			visit(column, false)
		}
	}
}

// middle is in the middle of others, or where the spot is if there are none.
func (s *spot) middle(others []*spot) float64 {
	if len(others) == 0 {
		return s.y
	}
	sum := 0.0
	for _, other := range others {
		sum += other.y
	}
	return sum / float64(len(others))
}

// order sorts a layer by the middles of what its spots are joined to on the side that was visited before, so that few edges
// cross (the barycenter heuristic).
func order(column []*spot, before bool) {
	middles := map[*spot]float64{}
	for _, s := range column {
		joined := s.behind
		if before {
			joined = s.before
		}
		middles[s] = s.middle(joined)
	}
	slices.SortStableFunc(column, func(a, b *spot) int { return cmp.Compare(middles[a], middles[b]) })
	for i, s := range column {
		s.y = float64(i) - float64(len(column)-1)/2
	}
}

// settle moves the spots of a layer as near to the middles of what they are joined to as their order and a row for each allow:
// those that would be nearer to one another share the difference (pool adjacent violators).
func settle(column []*spot, _ bool) {
	type pool struct{ sum, size float64 }
	var pools []pool
	for i, s := range column {
		p := pool{s.middle(slices.Concat(s.before, s.behind)) - float64(i), 1}
		for len(pools) > 0 {
			last := pools[len(pools)-1]
			if last.sum/last.size < p.sum/p.size {
				break
			}
			p, pools = pool{last.sum + p.sum, last.size + p.size}, pools[:len(pools)-1]
		}
		pools = append(pools, p)
	}
	i := 0
	for _, p := range pools {
		for range int(p.size) {
			column[i].y = p.sum/p.size + float64(i)
			i++
		}
	}
}
