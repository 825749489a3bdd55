#!/usr/bin/env bash
# Checks and tests the whole workspace, quickest answer first, against private servers that are gone afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tests/servers.sh

usage() {
    cat <<'USAGE'
usage: tests/run.sh [--quick] [-- CARGO-TEST-ARGUMENT…]
       tests/run.sh --servers -- COMMAND [ARGUMENT…]

Runs: format, protobuf lint, clippy, rustdoc, tests. The tests get a PostgreSQL, a Redis, a Redis Sentinel and a Redis Cluster
of their own, in a temporary folder and on free ports. What is missing is installed (apt, brew, npm, PyPI).

  --quick     no servers: tests that need one say so and are skipped
  --servers   runs COMMAND alone, with the servers and the variables that name them
  -- …        goes to cargo test, as in: tests/run.sh -- -p proefrit-queue
USAGE
}

mode=full
while [ $# -gt 0 ]; do
    case $1 in
    --quick) mode=quick ;;
    --servers) mode=servers ;;
    -h | --help) usage; exit 0 ;;
    --) shift; break ;;
    *) usage >&2; exit 2 ;;
    esac
    shift
done
if [ "$mode" = servers ] && [ $# -eq 0 ]; then usage >&2; exit 2; fi

stage=start
stage_pid=
started=$SECONDS

finish() {
    local status=$?
    trap '' INT TERM
    if [ -n "$stage_pid" ]; then
        kill -TERM -- "-$stage_pid" 2>/dev/null || true
        wait "$stage_pid" 2>/dev/null || true
    fi
    stop_servers
    if [ "$mode" = servers ]; then exit "$status"; fi
    if [ "$status" -eq 0 ]; then
        say "PASSED in $((SECONDS - started)) s"
    else
        say "FAILED in stage '$stage' after $((SECONDS - started)) s"
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Runs a command in a process group of its own, so that a signal stops it at once and everything it started.
attend() {
    local status=0
    set -m
    "$@" </dev/null &
    stage_pid=$!
    set +m
    wait "$stage_pid" || status=$?
    stage_pid=
    return "$status"
}

# Runs a stage and says how long it took. Usage: run_stage NAME COMMAND [ARGUMENT…]
run_stage() {
    local began=$SECONDS
    stage=$1
    shift
    say "── $stage"
    attend "$@"
    say "── $stage: $((SECONDS - began)) s"
}

# The protobuf linter comes from npm into the target folder; renaming makes it appear there whole.
buf_version=1.75.0
lint_protos() {
    local buf=buf tools=${CARGO_TARGET_DIR:-target}/tools fresh
    if ! have buf; then
        buf=$tools/buf-$buf_version/node_modules/.bin/buf
        if ! [ -x "$buf" ]; then
            have npm || install_packages npm npm node
            mkdir -p "$tools"
            fresh=$(mktemp -d "$tools/npm.XXXXXX")
            npm install --prefix "$fresh" --no-audit --no-fund --no-update-notifier --loglevel=error "@bufbuild/buf@$buf_version" >&2 ||
                die "could not fetch buf with npm; install buf $buf_version and put it on PATH"
            mv "$fresh" "$tools/buf-$buf_version" 2>/dev/null || rm -rf "$fresh"
        fi
    fi
    "$buf" lint
}

# Twilio's own library, from PyPI into the target folder: what it signs, the end-to-end tests post.
twilio_version=9.13.0
prepare_twilio() {
    local tools=${CARGO_TARGET_DIR:-target}/tools folder
    mkdir -p "$tools"
    folder=$(cd "$tools" && pwd)/twilio-$twilio_version
    export TEST_TWILIO_PYTHON=$folder/bin/python
    if "$TEST_TWILIO_PYTHON" -c 'import twilio' 2>/dev/null; then return; fi
    rm -rf "$folder"
    python3 -m venv "$folder" >/dev/null 2>&1 || {
        install_packages python3-venv python3-venv python
        python3 -m venv "$folder" >&2
    }
    "$folder/bin/pip" install --quiet --disable-pip-version-check "twilio==$twilio_version" >&2 ||
        die "could not fetch twilio $twilio_version from PyPI"
}

have cargo || die "cargo is not installed: see https://rustup.rs"

if [ "$mode" = servers ]; then
    start_servers
    prepare_twilio
    attend "$@"
    exit 0
fi

selection=(--workspace)
for argument in "$@"; do
    case $argument in
    --) break ;;
    -p* | --package*) selection=() ;;
    esac
done

run_stage "format" cargo fmt --all --check
run_stage "protobuf lint" lint_protos
run_stage "clippy" cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
run_stage "rustdoc" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --quiet
if [ "$mode" = full ]; then
    stage=servers
    say "── $stage"
    start_servers
    prepare_twilio
fi
ulimit -n "$(ulimit -H -n)" 2>/dev/null || true
run_stage "tests" cargo test --locked ${selection[@]+"${selection[@]}"} "$@"
