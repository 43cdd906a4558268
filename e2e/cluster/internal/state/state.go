// Package state names the places inside the one folder that holds everything a cluster writes.
package state

import (
	"os"
	"path/filepath"
)

// Dir is the state folder of one cluster: keys, databases, images, logs. It goes when the cluster goes.
type Dir string

// Path is a place inside the folder.
func (d Dir) Path(elem ...string) string {
	return filepath.Join(append([]string{string(d)}, elem...)...)
}

// Kubeconfig is the administrator's kubeconfig, the one users and tests are given.
func (d Dir) Kubeconfig() string { return d.Path("kubeconfig") }

// Credentials is the kubeconfig of one component, by the component's name.
func (d Dir) Credentials(component string) string { return d.Path("credentials", component) }

// PKI is the folder with the certificates and keys that components read from files.
func (d Dir) PKI() string { return d.Path("pki") }

// Environment is a file of shell exports for using the cluster. It appears when the cluster is ready, never before.
func (d Dir) Environment() string { return d.Path("env") }

// PIDFile holds the process id, as the host sees it, of the process to signal in order to stop the cluster.
func (d Dir) PIDFile() string { return d.Path("pid") }

// ComponentPIDFile holds the process id of one component, as processes inside the cluster's PID namespace see it.
func (d Dir) ComponentPIDFile(component string) string { return d.Path("pids", component) }

// ContainerdSocket is where the kubelet reaches containerd.
func (d Dir) ContainerdSocket() string { return d.Path("containerd", "containerd.sock") }

// Logs is the folder of component logs, one file each, and of the API server's audit log.
func (d Dir) Logs() string { return d.Path("logs") }

// Log is the log file of one component.
func (d Dir) Log(component string) string { return filepath.Join(d.Logs(), component+".log") }

// AuditLog is the API server's audit log: one JSON event a line, level Metadata.
func (d Dir) AuditLog() string { return d.Log("audit") }

// Create makes the folder and those its own files need. The folder must not exist yet.
func (d Dir) Create() error {
	if err := os.Mkdir(string(d), 0o755); err != nil {
		return err
	}
	for _, sub := range []string{"credentials", "pids", "pki", "logs"} {
		if err := os.Mkdir(d.Path(sub), 0o755); err != nil {
			return err
		}
	}
	return nil
}
