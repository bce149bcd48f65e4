#!/usr/bin/env bash
# Writes gen/go and gen/python anew from the .proto files. Needs Python 3.11 with venv, and Go.
# Node needs nothing generated: it loads the .proto files when it starts.
set -euo pipefail
cd "$(dirname "$0")"

# The protobuf that grpcio-tools generates for must not be newer than the one in catalog/requirements.txt.
grpc_tools=1.85.1
protoc_gen_go=v1.36.12
protoc_gen_go_grpc=v1.6.2

tools=$(mktemp -d)
trap 'chmod -R u+w "$tools"; rm -rf "$tools"' EXIT
python3 -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check "grpcio-tools==$grpc_tools"
GOBIN="$tools/bin" go install "google.golang.org/protobuf/cmd/protoc-gen-go@$protoc_gen_go"
GOBIN="$tools/bin" go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$protoc_gen_go_grpc"

# Aside first, so that a failed run leaves the last good code in place.
mkdir -p "$tools/go" "$tools/python"
PATH="$tools/bin:$PATH" "$tools/venv/bin/python" -m grpc_tools.protoc --proto_path=. \
  --go_out="$tools/go" --go_opt=module=landfall.example/shop/proto \
  --go-grpc_out="$tools/go" --go-grpc_opt=module=landfall.example/shop/proto \
  --python_out="$tools/python" --pyi_out="$tools/python" --grpc_python_out="$tools/python" \
  shop/v1/*.proto

mkdir -p gen/go gen/python
rm -rf gen/go/shop gen/python/shop
cp -r "$tools/go/shop" gen/go/shop
cp -r "$tools/python/shop" gen/python/shop
# A service-less file still gets an empty stub module; nobody imports it.
rm -f gen/python/shop/v1/money_pb2_grpc.py
