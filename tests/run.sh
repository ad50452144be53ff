#!/usr/bin/env bash
# Installs what the tests need, runs every suite, and ends with one line: N passed, N failed, N skipped.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    cat <<'TEXT'
Usage: tests/run.sh [--fast] [--help]

Runs all suites: unit tests (on SQLite and PostgreSQL), the scripts of network/, integration tests, the sandbox's
story, conformance with the official npm packages, and the portal in Chromium. Needs the .NET 10 SDK and Node.js 20. As root on
Debian or Ubuntu it installs the rest (PostgreSQL, SoftHSM, Chromium); elsewhere it names what is missing and exits 2. Without
SoftHSM the tests of keys in a token are skipped.

  --fast   unit tests only, on SQLite: under three minutes
  --help   this text

Exit status: 0 all passed, 1 a test or a build failed, 2 wrong usage or something needed is missing.
TEXT
}

fast=0
for argument in "$@"; do
    case $argument in
        --fast) fast=1 ;;
        --help|-h) usage; exit 0 ;;
        *) echo "unknown option: $argument" >&2; usage >&2; exit 2 ;;
    esac
done

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
work=$(mktemp -d "${TMPDIR:-/tmp}/healthshare-tests.XXXXXX")
passed=0 failed=0 skipped=0
failures=()
postgres_data=

finish() {
    if [ -n "$postgres_data" ]; then as_postgres "$postgres_bin/pg_ctl" -D "$postgres_data" -m immediate stop > /dev/null 2>&1; fi
    rm -rf "$work"
}
trap finish EXIT

