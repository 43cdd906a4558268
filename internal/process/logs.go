package process

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxLog is how many bytes of what an attempt writes are kept.
const maxLog = 16 << 20

// logCut is the last line of a log of which not all is kept.
const logCut = "(what came after 16 MiB was not kept)"

func logPath(dir, step string, attempt int) string {
	return filepath.Join(dir, "logs", step+"."+strconv.Itoa(attempt))
}

// keptLog is the file that keeps what an attempt writes. That it cannot be written is nothing to fail over.
type keptLog struct {
	file *os.File // nil when there is none
	room int
}

// keepLog makes the log of an attempt, or goes on with it.
func keepLog(dir string, k key) (*keptLog, error) {
	path := logPath(dir, k.step, k.attempt)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return &keptLog{}, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return &keptLog{}, err
	}
	return &keptLog{file: file, room: maxLog}, nil
}

func (l *keptLog) add(line string) {
	if l.file == nil || l.room <= 0 {
		return
	}
	if l.room -= len(line) + 1; l.room <= 0 {
		line = logCut
	}
	_, _ = l.file.WriteString(line + "\n")
}

func (l *keptLog) close() {
	if l.file != nil {
		_ = l.file.Close()
	}
}

// ReadLog calls fn with the lines that an attempt of the run in dir has written, from an offset of its log, and returns the
// offset behind the last of them. The error is [fs.ErrNotExist] for an attempt without a log.
func ReadLog(dir, step string, attempt int, from int64, fn func(line string)) (to int64, err error) {
	file, err := os.Open(logPath(dir, step, attempt))
	if err != nil {
		return from, err
	}
	defer file.Close()
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return from, err
	}
	for in := bufio.NewReader(file); ; {
		line, err := in.ReadString('\n')
		if err != nil { // the rest of the line is yet to come
			return from, ignoreEnd(err)
		}
		from += int64(len(line))
		fn(strings.TrimSuffix(line, "\n"))
	}
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// Delete removes the directory of a run that nobody drives; the error is [ErrDriven] where somebody does. A run that is gone
// already is no error.
func Delete(dir string) error {
	stop, err := Drive(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	defer stop()
	return os.RemoveAll(dir)
}
