package kube

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/watchlist"
)

// apiObject is an object of some kind.
type apiObject interface {
	runtime.Object
	metav1.Object
}

// apiClient is a client for the objects of one kind in one namespace.
type apiClient[T apiObject] interface {
	Get(context.Context, string, metav1.GetOptions) (T, error)
	Create(context.Context, T, metav1.CreateOptions) (T, error)
	Update(context.Context, T, metav1.UpdateOptions) (T, error)
}

// isFake tells the fakes of client-go, which bear this mark. They carry out what is only to be judged.
func isFake(client kubernetes.Interface) bool {
	return watchlist.DoesClientNotSupportWatchListSemantics(client)
}
