#!/usr/bin/env bash
# Holds the scripts of network/fabric to what can be checked without Fabric's binaries. Prints what failed; exit status 0 or 1.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 1
cd "$here/../../network/fabric" || exit 1

scripts=(up down status deploy upgrade add-org suspend-org artifacts identity containers/setup)
work=$(mktemp -d "${TMPDIR:-/tmp}/healthshare-fabric-scripts.XXXXXX")
sleeper='' listener=''
finish() {
    if [ -n "$listener" ]; then kill "$listener" 2> /dev/null; fi
    if [ -n "$sleeper" ]; then kill "$sleeper" 2> /dev/null; fi
    rm -rf "$work"
}
trap finish EXIT
unset FABRIC_BIN FABRIC_UNTESTED LAYOUT CHANNEL BASE_PORT BATCH_TIMEOUT BATCH_MESSAGES RAFT_TICK HEALTHSHARE_CHAINCODE
export NET_DIR=$work/network
checks=0 failures=0

failed() { failures=$((failures + 1)); printf 'FAILED: %s\n' "$*" >&2; }
# answers STATUS TEXT COMMAND...: the command ends with this status and prints this text.
answers() {
    local status=$1 text=$2 output actual
    shift 2
    checks=$((checks + 1))
    output=$("$@" 2>&1 < /dev/null)
    actual=$?
    [ "$actual" = "$status" ] || failed "$*: exit status $actual, expected $status: $output"
    [[ $output == *"$text"* ]] || failed "$*: '$text' is not in: $output"
}
# gives EXPECTED EXPRESSION: what the library's functions print, run in a shell of their own.
gives() {
    checks=$((checks + 1))
    local output
    output=$(bash -c '. lib/common.sh; . lib/processes.sh; . lib/chaincode.sh; . lib/artifacts.sh; use_network_folder; eval "$0"' "$2" 2>&1)
    [ "$output" = "$1" ] || failed "$2: '$output', expected '$1'"
}

