#!/bin/bash
# Generates the Java client from the contract, compiles it with Debian's jars and
# goes through a visit with it, against a demo of its own. Proof that an Android
# app can be built on the contract. Needs, on Debian: openjdk-17-jdk-headless
# protobuf-compiler protobuf-compiler-grpc-java-plugin libprotobuf-java
# libgrpc-java libnetty-java libperfmark-java libgeronimo-annotation-1.3-spec-java
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server" || true; }; rm -rf "$work"' EXIT
for program in javac protoc grpc_java_plugin; do
  command -v "$program" > "$work/found" || { echo "$program is missing: see the head of clients/java/check.sh" >&2; exit 1; }
done

mkdir -p "$work/java" "$work/classes" "$work/data"
protoc -I proto -I third_party/proto -I /usr/include --java_out="$work/java" \
  --plugin=protoc-gen-grpc-java="$(command -v grpc_java_plugin)" --grpc-java_out="$work/java" proto/undring/v1/*.proto third_party/proto/buf/validate/validate.proto
jars=$(ls /usr/share/java/{grpc-{api,context,core,netty,protobuf,protobuf-lite,stub},netty-{buffer,codec,codec-http,codec-http2,codec-socks,common,handler,handler-proxy,resolver,transport},opencensus-api,perfmark-api,protobuf,guava,failureaccess,geronimo-annotation-1.3-spec,jsr305}.jar 2> "$work/absent" | tr '\n' ':')
javac -nowarn -d "$work/classes" -cp "$jars" $(find "$work/java" clients/java/src -name '*.java')

go build -o "$work/undring" ./cmd/undring
UNDRING_GRPC_ADDR=127.0.0.1:0 UNDRING_WEB_ADDR=127.0.0.1:0 UNDRING_ADMIN_ADDR=127.0.0.1:0 UNDRING_DATA_DIR="$work/data" \
  "$work/undring" demo > "$work/demo.log" 2>&1 &
server=$!
address=
for _ in $(seq 600); do
  address=$(sed -nE 's/^ *gRPC +([0-9.:]+)$/\1/p' "$work/demo.log")
  [ -z "$address" ] || break
  kill -0 "$server" || { cat "$work/demo.log" >&2; exit 1; }
  sleep 0.2
done
java -cp "$work/classes:$jars" undring.client.Visit "$address" || { tail -5 "$work/demo.log" >&2; exit 1; }
