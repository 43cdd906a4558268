package kube

import "k8s.io/client-go/tools/cache"

// Transformer implements [cache.TransformingStore], so that the first view, too, is held in its short form.
func (m *mirror[T]) Transformer() cache.TransformFunc {
	return func(object any) (any, error) { return m.read(object), nil }
}

// Add implements [cache.ReflectorStore].
func (m *mirror[T]) Add(object any) error {
	it := m.read(object)
	m.mu.Lock()
	m.tell(m.show(it)...)
	return nil
}

// Update implements [cache.ReflectorStore].
func (m *mirror[T]) Update(object any) error { return m.Add(object) }

// Delete implements [cache.ReflectorStore].
func (m *mirror[T]) Delete(object any) error {
	it := m.read(object)
	m.mu.Lock()
	m.tell(m.hide(it)...)
	return nil
}

// Replace implements [cache.ReflectorStore].
func (m *mirror[T]) Replace(objects []any, version string) error {
	items := make(map[string]*item[T], len(objects))
	for _, object := range objects {
		it := m.read(object)
		items[it.name] = it
	}
	m.mu.Lock()
	var steps []string
	for name, old := range m.shown.items {
		if items[name] == nil {
			steps = append(steps, m.hide(old)...)
		}
	}
	for _, it := range items {
		steps = append(steps, m.show(it)...)
	}
	m.reach(version)
	if m.synced != nil {
		close(m.synced)
		m.synced = nil
	}
	m.tell(steps...)
	return nil
}

// Resync implements [cache.ReflectorStore]: everything is to be looked at once more.
func (m *mirror[T]) Resync() error {
	m.mu.Lock()
	var steps []string
	for step := range m.shown.steps {
		steps = append(steps, step)
	}
	m.tell(steps...)
	return nil
}

// UpdateResourceVersion implements [cache.ResourceVersionUpdater].
func (m *mirror[T]) UpdateResourceVersion(version string) {
	m.mu.Lock()
	m.reach(version)
	m.tell()
}

// show puts an object in view and returns the steps that are touched.
func (m *mirror[T]) show(it *item[T]) []string {
	old := m.shown.items[it.name]
	if old != nil && (old.uid != it.uid || it.step == "") {
		return append(m.hide(old), m.show(it)...)
	}
	if it.step == "" {
		return nil
	}
	m.shown.put(it)
	m.supersede(it)
	return []string{it.step}
}

// hide takes an object out of view and returns the steps that are touched.
func (m *mirror[T]) hide(it *item[T]) []string {
	steps := []string{it.step}
	if old := m.shown.items[it.name]; old != nil && old.step != it.step {
		steps = append(steps, old.step)
	}
	m.supersede(it)
	delete(m.leaving, it.uid)
	m.shown.drop(it.name)
	return steps
}

// supersede forgets an own write once the watch shows the same object as new or newer.
func (m *mirror[T]) supersede(it *item[T]) {
	if own := m.own.items[it.name]; own != nil && reached(it.version, own.version, it.uid == own.uid) {
		m.own.drop(own.name)
	}
}

// reach takes note that the watch has shown everything up to a version, own writes included.
func (m *mirror[T]) reach(version string) {
	if version == "" {
		return
	}
	m.version = version
	for name, own := range m.own.items {
		if reached(version, own.version, false) {
			m.own.drop(name)
		}
	}
}