# --- every script ------------------------------------------------------------------------------------------------------
for script in "${scripts[@]}" lib/*.sh containers/*.sh; do answers 0 "" bash -n "$script"; done
for script in ccaas/bin/*; do answers 0 "" sh -n "$script"; done
for script in "${scripts[@]}"; do
    answers 0 "Usage: " "./$script" --help
    answers 0 "Exit status: 0" "./$script" -h
    answers 2 "unknown option: --nonsense" "./$script" --nonsense
done
if command -v shellcheck > /dev/null; then answers 0 "" shellcheck "${scripts[@]}" lib/*.sh containers/*.sh ccaas/bin/*; fi

# --- wrong usage names what is wrong -----------------------------------------------------------------------------------
answers 2 "FABRIC_BIN is not set" ./up
answers 2 "FABRIC_BIN is not set" ./status
answers 2 "FABRIC_BIN is not set" ./artifacts
answers 2 "FABRIC_BIN is not set" ./deploy --command true
answers 2 "FABRIC_BIN is not set" ./upgrade --version 2.0 --command true
answers 2 "FABRIC_BIN is not set" ./add-org --msp WestMSP --domain west.example
answers 2 "FABRIC_BIN is not set" ./suspend-org --msp EastMSP
answers 2 "--msp says which hospital" ./suspend-org
answers 2 "FABRIC_BIN names no folder that can be entered: $work/nowhere (peer orderer configtxgen cryptogen osnadmin are expected" \
    env FABRIC_BIN="$work/nowhere" ./up
answers 2 "FABRIC_BIN names no folder that can be entered: $here/run.sh" env FABRIC_BIN="$here/run.sh" ./status
mkdir "$work/bin"
answers 2 "peer orderer configtxgen cryptogen osnadmin" env FABRIC_BIN="$work/bin" ./up
for binary in peer orderer configtxgen cryptogen osnadmin; do
    printf '#!/bin/sh\necho " Version: v3.1.0"\n' > "$work/bin/$binary"
    chmod +x "$work/bin/$binary"
done
answers 2 "is Fabric 3.1.0; 2.5.x is needed" env FABRIC_BIN="$work/bin" ./up
sed -i 's/3.1.0/2.5.4/' "$work"/bin/*
answers 2 "configtxlator" env FABRIC_BIN="$work/bin" ./add-org --msp WestMSP --domain west.example
answers 2 "white space" env FABRIC_BIN="$work/bin" NET_DIR="$work/two words" ./up
answers 2 "quotes" env FABRIC_BIN="$work/bin" NET_DIR="$work/a\"b" ./up
answers 2 "quotes" env FABRIC_BIN="$work/bin" NET_DIR="$work/a\$(id)" ./up
mkdir "$work/in here"
answers 2 "white space" env -C "$work/in here" FABRIC_BIN="$work/bin" NET_DIR=network "$PWD/up"
answers 2 "CERT_DAYS is 'x'" env FABRIC_BIN="$work/bin" CERT_DAYS=x ./up
answers 2 "CERT_DAYS is '0'" env FABRIC_BIN="$work/bin" CERT_DAYS=0 ./deploy --command true
answers 2 "CERT_DAYS is '3651'" env FABRIC_BIN="$work/bin" CERT_DAYS=3651 ./artifacts
answers 2 "BASE_PORT is '80'" env FABRIC_BIN="$work/bin" BASE_PORT=80 ./up
answers 2 "BATCH_TIMEOUT is 'soon'" env FABRIC_BIN="$work/bin" BATCH_TIMEOUT=soon ./up
answers 2 "CHANNEL is 'Health'" env FABRIC_BIN="$work/bin" CHANNEL=Health ./up
answers 2 "LAYOUT is 'cloud'" env FABRIC_BIN="$work/bin" LAYOUT=cloud ./artifacts
answers 1 "there is no network in" env FABRIC_BIN="$work/bin" ./status
answers 1 "there is no network in" env FABRIC_BIN="$work/bin" ./deploy --command true
answers 2 "--version" ./upgrade
answers 2 "--drain is 'x'" ./upgrade --version 2.0 --drain x
answers 2 "--version needs a value" ./upgrade --version
answers 2 "exclude each other" ./deploy --build . --command true
answers 2 "is no name for a chaincode" ./deploy --name "a/../b"
answers 2 "--digest is no SHA-256" ./deploy --command true --digest 12
answers 2 "--msp is 'west'" ./add-org --msp west --domain west.example
answers 2 "--domain is '../x'" ./add-org --msp WestMSP --domain ../x
answers 2 "--days is '0'" ./identity --msp NorthMSP --name a --days 0
answers 2 "--name is '../a'" ./identity --msp NorthMSP --name ../a

# --- what they decide --------------------------------------------------------------------------------------------------
gives "OutOf(2,'A.peer','B.peer','C.peer')" 'majority_policy A B C'
gives "OutOf(3,'A.peer','B.peer','C.peer','D.peer')" 'majority_policy A B C D'
gives "NorthMSP SouthMSP EastMSP" 'echo $(hospitals)'
gives "OR('X.peer')" "policy_text \"OR('X.peer')\""
gives "" "check_policy majority; check_policy \"OutOf(2,'NorthMSP.peer','EastMSP.member')\""
gives "refused" "(check_policy \"OR('Nope.peer')\") 2> /dev/null || echo refused"
gives "peer0.south.example:7051 orderer3.orderer.example:7050" 'LAYOUT=containers; echo "$(peer_host SouthMSP):$(peer_port SouthMSP) $(orderer_host 3):$(orderer_port 3)"'
gives "127.0.0.1:17111 17020" 'LAYOUT=native BASE_PORT=17000; echo "$(peer_host SouthMSP):$(peer_port SouthMSP) $(orderer_port 3)"' 2> /dev/null

# What docker-compose passes where nothing is set takes what the network was made with.
mkdir "$NET_DIR"
printf '%s\n' LAYOUT=containers CHANNEL=health BASE_PORT=17050 BATCH_TIMEOUT=500ms BATCH_MESSAGES=500 RAFT_TICK=200ms > "$NET_DIR/network.env"
gives "500ms" 'export BATCH_TIMEOUT=; use_network_folder; default_settings; echo "$BATCH_TIMEOUT"'
answers 2 "was made with BATCH_TIMEOUT=500ms, not 1s" env BATCH_TIMEOUT=1s bash -c '. lib/common.sh; use_network_folder'
rm -r "$NET_DIR"

echo 'a: @ONE@ @TWO@' > "$work/template"
gives "a: 1 2" "render $work/template ONE=1 TWO=2"
answers 1 "@TWO@" bash -c ". lib/common.sh; . lib/artifacts.sh; render $work/template ONE=1"

# --- the external builder ----------------------------------------------------------------------------------------------
mkdir "$work/source" "$work/metadata" "$work/output" "$work/release"
echo '{"type": "ccaas", "label": "x"}' > "$work/metadata/metadata.json"
answers 0 "" ccaas/bin/detect "$work/source" "$work/metadata"
answers 1 "holds no connection.json" ccaas/bin/build "$work/source" "$work/metadata" "$work/output"
echo '{"address": "127.0.0.1:1"}' > "$work/source/connection.json"
answers 0 "" ccaas/bin/build "$work/source" "$work/metadata" "$work/output"
answers 0 "" ccaas/bin/release "$work/output" "$work/release"
answers 0 "" cmp "$work/source/connection.json" "$work/release/chaincode/server/connection.json"
echo '{"type": "golang", "label": "ccaas"}' > "$work/metadata/metadata.json"
answers 1 "" ccaas/bin/detect "$work/source" "$work/metadata"

# --- down ends and removes nothing of others ---------------------------------------------------------------------------
answers 0 "there is no network in" ./down
mkdir -p "$NET_DIR"
echo mine > "$NET_DIR/letter"
answers 1 "is not the folder of a network" ./down --wipe
answers 1 "holds something else" env FABRIC_BIN="$work/bin" ./up
answers 0 "" grep -q mine "$NET_DIR/letter"

sleep 300 &
sleeper=$!
mkdir "$NET_DIR/pids"
: > "$NET_DIR/.healthshare-fabric"
boot=$(cat /proc/sys/kernel/random/boot_id)
# The id of a living process, recorded for one that started at another time and for one of another boot.
echo "$sleeper 1 $boot" > "$NET_DIR/pids/peer-NorthMSP"
echo "$sleeper $(sed 's/.*) //' "/proc/$sleeper/stat" | cut -d' ' -f20) another-boot" > "$NET_DIR/pids/orderer1"
answers 0 "the network is down" ./down
answers 0 "" kill -0 "$sleeper"
echo "$sleeper $(sed 's/.*) //' "/proc/$sleeper/stat" | cut -d' ' -f20) $boot" > "$NET_DIR/pids/peer-NorthMSP"
answers 0 "removed" ./down --wipe
answers 1 "" kill -0 "$sleeper"
answers 1 "" test -e "$NET_DIR"

# --- containers: settings of nodes -----------------------------------------------------------------------------------------
answers 2 "unknown command" containers/setup everything
answers 2 "takes no arguments" containers/setup identities now
answers 1 "there is no network in" containers/setup token north integration-engine
answers 2 "is no name for a caller" containers/setup token north ../../south/integration-engine
export NET_DIR=$work/state
mkdir -p "$NET_DIR/nodes/north"
settings=$NET_DIR/nodes/north/node.json
echo '{"HealthShare": {"Auth": {"Callers": []}}}' > "$settings"
caller() { bash -c '. lib/common.sh; . containers/volumes.sh; add_caller NorthMSP "$@"' setup "$@"; }
for token in "$(caller engine system)" "$(caller engine system)"; do
    answers 0 "" grep -Eqx '[0-9a-f]{64}' <(printf '%s\n' "$token")
done
answers 0 "engine system $(printf %s "$token" | sha256sum | cut -d' ' -f1)" \
    jq -r '.HealthShare.Auth.Callers[] | "\(.Name) \(.Role) \(.TokenSha256)"' "$settings"
answers 0 "$token" cat "$NET_DIR/nodes/north/engine.token"
answers 0 "" caller dr-brandt physician --staff st-7Kq2
answers 0 "st-7Kq2" jq -r '.HealthShare.Auth.Callers | if length == 2 then .[1].StaffId else error("\(length) callers") end' "$settings"
answers 2 "needs --staff" caller dr-brandt physician
answers 2 "is no role" caller dr-brandt boss
answers 2 "is no name for a caller" caller ../brandt system

# --- containers: where nodes keep records ----------------------------------------------------------------------------------
content() { bash -c '. lib/common.sh; . containers/volumes.sh; content_settings "$@"' setup "$@"; }
IPFS_DIR=$NET_DIR/ipfs LAYOUT=containers ../ipfs/ipfs settings > /dev/null || failed "no IPFS settings"
answers 0 "{}" content NorthMSP
answers 2 "CONTENT_PROVIDER is 's3'" env CONTENT_PROVIDER=s3 bash -c '. lib/common.sh; . containers/volumes.sh; content_settings NorthMSP'
export CONTENT_PROVIDER=cluster
answers 0 "{}" content RegulatorMSP
answers 0 "cluster http://10.231.2.2:5001 http://10.231.2.3:9094 healthshare 2 3 http://kubo.north.example:8080 http://kubo.east.example:8080" \
    jq -r '.HealthShare.Content | "\(.Provider) \(.Kubo.Url) \(.Cluster.Url) \(.Cluster.User) \(.Cluster.ReplicationMin) \(.Cluster.ReplicationMax) \(.Replicas | map(.GatewayUrl) | join(" "))"' \
    <(content SouthMSP)
# A peer that says pinned and cannot show it is named by its replica: both files must call the peer the same.
for hospital in North South East; do
    pinset=${hospital,,}
    answers 0 true jq -e --slurpfile own "$NET_DIR/ipfs/$pinset/pins-$pinset/service.json" '
        [inputs.cluster.peername] as $peers
        | .HealthShare.Content as $content
        | ($content.Replicas | length) == 2 and $content.Keeping.MinimumReplicas == $own[0].cluster.replication_factor_min
        and ([$content.Replicas[].ClusterPeer, $own[0].cluster.peername] | sort) == ($peers | sort)
        and all($content.Replicas[]; . as $replica | ($peers | index("\($replica.Name)-'"$pinset"'")) != null)' \
        <(content "${hospital}MSP") "$NET_DIR"/ipfs/*/"pins-$pinset/service.json"
done
PIN_REPLICAS_MIN=-1 PIN_REPLICAS_MAX=-1 IPFS_DIR=$NET_DIR/ipfs LAYOUT=containers ../ipfs/ipfs settings > /dev/null || failed "no IPFS settings for all peers"
answers 0 "3" jq .HealthShare.Content.Keeping.MinimumReplicas <(content EastMSP)
unset CONTENT_PROVIDER

. "$here/interrupted.sh"

echo "$checks checks of the Fabric scripts, $failures failed"
[ "$failures" = 0 ]
