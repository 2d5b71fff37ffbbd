#!/bin/bash
# Installs the PostgreSQL programs (15 or newer), with --web Node (20.19 or newer),
# with --browser Chromium for the tests, and with --java what the Java client is
# compiled with, where they are missing.
set -euo pipefail
command -v go >/dev/null || { echo 'Go 1.26 or newer is needed: see https://go.dev/dl' >&2; exit 1; }
sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
found() {
    [ -n "${PGBIN:-}" ] && return 0
    for p in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb /opt/homebrew/opt/postgresql@*/bin/initdb /usr/local/opt/postgresql@*/bin/initdb; do
        [ -x "$p" ] && return 0
    done
    command -v initdb >/dev/null
}
# Vite, which builds the app, needs this version or a newer one.
new_enough() {
    command -v npm >/dev/null && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
}
if [ "${1:-}" = --web ] && ! command -v npm >/dev/null; then
    echo 'Node is missing; installing it …'
    if command -v apt-get >/dev/null; then
        $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq nodejs npm >/dev/null
    elif command -v dnf >/dev/null; then
        $sudo dnf install -y -q nodejs
    elif command -v brew >/dev/null; then
        brew install node
    fi
fi
if [ "${1:-}" = --web ] && ! new_enough; then
    echo "Node 20.19, 22.12 or newer is needed to build the app, with npm; here is $(node --version 2>/dev/null || echo none). See https://nodejs.org" >&2
    exit 1
fi
# Most tests run in the browser's own shell for tests (Debian has it apart), which needs half the processor time;
# where it is not to be had, they run in Chromium itself.
if [ "${1:-}" = --browser ] && [ -z "${CHROMIUM:-}" ] && ! { [ -x /usr/bin/chromium ] && { [ -x /usr/bin/chromium-headless-shell ] || ! command -v apt-get >/dev/null; }; }; then
    echo 'Chromium is missing; installing it …'
    if command -v apt-get >/dev/null; then
        install() { DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq "$@" >/dev/null; }
        $sudo apt-get update -qq && { install chromium chromium-headless-shell || install chromium; }
    elif command -v dnf >/dev/null; then
        $sudo dnf install -y -q chromium
    fi
    [ -x /usr/bin/chromium ] || { echo 'Chromium could not be installed: install it, and name it in CHROMIUM' >&2; exit 1; }
fi
if [ "${1:-}" = --java ]; then
    java=(openjdk-17-jdk-headless protobuf-compiler libprotobuf-dev protobuf-compiler-grpc-java-plugin libprotobuf-java libgrpc-java
        libnetty-java libperfmark-java libguava-java libjsr305-java libgeronimo-annotation-1.3-spec-java)
    command -v dpkg >/dev/null || { echo "the Java client is checked on Debian, with ${java[*]}" >&2; exit 1; }
    if ! dpkg -s "${java[@]}" >/dev/null 2>&1; then
        echo 'Java or its libraries are missing; installing them …'
        $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${java[@]}" >/dev/null
    fi
fi
found && exit 0
echo 'PostgreSQL is missing; installing it …'
if command -v apt-get >/dev/null; then
    $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq postgresql >/dev/null
elif command -v dnf >/dev/null; then
    $sudo dnf install -y -q postgresql-server postgresql-contrib
elif command -v brew >/dev/null; then
    brew install postgresql@17
fi
found || { echo 'PostgreSQL 15 or newer could not be installed: install it, or name its folder in PGBIN' >&2; exit 1; }
