// Command hello greets, so that a test can tell that a container ran it.
package main

import "fmt"

func main() { fmt.Println("hello from a container") }
