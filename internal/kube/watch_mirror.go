package kube

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/client-go/tools/cache"
)

// mirror keeps what a watch has shown of one kind of object, and what this process wrote since: nothing is decided on a
// view older than the last write. It is the store of a [cache.Reflector].
//
// Resource versions tell which of the two is newer. They can be compared within one kind (KEP-5504); where a server's
// cannot, an own write counts until the watch shows its object.
type mirror[T any] struct {
	read func(object any) *item[T]

	mu      sync.Mutex
	changed func(step string)
	synced  chan struct{}
	// version is the resource version up to which the watch has shown everything.
	version string
	shown   shelf[T]
	own     shelf[T]
	// leaving are the objects that this process had deleted and that are still shown.
	leaving map[types.UID]bool
}

// glimpse is one object as it is to be seen.
type glimpse[T any] struct {
	means   T
	leaving bool
}

func newMirror[O any, T any](read func(O) *item[T]) *mirror[T] {
	return &mirror[T]{
		read: func(object any) *item[T] {
			if it, ok := object.(*item[T]); ok {
				return it
			}
			return read(object.(O))
		},
		changed: func(string) {},
		shown:   newShelf[T](),
		own:     newShelf[T](),
		leaving: map[types.UID]bool{},
	}
}

// begin names who is to be told of changes, and returns a channel that is closed by the next complete view.
func (m *mirror[T]) begin(changed func(step string)) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changed, m.synced = changed, make(chan struct{})
	return m.synced
}

// of returns the objects of a step, in no order.
func (m *mirror[T]) of(step string) []glimpse[T] {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []glimpse[T]
	for _, it := range m.shown.steps[step] {
		if m.own.items[it.name] == nil {
			all = append(all, glimpse[T]{it.means, m.leaving[it.uid]})
		}
	}
	for _, it := range m.own.steps[step] {
		all = append(all, glimpse[T]{it.means, m.leaving[it.uid]})
	}
	return all
}

// size returns the total size of the values that the objects carry.
func (m *mirror[T]) size() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shown.size + m.own.size
}

// wrote takes in an object that a call of this process made or met.
func (m *mirror[T]) wrote(it *item[T]) {
	m.mu.Lock()
	if shown := m.shown.items[it.name]; !reached(m.version, it.version, false) && (shown == nil || !reached(shown.version, it.version, shown.uid == it.uid)) {
		m.own.put(it)
	}
	m.tell(it.step)
}

// leave takes note that an object was deleted by a call of this process, though it may take its time to go.
func (m *mirror[T]) leave(name string, uid types.UID) {
	m.mu.Lock()
	var step string
	for _, s := range []shelf[T]{m.shown, m.own} {
		if it := s.items[name]; it != nil && it.uid == uid {
			m.leaving[uid], step = true, it.step
		}
	}
	m.tell(step)
}

// vanish takes note that an object was found to be gone.
func (m *mirror[T]) vanish(name string, uid types.UID) {
	m.mu.Lock()
	var step string
	for _, s := range []*shelf[T]{&m.shown, &m.own} {
		if it := s.items[name]; it != nil && it.uid == uid {
			step = it.step
			s.drop(name)
		}
	}
	delete(m.leaving, uid)
	m.tell(step)
}

// tell unlocks the mirror and says which steps have changed.
func (m *mirror[T]) tell(steps ...string) {
	changed := m.changed
	m.mu.Unlock()
	for _, step := range steps {
		if step != "" {
			changed(step)
		}
	}
}

// reached tells whether a view of this version shows what was written; unordered is the answer where versions cannot be
// compared.
func reached(version, written string, unordered bool) bool {
	order, err := resourceversion.CompareResourceVersion(version, written)
	if err != nil {
		return unordered
	}
	return order >= 0
}

var (
	_ cache.TransformingStore      = (*mirror[any])(nil)
	_ cache.ResourceVersionUpdater = (*mirror[any])(nil)
)
