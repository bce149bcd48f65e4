// The pause program alone: a static binary of about a megabyte, the only file of the sandbox image.
package main

import (
	"os"

	"landfall.dev/embedded/kubernetes/pause"
)

func main() {
	os.Exit(pause.Run())
}
