// Package audit reads the API server's audit log: what was asked of it, by whom and when, whatever the one who asked says.
package audit

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Request is one request to the API server.
type Request struct {
	// User is who asked, as the API server has authenticated it.
	User string
	// Verb is the request's, as in create or watch.
	Verb string
	// Resource is what it is about, its subresource included, as in pods or pods/status.
	Resource  string
	Namespace string
	Name      string
	// Code is the answer's.
	Code int
	// Received is when the request came in.
	Received time.Time
	// Begins tells that the answer had only begun. Of a watch the log has that as well as the end.
	Begins bool
}

// event is what is read of an event of the log (audit.k8s.io/v1).
type event struct {
	Stage string `json:"stage"`
	Verb  string `json:"verb"`
	User  struct {
		Username string `json:"username"`
	} `json:"user"`
	ObjectRef struct {
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
	} `json:"objectRef"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	Received metav1.MicroTime `json:"requestReceivedTimestamp"`
}

// stageStarted is the stage of an answer that has begun and goes on (k8s.io/apiserver/pkg/apis/audit/v1).
const stageStarted = "ResponseStarted"

// parse reads one line of the log.
func parse(line []byte) (Request, error) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		return Request{}, fmt.Errorf("reading the audit log: %w: %.200s", err, line)
	}
	return Request{
		User: e.User.Username, Verb: e.Verb,
		Resource:  strings.TrimSuffix(e.ObjectRef.Resource+"/"+e.ObjectRef.Subresource, "/"),
		Namespace: e.ObjectRef.Namespace, Name: e.ObjectRef.Name, Code: e.ResponseStatus.Code,
		Received: e.Received.Time, Begins: e.Stage == stageStarted,
	}, nil
}
