#!/usr/bin/env bash
# Tests every service of the shop, then all of them together; `test.sh alone` leaves that out. Installs what they need;
# quick when repeated.
# Needs Node >= 24 (or the one in the checkout's node_modules), Python 3.11 with venv, Go, redis-server.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
export PATH="$root/node_modules/.bin:$PATH"

# Runs the rest of the arguments unless the stamp is newer than the file that says what to install.
unless_installed() {
  local stamp=$1 wanted=$2
  shift 2
  if [[ "$stamp" -nt "$wanted" ]]; then return; fi
  "$@"
  touch "$stamp"
}

install_catalog() {
  python3 -m venv services/catalog/.venv
  services/catalog/.venv/bin/pip install --quiet --disable-pip-version-check -r services/catalog/requirements.txt
}

for name in storefront loadgen; do
  unless_installed "services/$name/node_modules/.installed" "services/$name/package-lock.json" \
    npm ci --prefix "services/$name" --no-audit --no-fund --silent
done
unless_installed services/catalog/.venv/.installed services/catalog/requirements.txt install_catalog

tsc -p services/tsconfig.json
(cd services/catalog && PYTHONDONTWRITEBYTECODE=1 .venv/bin/python -m unittest)
(cd services/cart && go vet ./... && go test ./...)
(cd services/storefront && node --test "test/*.ts")
(cd services/loadgen && node --test "test/*.ts")
if [[ "${1:-}" == alone ]]; then exit; fi
cd "$root" && vitest run examples/shop/services/shop.test.ts
