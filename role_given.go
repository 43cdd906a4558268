package pipeline

import (
	"context"
	"os"
	"path/filepath"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
)

// inDir returns what reads the files of a directory.
func inDir(dir string) attempt.ReadFile {
	return func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) }
}

// given returns what reads the files that the attempt was given: the plan and the records of its inputs. A pod that has its
// account's token in a variable has none of them in its directory, and asks the API server.
func (o *Orchestrator) given(ctx context.Context, role reexec.Role, d *design) (attempt.ReadFile, error) {
	if role.AccountToken == "" {
		return inDir(role.Dir), nil
	}
	conn, err := o.connectPod(role)
	if err != nil {
		return nil, err
	}
	return kube.GivenTo(role.Step, d.graph).Read(ctx, conn.Client, kube.RefOf(role)), nil
}
