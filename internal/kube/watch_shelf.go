package kube

import "slices"

// shelf holds items by name, and by step.
type shelf[T any] struct {
	items map[string]*item[T]
	// steps are the items of each step: as a rule one, and a few where it was tried more than once.
	steps map[string][]*item[T]
	// size is the sum of the items'.
	size int64
}

func newShelf[T any]() shelf[T] {
	return shelf[T]{items: map[string]*item[T]{}, steps: map[string][]*item[T]{}}
}

func (s *shelf[T]) put(it *item[T]) {
	s.drop(it.name)
	s.items[it.name] = it
	s.steps[it.step] = append(s.steps[it.step], it)
	s.size += it.size
}

func (s *shelf[T]) drop(name string) {
	it := s.items[name]
	if it == nil {
		return
	}
	delete(s.items, name)
	s.steps[it.step] = slices.DeleteFunc(s.steps[it.step], func(other *item[T]) bool { return other == it })
	if len(s.steps[it.step]) == 0 {
		delete(s.steps, it.step)
	}
	s.size -= it.size
}
