# shellcheck shell=bash
# Settings, members, addresses and the small tools that every command uses. Sourced, not run.
set -euo pipefail
shopt -s inherit_errexit
umask 077

FABRIC_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
REPOSITORY=$(cd "$FABRIC_ROOT/../.." && pwd)
CONFIG=$FABRIC_ROOT/config
COMMAND=$(basename "$0")
ORDERER_DOMAIN=orderer.example
ORDERERS=(1 2 3)
MARKER=.healthshare-fabric

# What every --help ends with.
common_help() {
    cat <<'TEXT'
Environment:
  FABRIC_BIN   folder with Fabric's binaries, 2.5.x (required)
  NET_DIR      folder with everything that belongs to the network
               (default: $XDG_STATE_HOME/healthshare/fabric, or ~/.local/state/healthshare/fabric)

Exit status: 0 done, 1 it failed, 2 wrong usage or something needed is missing. More: docs/fabric.md
TEXT
}

say() { printf '%s\n' "$COMMAND: $*"; }
warn() { printf '%s\n' "$COMMAND: $*" >&2; }
fail() { printf '%s\n' "$COMMAND: $*" >&2; exit 1; }
misused() { printf '%s\n' "$COMMAND: $*" "Run $COMMAND --help for what is possible." >&2; exit 2; }
# value OPTION [VALUE]: the value of an option, or wrong usage where there is none.
value() { [ $# -ge 2 ] && [ -n "$2" ] || misused "$1 needs a value"; printf '%s' "$2"; }

# --- what is needed ----------------------------------------------------------------------------------------------------
need_tools() {
    local tool missing=()
    for tool in "$@"; do command -v "$tool" > /dev/null || missing+=("$tool"); done
    [ ${#missing[@]} = 0 ] || misused "not installed: ${missing[*]}"
}

# need_fabric BINARY...: FABRIC_BIN is set, holds these, and they are of the version that was tested.
need_fabric() {
    local binary missing=() version
    [ -n "${FABRIC_BIN:-}" ] || misused "FABRIC_BIN is not set; it names the folder with Fabric's binaries ($*)"
    if ! [ -d "$FABRIC_BIN" ] || ! [ -x "$FABRIC_BIN" ]; then
        misused "FABRIC_BIN names no folder that can be entered: $FABRIC_BIN ($* are expected there)"
    fi
    FABRIC_BIN=$(cd "$FABRIC_BIN" && pwd)
    for binary in "$@"; do [ -x "$FABRIC_BIN/$binary" ] || missing+=("$binary"); done
    [ ${#missing[@]} = 0 ] || misused "not in FABRIC_BIN ($FABRIC_BIN): ${missing[*]}"
    for binary in "$@"; do
        case $binary in peer|orderer) ;; *) continue ;; esac
        version=$("$FABRIC_BIN/$binary" version 2> /dev/null | sed -n 's/^ *Version: v\{0,1\}//p')
        case $version in
            2.5|2.5.*) ;;
            *)
                [ "${FABRIC_UNTESTED:-}" = 1 ] || misused "$binary in FABRIC_BIN is Fabric ${version:-of an unknown version};" \
                    "2.5.x is needed (FABRIC_UNTESTED=1 tries another one)"
                warn "$binary is Fabric ${version:-of an unknown version}, which is untested" ;;
        esac
    done
}

# --- the folder of the network -----------------------------------------------------------------------------------------
use_network_folder() {
    NET_DIR=${NET_DIR:-${XDG_STATE_HOME:-${HOME:?NET_DIR and HOME are not set}/.local/state}/healthshare/fabric}
    case $NET_DIR in /*) ;; *) NET_DIR=$PWD/$NET_DIR ;; esac
    # It goes into Fabric's settings and into commands as it is.
    [[ $NET_DIR =~ ^[[:alnum:]/._@%+=~-]+$ ]] \
        || misused "NET_DIR must hold no white space, quotes or other characters than letters, digits and / . _ @ % + = ~ -: $NET_DIR"
    if ! [[ ${CERT_DAYS:-730} =~ ^[1-9][0-9]{0,3}$ ]] || [ "${CERT_DAYS:-730}" -gt 3650 ]; then
        misused "CERT_DAYS is '$CERT_DAYS'; expected 1 to 3650 days"
    fi
    CRYPTO=$NET_DIR/crypto
    if [ -f "$NET_DIR/network.env" ]; then load_settings; fi
}

# Only these, and only from the file that up wrote: nothing in it is run.
SETTINGS=(LAYOUT CHANNEL BASE_PORT BATCH_TIMEOUT BATCH_MESSAGES RAFT_TICK)
default_settings() {
    : "${LAYOUT:=native}" "${CHANNEL:=health}" "${BASE_PORT:=17050}"
    : "${BATCH_TIMEOUT:=200ms}" "${BATCH_MESSAGES:=500}" "${RAFT_TICK:=200ms}"
    [[ $LAYOUT =~ ^(native|containers)$ ]] || misused "LAYOUT is '$LAYOUT'; expected native or containers"
    [[ $CHANNEL =~ ^[a-z][a-z0-9.-]{0,248}$ ]] || misused "CHANNEL is '$CHANNEL'; expected lower-case letters, digits, . and -"
    [[ $BASE_PORT =~ ^[0-9]{4,5}$ ]] && [ "$BASE_PORT" -ge 1024 ] && [ "$BASE_PORT" -le 65000 ] \
        || misused "BASE_PORT is '$BASE_PORT'; expected 1024 to 65000"
    [[ $BATCH_TIMEOUT =~ ^[1-9][0-9]*(ms|s)$ ]] || misused "BATCH_TIMEOUT is '$BATCH_TIMEOUT'; expected a time such as 200ms or 2s"
    [[ $BATCH_MESSAGES =~ ^[1-9][0-9]{0,5}$ ]] || misused "BATCH_MESSAGES is '$BATCH_MESSAGES'; expected 1 to 999999"
    [[ $RAFT_TICK =~ ^[1-9][0-9]*ms$ ]] || misused "RAFT_TICK is '$RAFT_TICK'; expected a time such as 200ms"
}

load_settings() {
    local name stored
    for name in "${SETTINGS[@]}"; do
        stored=$(sed -n "s/^$name=//p" "$NET_DIR/network.env")
        if [ -n "${!name:-}" ] && [ "${!name}" != "$stored" ]; then
            misused "the network in $NET_DIR was made with $name=$stored, not ${!name}; unset it, or name another NET_DIR"
        fi
        printf -v "$name" '%s' "$stored"
    done
}

save_settings() {
    local name
    for name in "${SETTINGS[@]}"; do printf '%s=%s\n' "$name" "${!name}"; done > "$NET_DIR/network.env.new"
    mv "$NET_DIR/network.env.new" "$NET_DIR/network.env"
}

need_network() {
    [ -f "$NET_DIR/$MARKER" ] && [ -f "$NET_DIR/network.env" ] || fail "there is no network in $NET_DIR; start one with up"
}

# One command at a time changes a network.
lock_network() {
    exec 8> "$NET_DIR/lock"
    flock -n 8 || fail "another command is at work in $NET_DIR; try again when it has ended"
}

# --- members: one a line in members.txt: MSP id, domain, hospital or regulator -----------------------------------------
founders() {
    printf '%s\n' "NorthMSP north.example hospital" "SouthMSP south.example hospital" "EastMSP east.example hospital" \
        "RegulatorMSP regulator.example regulator"
}
members() { if [ -f "$NET_DIR/members.txt" ]; then cat "$NET_DIR/members.txt"; else founders; fi; }
all_msps() { members | cut -d' ' -f1; }
hospitals() { members | awk '$3 == "hospital" { print $1 }'; }
domain_of() { members | awk -v msp="$1" '$1 == msp { print $2 }'; }
kind_of() { members | awk -v msp="$1" '$1 == msp { print $3 }'; }
number_of() { members | awk -v msp="$1" '$1 == msp { print NR - 1 }'; }
# majority_policy MSP...: a signature policy over more than half of these members' peers.
majority_policy() {
    local msp peers=()
    for msp in "$@"; do peers+=("'$msp.peer'"); done
    local IFS=,
    printf 'OutOf(%d,%s)' $(($# / 2 + 1)) "${peers[*]}"
}

# --- addresses: plain processes share the loopback, containers have names and Fabric's own ports -----------------------
is_native() { [ "$LAYOUT" = native ]; }
orderer_name() { echo "orderer$1.$ORDERER_DOMAIN"; }
orderer_host() { if is_native; then echo 127.0.0.1; else orderer_name "$1"; fi; }
orderer_port() { if is_native; then echo $((BASE_PORT + 10 * ($1 - 1))); else echo 7050; fi; }
orderer_admin_port() { if is_native; then echo $((BASE_PORT + 10 * ($1 - 1) + 3)); else echo 7053; fi; }
orderer_operations_port() { if is_native; then echo $((BASE_PORT + 10 * ($1 - 1) + 4)); else echo 9443; fi; }
peer_host() { if is_native; then echo 127.0.0.1; else echo "peer0.$(domain_of "$1")"; fi; }
peer_port() { if is_native; then echo $((BASE_PORT + 101 + 10 * $(number_of "$1"))); else echo 7051; fi; }
peer_chaincode_port() { if is_native; then echo $((BASE_PORT + 102 + 10 * $(number_of "$1"))); else echo 7052; fi; }
peer_operations_port() { if is_native; then echo $((BASE_PORT + 104 + 10 * $(number_of "$1"))); else echo 9443; fi; }
first_service_port() { echo $((BASE_PORT + 201)); }

# --- folders -----------------------------------------------------------------------------------------------------------
orderer_org() { echo "$CRYPTO/ordererOrganizations/$ORDERER_DOMAIN"; }
orderer_home() { echo "$(orderer_org)/orderers/$(orderer_name "$1")"; }
member_home() { echo "$CRYPTO/peerOrganizations/$(domain_of "$1")"; }
peer_home() { local domain; domain=$(domain_of "$1"); echo "$CRYPTO/peerOrganizations/$domain/peers/peer0.$domain"; }
admin_home() { local domain; domain=$(domain_of "$1"); echo "$CRYPTO/peerOrganizations/$domain/users/Admin@$domain"; }
orderer_admin_home() { echo "$(orderer_org)/users/Admin@$ORDERER_DOMAIN"; }

# --- waiting and doing several things at once --------------------------------------------------------------------------
# wait_for SECONDS WHAT COMMAND...
wait_for() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" > /dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || fail "gave up waiting for $what"
        sleep 0.1
    done
}

# for_each WHAT FUNCTION ITEM...: FUNCTION ITEM for all items at once; what a failing one printed is shown.
for_each() {
    local what=$1 function=$2 item failed=0 i jobs=() logs
    shift 2
    logs=$(mktemp -d "$NET_DIR/tmp.XXXXXX")
    for item in "$@"; do
        "$function" "$item" > "$logs/$item" 2>&1 < /dev/null &
        jobs+=($!)
    done
    i=0
    for item in "$@"; do
        if ! wait "${jobs[$i]}"; then
            failed=1
            warn "$what failed for $item:"
            # What went wrong stands before a page of usage.
            grep -m 5 '^Error:' "$logs/$item" >&2 || tail -n 20 "$logs/$item" >&2
        elif [ -s "$logs/$item" ]; then
            cat "$logs/$item"
        fi
        i=$((i + 1))
    done
    rm -rf "$logs"
    [ "$failed" = 0 ] || exit 1
}
