import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cachePath } from "../../util/home.ts";

/** For tests: a LANDFALL_HOME of their own; `next` changes between two, giving the other what apt fetched. */
export interface TestHome {
  folder: string;
  next(): void;
  remove(): void;
}

/** Set LANDFALL_HOME to a new folder until `remove`. */
export function testHome(): TestHome {
  const before = process.env.LANDFALL_HOME;
  const folder = mkdtempSync(join(tmpdir(), "landfall-images-"));
  let count = 0;
  process.env.LANDFALL_HOME = join(folder, "home-0");
  return {
    folder,
    next() {
      const debs = cachePath("debs");
      count++;
      process.env.LANDFALL_HOME = join(folder, `home-${count % 2}`);
      if (existsSync(debs)) cpSync(debs, cachePath("debs"), { recursive: true });
    },
    remove() {
      if (before === undefined) delete process.env.LANDFALL_HOME;
      else process.env.LANDFALL_HOME = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Write files below a folder, by path. */
export function writeTree(root: string, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** Small programs in each language that print what their container is like. */
export const programs: Record<string, string> = {
  "proto/words.txt": "shared words",
  "go/go.mod": "module example.com/hello\n\ngo 1.24\n",
  "go/main.go": `package main

import ("fmt"; "os")

func main() {
	host, err := os.ReadFile("/etc/passwd")
	fmt.Println("go", os.Getuid(), len(host) > 0, err)
}
`,
  "node/package.json": JSON.stringify({
    name: "hello",
    version: "1.0.0",
    type: "module",
    scripts: { start: "node src/main.js" },
    dependencies: { yaml: "2.9.1" },
  }),
  "node/src/main.js": `import { readFileSync } from "node:fs";
import { stringify } from "yaml";
console.log(stringify({ node: process.getuid(), words: readFileSync("../proto/words.txt", "utf8") }));
`,
  "python/requirements.txt": "markupsafe==3.0.2\n",
  "python/main.py": `import json, os, sqlite3, ssl
import markupsafe
from markupsafe import _speedups
words = open("../proto/words.txt").read()
print("python", os.getuid(), words, os.path.exists(markupsafe.__cached__), os.path.exists(json.__cached__))
`,
};
