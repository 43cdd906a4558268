package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

// Committer makes result records in the directory of a run, from whichever process.
type Committer struct {
	dir   string
	store artifact.Store
}

// NewCommitter returns the committer of the run in dir, whose values are kept in store; nil means [DefaultStore].
func NewCommitter(dir string, store artifact.Store) *Committer {
	if store == nil {
		store = DefaultStore(dir)
	}
	return &Committer{dir: dir, store: store}
}

// Commit makes the step's result record and returns the one that stands. An inline value goes to the artifact store, and
// before the record does: then no record ever points at nothing, and a slow loser cannot replace the winner's value.
func (c *Committer) Commit(ctx context.Context, result record.Result, value []byte) (record.Result, error) {
	standing, err := c.commit(ctx, result, value)
	if err != nil {
		return record.Result{}, fmt.Errorf("recording the result of step %q: %w", result.Step, err)
	}
	return standing, nil
}

func (c *Committer) commit(ctx context.Context, result record.Result, value []byte) (record.Result, error) {
	standing, err := readResult(c.dir, result.Step)
	switch {
	case err != nil:
		return record.Result{}, err
	case standing != nil:
		return *standing, nil
	case result.Inline:
		digest, err := artifact.WriteBytes(ctx, c.store, value)
		if err != nil {
			return record.Result{}, err
		}
		if string(digest) != result.Digest {
			return record.Result{}, attempt.Permanent{Err: fmt.Errorf("the value has the digest %s, not %s", digest, result.Digest)}
		}
		result.Inline = false
	}
	return makeRecord(filepath.Join(c.dir, record.ResultFile(result.Step)), result)
}

// makeRecord makes a record unless there is one, and returns the one that stands.
func makeRecord[T any](path string, r T) (standing T, err error) {
	encoded, err := json.Marshal(r)
	if err != nil {
		return standing, err
	}
	if encoded, err = makeOnce(path, encoded); err != nil {
		return standing, err
	}
	return standing, decode(path, encoded, &standing)
}

func decode(path string, encoded []byte, into any) error {
	if err := json.Unmarshal(encoded, into); err != nil {
		return fmt.Errorf("decoding %s: %w", path, err)
	}
	return nil
}

// readResult returns the result record of a step, nil if it has none.
func readResult(dir, step string) (*record.Result, error) {
	return readJSON[record.Result](filepath.Join(dir, record.ResultFile(step)))
}

// ReadAttempt returns the record of an attempt of the run in dir, nil if it has none.
func ReadAttempt(dir, step string, attempt int) (*record.Attempt, error) {
	return readJSON[record.Attempt](filepath.Join(dir, record.AttemptFile(step, attempt)))
}

// readJSON returns what a file holds, nil if there is no such file.
func readJSON[T any](path string) (*T, error) {
	encoded, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	value := new(T)
	return value, decode(path, encoded, value)
}

// readClosed returns the attempt records of the run, by step and in order of the attempts' names.
func readClosed(dir string) (map[string][]record.Attempt, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	closed := map[string][]record.Attempt{}
	for _, entry := range entries {
		step, attempt, ok := parseAttemptFile(entry.Name())
		if !ok {
			continue
		}
		r, err := ReadAttempt(dir, step, attempt)
		if err != nil {
			return nil, err
		}
		if r != nil {
			closed[step] = append(closed[step], *r)
		}
	}
	return closed, nil
}

// parseAttemptFile takes [record.AttemptFile] apart. Names of steps have no dots.
func parseAttemptFile(name string) (step string, attempt int, ok bool) {
	step, rest, _ := strings.Cut(name, ".attempt-")
	digits, found := strings.CutSuffix(rest, ".json")
	attempt, err := strconv.Atoi(digits)
	return step, attempt, found && err == nil && name == record.AttemptFile(step, attempt)
}
