//go:build !unix

package process

// DieWithParent does nothing here: there is no portable way to hand a child a pipe, and no process group to end.
func DieWithParent() error { return nil }
