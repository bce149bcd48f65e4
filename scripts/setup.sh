#!/usr/bin/env bash
# Makes a fresh checkout ready: the npm packages, and with them a Node of 24 or newer. Quick when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null; then
  echo "error: Node 20 or newer with npm is needed to install the npm packages" >&2
  echo "  fix install Node from your distribution or nodejs.org; Node 24 itself comes as a package" >&2
  exit 4
fi

installed=node_modules/.package-lock.json
if [[ ! -e $installed || package-lock.json -nt $installed ]]; then
  echo "· installing the npm packages of package-lock.json into node_modules" >&2
  # Not `npm ci`: it refuses a lock file made where packages for other platforms could not be had.
  npm install --no-audit --no-fund --loglevel=error >&2
  touch "$installed"
fi

# The commands of a checkout call landfall by name; npm links a package's own program only where it is a dependency.
mkdir -p node_modules/.bin
ln -sfn ../../bin/landfall.js node_modules/.bin/landfall

if ! command -v git >/dev/null; then
  if [[ $(id -u) = 0 ]] && command -v apt-get >/dev/null; then
    echo "· installing git" >&2
    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends git >&2
  else
    echo "error: git is missing" >&2
    echo "  fix apt-get install git" >&2
    exit 4
  fi
fi