heading() { printf '\n== %s (after %d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }
is_root() { [ "$(id -u)" = 0 ]; }

# --- what is needed ---------------------------------------------------------------------------------------------------
missing=()
dotnet --list-sdks 2> /dev/null | grep -q '^10\.' || missing+=("the .NET 10 SDK (dotnet)")
find_postgres() { ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -n 1; }
postgres_bin=$(find_postgres)
if [ "$fast" = 0 ]; then
    node_major=$(node --version 2> /dev/null | sed 's/^v\([0-9]*\).*/\1/')
    [ "${node_major:-0}" -ge 20 ] || missing+=("Node.js 20 or later (node, npm)")
    if [ ! -x "$postgres_bin/initdb" ] && is_root && command -v apt-get > /dev/null; then
        heading "Installing PostgreSQL"
        (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql) > "$work/apt.log" 2>&1 \
            || tail -n 5 "$work/apt.log" >&2
        postgres_bin=$(find_postgres)
    fi
    [ -x "$postgres_bin/initdb" ] || missing+=("PostgreSQL's server programs (Debian package postgresql)")
    # What the scripts of network/fabric and network/ipfs need.
    has_tools() { for tool in jq openssl curl flock; do command -v "$tool" > /dev/null || return 1; done; }
    if ! has_tools && is_root && command -v apt-get > /dev/null; then
        heading "Installing jq, OpenSSL and curl"
        (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq jq openssl curl util-linux) > "$work/apt.log" 2>&1 \
            || tail -n 5 "$work/apt.log" >&2
    fi
    has_tools || missing+=("jq, openssl, curl and flock (Debian packages jq, openssl, curl, util-linux)")
    if ! command -v "${CHROMIUM:-chromium}" > /dev/null && is_root && command -v apt-get > /dev/null; then
        heading "Installing Chromium"
        (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium) > "$work/apt.log" 2>&1 \
            || tail -n 5 "$work/apt.log" >&2
    fi
    CHROMIUM=$(command -v "${CHROMIUM:-chromium}") || missing+=("Chromium (Debian package chromium, or its path in CHROMIUM)")
    export CHROMIUM
    if ! command -v softhsm2-util > /dev/null && is_root && command -v apt-get > /dev/null; then
        heading "Installing SoftHSM"
        (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq softhsm2 libengine-pkcs11-openssl opensc) \
            > "$work/apt.log" 2>&1 || tail -n 5 "$work/apt.log" >&2
    fi
    if is_root && command -v apt-get > /dev/null; then export HEALTHSHARE_SOFTHSM_REQUIRED=1; fi
fi
if [ ${#missing[@]} -gt 0 ]; then
    printf 'missing: %s\n' "${missing[@]}" >&2
    exit 2
fi

# --- suites -----------------------------------------------------------------------------------------------------------
heading "Build"
dotnet build HealthShare.sln -v quiet -warnaserror || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

# fail NAME: one more failure, named again at the very end, where whoever reads the last lines finds it.
fail() { failed=$((failed + 1)); failures+=("$1"); }

# failed_dotnet FILE: the tests of a trx file that failed, a line each: the name, what it said, and where in the tests.
failed_dotnet() {
    awk '
        /<UnitTestResult / {
            test = ""
            if (/outcome="Failed"/) { test = $0; sub(/.*testName="/, "", test); sub(/".*/, "", test); said = place = inside = "" }
            if (test != "" && /\/>[ \t\r]*$/) { print substr(test, 1, 300); test = "" }
        }
        test == "" { next }
        /<Message>/ { inside = "message"; sub(/.*<Message>/, "") }
        /<StackTrace>/ { inside = "trace"; sub(/.*<StackTrace>/, "") }
        inside == "message" { text = $0; sub(/<\/Message>.*/, "", text); said = said (said == "" ? "" : " | ") text }
        inside == "trace" && place == "" && /\/tests\/[^\/]*\/.*:line / {
            place = $0; sub(/.*\/tests\//, "tests/", place); sub(/<\/StackTrace>.*/, "", place)
        }
        /<\/(Message|StackTrace)>/ { inside = "" }
        /<\/UnitTestResult>/ { print substr(test, 1, 300) ": " substr(said, 1, 900) (place == "" ? "" : " (" place ")"); test = "" }
    ' "$1" | sed 's/&#xD;//g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g'
}

# count_dotnet FILE: adds up a trx file's counters, and gathers what failed.
count_dotnet() {
    local counters attribute one
    counters=$(grep -o '<Counters [^>]*>' "$1" 2> /dev/null) || { fail "$1 is missing"; return; }
    while IFS= read -r one; do failures+=("$one"); done < <(failed_dotnet "$1")
    attribute() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<< "$counters"; }
    passed=$((passed + $(attribute passed)))
    failed=$((failed + $(attribute failed) + $(attribute error) + $(attribute timeout) + $(attribute aborted)))
    skipped=$((skipped + $(attribute total) - $(attribute executed)))
}

# dotnet_suite PROJECT: runs one test project.
dotnet_suite() {
    heading "$1"
    local before=$failed
    dotnet test "tests/$1" --no-build -v quiet --blame-hang-timeout 15m \
        --logger "console;verbosity=minimal" --logger "trx;LogFileName=$1.trx" --results-directory "$work/results"
    local status=$?
    count_dotnet "$work/results/$1.trx"
    # A run that broke off is a failure even where no single test is counted as one.
    if [ "$status" != 0 ] && [ "$failed" = "$before" ]; then fail "$1 broke off"; fi
}

# command_suite NAME COMMAND...: a command that passes or fails as a whole.
command_suite() {
    heading "$1"
    if "${@:2}"; then passed=$((passed + 1)); else fail "$1"; fi
}

# The server refuses to run as root, so root hands it to the package's own user.
as_postgres() { if is_root; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }

# A throw-away server that listens on a Unix socket only, so that no port can be taken or seen.
start_postgres() {
    heading "PostgreSQL"
    local folder=$work/postgres
    mkdir "$folder" && chmod 755 "$work"
    if is_root; then chown postgres "$folder"; fi
    as_postgres "$postgres_bin/initdb" -D "$folder/data" -U healthshare --auth=trust --no-sync > "$work/initdb.log" 2>&1 \
        || { cat "$work/initdb.log" >&2; return 1; }
    postgres_data=$folder/data
    as_postgres "$postgres_bin/pg_ctl" -D "$postgres_data" -w -l "$folder/log" \
        -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c max_connections=200" start > /dev/null \
        || { cat "$folder/log" >&2; return 1; }
    export HEALTHSHARE_TEST_POSTGRES="Host=$folder;Username=healthshare;Database=postgres"
    echo "started on a Unix socket"
}

# node_suite NAME FOLDER: npm packages by the lock file, then node's own test runner.
node_suite() {
    heading "$1"
    (cd "$2" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || { fail "$1: npm ci"; return; }
    local report=$work/$1.tap name
    (cd "$2" && node --test --test-reporter=tap) > "$report" 2>&1
    local status=$?
    grep -E '^ *(not ok|ok) ' "$report"
    [ "$status" = 0 ] || cat "$report" >&2
    tap() { sed -n "s/^# $1 \([0-9]*\)$/\1/p" "$report" | tail -n 1; }
    passed=$((passed + $(tap pass || true) + 0))
    failed=$((failed + $(tap fail || true) + 0))
    skipped=$((skipped + $(tap skipped || true) + 0))
    if [ "$status" != 0 ] && [ "$(tap fail)" = 0 ]; then fail "$1 broke off"; fi
    while IFS= read -r name; do failures+=("$1: $name"); done < <(sed -n 's/^ *not ok [0-9]* - //p' "$report")
}

# count_json FILE PASSED FAILED SKIPPED REASONS: adds up a report by what jq is to take from it; one_line makes a message a line.
count_json() {
    local one name
    for one in "$2" "$3" "$4"; do jq -e "$one | numbers" "$1" > /dev/null 2>&1 || { fail "$(basename "$1") is missing"; return; }; done
    while IFS= read -r name; do failures+=("$name"); done < <(jq -r "def one_line: gsub(\"\\u001b\\\\[[0-9;]*m\"; \"\") | gsub(\"[\\r\\n]+\"; \" | \") | .[:900]; $5" "$1")
    passed=$((passed + $(jq "$2" "$1")))
    failed=$((failed + $(jq "$3" "$1")))
    skipped=$((skipped + $(jq "$4" "$1")))
}

# The portal: its types against the API's description, its own tests, then everything in a real browser over a sandbox.
portal_suite() {
    heading "Portal"
    local before=$failed
    (cd node/portal && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm run --silent check) || { fail "the portal's check"; return; }
    (cd node/portal && npx vitest run --reporter=default --reporter=json --outputFile.json="$work/portal-unit.json") || true
    count_json "$work/portal-unit.json" .numPassedTests .numFailedTests .numPendingTests \
        '.testResults[].assertionResults[] | select(.status == "failed") | "\(.fullName): \(.failureMessages | join(" ") | one_line)"'
    heading "Portal in a browser"
    (cd tests/portal && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npx tsc -p .) || { fail "the browser tests' types"; return; }
    (cd tests/portal && PORTAL_REPORT="$work/portal.json" npx playwright test)
    local status=$?
    count_json "$work/portal.json" '.stats.expected' '.stats.unexpected + .stats.flaky' '.stats.skipped' \
        '.. | objects | select(has("specs")).specs[] | select(.ok | not) | "\(.title): \([.tests[].results[].error.message // empty] | first // "" | one_line)"'
    if [ "$status" != 0 ] && [ "$failed" = "$before" ]; then fail "the browser tests broke off"; fi
}

# The daemons of the tests and of the sandbox, by their lock file. Once they are here, no test of them may be left out.
install_ipfs() {
    heading "IPFS daemons"
    (cd network/ipfs/daemon && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || return 1
    export HEALTHSHARE_IPFS_REQUIRED=1
}

# Where a small disk can be mounted, no test of a full one may be left out.
require_small_disk() {
    mkdir "$work/disk" && mount -t tmpfs -o size=1m tmpfs "$work/disk" 2> /dev/null && umount "$work/disk" && export HEALTHSHARE_SMALL_DISK_REQUIRED=1
}

if is_root; then require_small_disk || true; fi
if [ "$fast" = 0 ]; then
    start_postgres || fail "PostgreSQL"
    install_ipfs || fail "IPFS daemons"
fi
dotnet_suite HealthShare.UnitTests
if [ "$fast" = 0 ]; then
    command_suite "Fabric scripts" tests/fabric-scripts/run.sh
    command_suite "IPFS scripts" tests/ipfs-scripts/run.sh
    dotnet_suite HealthShare.IntegrationTests
    command_suite "The story" dotnet run --no-build --project network/HealthShare.Sandbox -- --story --state "$work/story" --port-base 6100
    command_suite "The story with IPFS daemons" dotnet run --no-build --project network/HealthShare.Sandbox -- \
        --story --ipfs --state "$work/story-ipfs" --port-base 6100
    node_suite conformance tests/conformance
    portal_suite
    command_suite "Packages" tests/packages/run.sh
fi

echo
if [ ${#failures[@]} -gt 0 ]; then printf 'FAILED: %s\n' "${failures[@]}"; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
