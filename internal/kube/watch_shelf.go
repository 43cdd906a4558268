package kube

// shelf holds items by name, and by step and name.
type shelf[T any] struct {
	items map[string]*item[T]
	steps map[string]map[string]*item[T]
	// size is the sum of the items'.
	size int64
}

func newShelf[T any]() shelf[T] {
	return shelf[T]{items: map[string]*item[T]{}, steps: map[string]map[string]*item[T]{}}
}

func (s *shelf[T]) put(it *item[T]) {
	s.drop(it.Name)
	s.items[it.Name] = it
	if s.steps[it.step] == nil {
		s.steps[it.step] = map[string]*item[T]{}
	}
	s.steps[it.step][it.Name] = it
	s.size += it.size
}

func (s *shelf[T]) drop(name string) {
	it := s.items[name]
	if it == nil {
		return
	}
	delete(s.items, name)
	delete(s.steps[it.step], name)
	if len(s.steps[it.step]) == 0 {
		delete(s.steps, it.step)
	}
	s.size -= it.size
}
