# shellcheck shell=bash
# Members, folders, addresses and the small tools that every command uses. Sourced, not run.
set -euo pipefail
shopt -s inherit_errexit
umask 077

COMMAND=$(basename "$0")
MARKER=.healthshare-ipfs
MEMBERS=(north south east)

say() { printf '%s\n' "$COMMAND: $*"; }
warn() { printf '%s\n' "$COMMAND: $*" >&2; }
fail() { printf '%s\n' "$COMMAND: $*" >&2; exit 1; }
misused() { printf '%s\n' "$COMMAND: $*" "Run $COMMAND --help for what is possible." >&2; exit 2; }

need_tools() {
    local tool missing=()
    for tool in "$@"; do command -v "$tool" > /dev/null || missing+=("$tool"); done
    [ ${#missing[@]} = 0 ] || misused "not installed: ${missing[*]}"
}

# find_binaries BINARY...: each in IPFS_BIN where that is set, else on the PATH. "binary NAME" gives its path.
declare -A BINARIES=()
find_binaries() {
    local name path missing=()
    if [ -n "${IPFS_BIN:-}" ] && [ ! -d "$IPFS_BIN" ]; then misused "IPFS_BIN names no folder: $IPFS_BIN"; fi
    for name in "$@"; do
        if [ -n "${IPFS_BIN:-}" ]; then path=$IPFS_BIN/$name; else path=$(command -v "$name" || true); fi
        if [ -n "$path" ] && [ -x "$path" ]; then BINARIES[$name]=$path; else missing+=("$name"); fi
    done
    [ ${#missing[@]} = 0 ] || misused "not found in ${IPFS_BIN:-the PATH}: ${missing[*]}; IPFS_BIN names the folder with Kubo's and IPFS Cluster's binaries"
}
binary() { printf '%s' "${BINARIES[$1]}"; }

# --- the folder ----------------------------------------------------------------------------------------------------------
use_folder() {
    [ -n "${IPFS_DIR:-}${XDG_STATE_HOME:-}${HOME:-}" ] || misused "neither IPFS_DIR nor HOME is set; name the network's folder in IPFS_DIR"
    NET_DIR=${IPFS_DIR:-${XDG_STATE_HOME:-${HOME:-}/.local/state}/healthshare/ipfs}
    case $NET_DIR in /*) ;; *) NET_DIR=$PWD/$NET_DIR ;; esac
    LAYOUT=${LAYOUT:-native} BASE_PORT=${BASE_PORT:-18400}
    [[ $LAYOUT =~ ^(native|containers)$ ]] || misused "LAYOUT is '$LAYOUT'; expected native or containers"
    [[ $BASE_PORT =~ ^[1-9][0-9]{3,4}$ ]] && [ "$BASE_PORT" -ge 1024 ] && [ "$BASE_PORT" -le 65000 ] \
        || misused "BASE_PORT is '$BASE_PORT'; expected 1024 to 65000"
    check_pins "${PIN_REPLICAS_MIN:-2}" "${PIN_REPLICAS_MAX:-3}"
    [[ ${IPFS_STORAGE_MAX:-1TB} =~ ^[1-9][0-9]*([kKMGT]i?B)?$ ]] || misused "IPFS_STORAGE_MAX is '$IPFS_STORAGE_MAX'; expected a size such as 500GB"
    local member network
    for member in "${MEMBERS[@]}"; do
        network=${member^^}_IPFS_NETWORK
        [[ ${!network:-10.231.1} =~ ^[0-9]{1,3}(\.[0-9]{1,3}){2}$ ]] || misused "$network is '${!network}'; expected the first three numbers, such as 10.231.1"
    done
}

check_pins() { # MIN MAX
    [ "$1/$2" != -1/-1 ] || return 0
    [[ $1 =~ ^[1-9]$ ]] && [[ $2 =~ ^[1-9]$ ]] && [ "$1" -le "$2" ] && [ "$2" -le ${#MEMBERS[@]} ] \
        || misused "PIN_REPLICAS_MIN and PIN_REPLICAS_MAX are '$1' and '$2'; expected 1 to ${#MEMBERS[@]}, the first no larger, or -1 for both"
}

make_folder() {
    if [ -d "$NET_DIR" ] && [ ! -f "$NET_DIR/$MARKER" ] && [ -n "$(ls -A "$NET_DIR")" ]; then
        fail "$NET_DIR holds something else; name another folder in IPFS_DIR"
    fi
    mkdir -p "$NET_DIR"
    : > "$NET_DIR/$MARKER"
}

need_network() { [ -f "$NET_DIR/$MARKER" ] || fail "there is no IPFS network in $NET_DIR; start one with: $COMMAND up"; }

# One command at a time changes a network.
lock_network() {
    exec 8> "$NET_DIR/lock"
    flock -n 8 || fail "another command is at work in $NET_DIR; try again when it has ended"
}

# put FILE: standard input becomes the file only when it has arrived whole, readable for its owner alone.
put() {
    mkdir -p "$(dirname "$1")"
    cat > "$1.new"
    [ -s "$1.new" ] || fail "$1 would be empty"
    mv "$1.new" "$1"
}

# --- addresses: plain processes share the loopback interface, containers have names and networks of their own --------------
is_native() { [ "$LAYOUT" = native ]; }
number_of() { local i; for i in "${!MEMBERS[@]}"; do if [ "${MEMBERS[i]}" = "$1" ]; then echo $((i + 1)); return; fi; done; misused "there is no member '$1'"; }
# In containers the RPC and the REST interface listen on the member's own network only, which nobody else is on.
own_network() { local name=${1^^}_IPFS_NETWORK; printf '%s' "${!name:-10.231.$(number_of "$1")}"; }

rpc_host() { if is_native; then echo 127.0.0.1; else echo "$(own_network "$1").2"; fi; }
rpc_port() { if is_native; then echo $((BASE_PORT + 10 * $(number_of "$1") + 1)); else echo 5001; fi; }
gateway_port() { if is_native; then echo $((BASE_PORT + 10 * $(number_of "$1") + 2)); else echo 8080; fi; }
swarm_port() { if is_native; then echo $((BASE_PORT + 10 * $(number_of "$1") + 3)); else echo 4001; fi; }
rest_host() { if is_native; then echo 127.0.0.1; else echo "$(own_network "$1").3"; fi; }
rest_port() { if is_native; then echo $((BASE_PORT + 10 * $(number_of "$1") + 4)); else echo 9094; fi; }
# pins_port MEMBER PINSET: where a member's Cluster peer for a pinset meets the others of that pinset.
pins_port() { if is_native; then echo $((BASE_PORT + 100 + 10 * $(number_of "$1") + $(number_of "$2"))); else echo 9096; fi; }
listen() { if is_native; then echo /ip4/127.0.0.1; else echo /ip4/0.0.0.0; fi; }
kubo_address() { if is_native; then echo /ip4/127.0.0.1; else echo "/dns4/kubo.$1.example"; fi; }
pins_address() { if is_native; then echo /ip4/127.0.0.1; else echo "/dns4/pins-$2.$1.example"; fi; }
