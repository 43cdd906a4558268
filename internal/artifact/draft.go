package artifact

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
)

// draftBuffer gathers the small writes of encoders into few system calls.
const draftBuffer = 256 << 10

// Draft takes in content whose size and digest are not known before its end, and can then put it into a store as often
// as it takes. The zero Draft is empty and ready; [Draft.Discard] ends it. It is not safe for concurrent use.
type Draft struct {
	// Memory is how many bytes are held in memory. Content that is larger is in a temporary file, all of it, so that
	// memory stays constant whatever its size; [os.TempDir] must have room for it.
	Memory int64
	// NoFile makes a draft that only counts content larger than Memory, which cannot be put then.
	NoFile bool

	size int64
	sum  hash.Hash
	head []byte
	file *os.File
	out  *bufio.Writer // writes to file
	err  error         // why a Write failed
}

// Write implements io.Writer. It fails when the temporary file cannot be made or has no room.
func (d *Draft) Write(p []byte) (int, error) {
	if d.err == nil {
		d.err = d.take(p)
	}
	if d.err != nil {
		return 0, d.err
	}
	return len(p), nil
}

func (d *Draft) take(p []byte) error {
	d.hash().Write(p)
	d.size += int64(len(p))
	switch {
	case d.size <= d.Memory:
		d.head = append(d.head, p...)
		return nil
	case d.NoFile:
		d.head = nil
		return nil
	case d.file == nil:
		if err := d.create(); err != nil {
			return err
		}
	}
	_, err := d.out.Write(p)
	return err
}

// create makes the file and moves what is in memory there.
func (d *Draft) create() (err error) {
	if d.file, err = os.CreateTemp("", "k8sorch-artifact-*"); err != nil {
		return fmt.Errorf("%w; give the step a writable %s (an emptyDir) or set TMPDIR", err, os.TempDir())
	}
	// Where an open file may lose its name, a killed process leaves nothing behind; elsewhere Discard removes it.
	_ = os.Remove(d.file.Name())
	d.out = bufio.NewWriterSize(d.file, draftBuffer)
	_, err = d.out.Write(d.head)
	d.head = nil
	return err
}

func (d *Draft) hash() hash.Hash {
	if d.sum == nil {
		d.sum = sha256.New()
	}
	return d.sum
}

// Err returns why a Write failed, or nil: encoders may keep it to themselves, or wrap it beyond recognition.
func (d *Draft) Err() error { return d.err }

// Size returns the length of the content so far in bytes.
func (d *Draft) Size() int64 { return d.size }

// Digest returns the digest of the content so far.
func (d *Draft) Digest() Digest { return digestOf(d.hash()) }

// Bytes returns the content, or false if it is larger than Memory.
func (d *Draft) Bytes() ([]byte, bool) {
	if d.size > d.Memory {
		return nil, false
	}
	return append([]byte{}, d.head...), true
}

// Put puts the content into the store, unless it holds it already.
//
// An [UnavailableError] means that the store could not be written to; calling Put again is right then. Any other error
// is of this side: ctx's, or the temporary file's.
func (d *Draft) Put(ctx context.Context, s Store) error {
	content, err := d.content()
	if err != nil {
		return err
	}
	return upload(ctx, s, d.Digest(), d.size, content)
}

func (d *Draft) content() (io.Reader, error) {
	if d.file == nil {
		return bytes.NewReader(d.head), d.err
	}
	if d.err == nil {
		d.err = d.out.Flush()
	}
	return io.NewSectionReader(d.file, 0, d.size), d.err
}

// Discard frees what the draft occupies.
func (d *Draft) Discard() {
	d.head = nil
	if d.file != nil {
		_ = d.file.Close()
		_ = os.Remove(d.file.Name())
	}
}
