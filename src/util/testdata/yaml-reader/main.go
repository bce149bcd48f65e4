// Reads YAML as Kubernetes and Flux do: each line of stdin is a JSON string of YAML, each line of stdout its value as JSON.
package main

import (
	"bufio"

	"encoding/json"
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<28)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		var text string
		if err := json.Unmarshal(in.Bytes(), &text); err != nil {
			panic(err)
		}
		got, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			got = []byte("ERROR " + err.Error())
		}
		fmt.Fprintf(out, "%s\n", strings.ReplaceAll(strings.TrimSpace(string(got)), "\n", " "))
	}
}
