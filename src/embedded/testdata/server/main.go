// The program of the test pods: answers with its host's name, or repeats its argument.
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("said", os.Args[1])
		return
	}
	fmt.Println("serving")
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		host, _ := os.Hostname()
		fmt.Fprintln(w, "hello from", host)
	})
	fmt.Println(http.ListenAndServe(":8080", nil))
	os.Exit(1)
}
