#!/bin/bash
# Generates the Java client from the contract, compiles it with Debian's jars and
# goes through a visit with it, against a demo of its own. Proof that an Android
# app can be built on the contract.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/install.sh --java
work=$(mktemp -d)
chmod 711 "$work" # the database runs as a user of its own
server=
trap '[ -z "$server" ] || { kill "$server" && wait "$server" || true; }; rm -rf "$work"' EXIT
fail() { echo "the Java client: $1" >&2; tail -n 40 "$work/demo.log" >&2; exit 1; }

go build -o "$work/undring" ./cmd/undring
mkdir "$work/data" "$work/java" "$work/classes"
UNDRING_GRPC_ADDR=127.0.0.1:0 UNDRING_WEB_ADDR=127.0.0.1:0 UNDRING_ADMIN_ADDR=127.0.0.1:0 UNDRING_DATA_DIR="$work/data" \
  "$work/undring" demo > "$work/demo.log" 2>&1 &
server=$!

protoc -I proto -I third_party/proto -I /usr/include --java_out="$work/java" --grpc-java_out="$work/java" \
  --plugin=protoc-gen-grpc-java="$(command -v grpc_java_plugin)" proto/undring/v1/*.proto third_party/proto/buf/validate/validate.proto
# Debian's own names: each has to be there, or javac says which class is missing.
jars=$(printf '/usr/share/java/%s.jar:' grpc-{api,context,core,netty,protobuf,protobuf-lite,stub} \
  netty-{buffer,codec,codec-http,codec-http2,codec-socks,common,handler,handler-proxy,resolver,transport} \
  protobuf guava jsr305 opencensus-api perfmark-api geronimo-annotation-1.3-spec)
quick=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC)
javac "${quick[@]/#/-J}" -nowarn -proc:none -XDignore.symbol.file -Xlint:-options -d "$work/classes" -cp "$jars" \
  $(find "$work/java" clients/java/src -name '*.java') 2> "$work/javac.log" || { cat "$work/javac.log" >&2; exit 1; }

for _ in $(seq 300); do
  address=$(sed -nE 's/^ *gRPC +([0-9.:]+)$/\1/p' "$work/demo.log")
  [ -z "$address" ] || break
  kill -0 "$server" 2>/dev/null || fail 'the demo did not start'
  sleep 0.2
done
[ -n "$address" ] || fail 'the demo did not start within a minute'
java "${quick[@]}" -cp "$work/classes:$jars" undring.client.Visit "$address" || fail 'the visit failed'
