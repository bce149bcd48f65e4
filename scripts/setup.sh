#!/usr/bin/env bash
# Makes a fresh checkout ready: the npm packages, and with them a Node of 24 or newer. Quick when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

installed=node_modules/.package-lock.json
if [[ ! -e $installed || package-lock.json -nt $installed ]]; then
  echo "· installing the npm packages of package-lock.json into node_modules" >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  touch "$installed"
fi

# The commands of a checkout call landfall by name; npm links a package's own program only where it is a dependency.
mkdir -p node_modules/.bin
[[ -L node_modules/.bin/landfall ]] || ln -s ../../bin/landfall.js node_modules/.bin/landfall

if ! command -v git >/dev/null; then
  echo "error: git is missing" >&2
  echo "  fix apt-get install git" >&2
  exit 4
fi
