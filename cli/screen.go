package cli

import (
	"os"

	"golang.org/x/term"
)

// screen is a terminal that can be drawn on.
type screen interface {
	size() (columns, rows int)
}

type terminal struct{ file *os.File }

// screenOf returns the terminal that the file is; nil when it is none, or one that cannot move its cursor.
func screenOf(file *os.File, getenv func(string) string) screen {
	if !term.IsTerminal(int(file.Fd())) || getenv("TERM") == "dumb" || getenv("TERM") == "" {
		return nil
	}
	return terminal{file}
}

// size is that of the oldest terminals when it cannot be had.
func (t terminal) size() (columns, rows int) {
	columns, rows, err := term.GetSize(int(t.file.Fd()))
	if err != nil || columns == 0 || rows == 0 {
		return 80, 24
	}
	return columns, rows
}
