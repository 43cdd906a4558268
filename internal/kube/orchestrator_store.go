package kube

import (
	"sync"

	"k8s.io/client-go/tools/cache"
)

// wakingStore is a store that gives a sign of every change.
type wakingStore struct {
	cache.Store
	wake   chan<- struct{}
	synced chan struct{}
	once   sync.Once
}

func newWakingStore(wake chan<- struct{}) *wakingStore {
	return &wakingStore{Store: cache.NewStore(cache.MetaNamespaceKeyFunc), wake: wake, synced: make(chan struct{})}
}

func (s *wakingStore) sign(err error) error {
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return err
}

// Add implements cache.ReflectorStore.
func (s *wakingStore) Add(object any) error { return s.sign(s.Store.Add(object)) }

// Update implements cache.ReflectorStore.
func (s *wakingStore) Update(object any) error { return s.sign(s.Store.Update(object)) }

// Delete implements cache.ReflectorStore.
func (s *wakingStore) Delete(object any) error { return s.sign(s.Store.Delete(object)) }

// Replace implements cache.ReflectorStore. The first time it is called, the store is complete.
func (s *wakingStore) Replace(objects []any, version string) error {
	defer s.once.Do(func() { close(s.synced) })
	return s.sign(s.Store.Replace(objects, version))
}
