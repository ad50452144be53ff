#!/usr/bin/env bash
# Holds the scripts of network/ipfs to what can be checked without Kubo and IPFS Cluster: stand-ins take their place. Prints what
# failed; exit status 0 or 1.
set -uo pipefail
standins=$(cd "$(dirname "${BASH_SOURCE[0]}")/standin" && pwd)
cd "$standins/../../../network/ipfs" || exit 1

work=$(mktemp -d "${TMPDIR:-/tmp}/healthshare-ipfs-scripts.XXXXXX")
unset IPFS_BIN LAYOUT BASE_PORT IPFS_STORAGE_MAX PIN_REPLICAS_MIN PIN_REPLICAS_MAX
export IPFS_DIR=$work/network STANDIN_STATE=$work/standin STANDIN_NETWORK=$work/network
mkdir "$STANDIN_STATE"
sleeper=
finish() {
    if [ -n "$sleeper" ]; then kill "$sleeper" 2> /dev/null; fi
    if [ -f "$IPFS_DIR/.healthshare-ipfs" ]; then ./ipfs down > /dev/null 2>&1; fi
    rm -rf "$work"
}
trap finish EXIT
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
# holds FILE EXPRESSION: what must be true of a file of settings.
holds() { answers 0 true jq -e "$2" "$1"; }

# --- every script ----------------------------------------------------------------------------------------------------------
for script in ipfs lib/*.sh; do answers 0 "" bash -n "$script"; done
for script in containers/*; do answers 0 "" sh -n "$script"; done
if command -v shellcheck > /dev/null; then answers 0 "" shellcheck ipfs lib/*.sh containers/* "$standins"/*; fi
answers 0 "Usage: " ./ipfs --help
answers 0 "Exit status: 0" ./ipfs -h
answers 0 "Usage: " ./ipfs up --help
answers 0 "Usage: " ./ipfs gc north --help
answers 0 "Usage: " ./ipfs down -h

# --- wrong usage names what is wrong ---------------------------------------------------------------------------------------
answers 2 "unknown option: --nonsense" ./ipfs --nonsense
answers 2 "unknown command: none" ./ipfs
answers 2 "unknown command: start" ./ipfs start
answers 2 "takes no arguments" ./ipfs up now
answers 2 "unknown option: --force" ./ipfs down --force
answers 2 "there is no member 'west'" ./ipfs gc west
answers 2 "BASE_PORT is '80'" env BASE_PORT=80 ./ipfs settings
answers 2 "BASE_PORT is '08400'" env BASE_PORT=08400 ./ipfs settings
answers 2 "are 'abc' and '3'" env PIN_REPLICAS_MIN=abc ./ipfs settings
answers 2 "are '3' and '2'" env PIN_REPLICAS_MIN=3 PIN_REPLICAS_MAX=2 ./ipfs settings
answers 2 "are '9' and '9'" env PIN_REPLICAS_MIN=9 PIN_REPLICAS_MAX=9 ./ipfs settings
answers 2 "IPFS_STORAGE_MAX is 'lots'" env IPFS_STORAGE_MAX=lots ./ipfs settings
answers 2 "NORTH_IPFS_NETWORK is 'banana'" env LAYOUT=containers NORTH_IPFS_NETWORK=banana ./ipfs settings
answers 2 "LAYOUT is 'cloud'" env LAYOUT=cloud ./ipfs settings
answers 2 "neither IPFS_DIR nor HOME is set" env -u HOME -u IPFS_DIR -u XDG_STATE_HOME ./ipfs status
answers 2 "started by docker-compose" env LAYOUT=containers ./ipfs up
answers 2 "IPFS_BIN names no folder" env IPFS_BIN="$work/nowhere" ./ipfs up
mkdir "$work/empty"
answers 2 "ipfs ipfs-cluster-service ipfs-cluster-ctl" env IPFS_BIN="$work/empty" ./ipfs up
answers 1 "there is no IPFS network in" env IPFS_BIN="$standins" ./ipfs status
answers 0 "there is no IPFS network in" ./ipfs down
mkdir "$work/mine" && echo mine > "$work/mine/letter"
answers 1 "holds something else" env IPFS_DIR="$work/mine" ./ipfs settings
answers 1 "is not the folder of an IPFS network" env IPFS_DIR="$work/mine" ./ipfs down --wipe
answers 0 "mine" cat "$work/mine/letter"

# --- keys and settings -----------------------------------------------------------------------------------------------------
answers 0 "made the swarm key" ./ipfs settings
before=$(cd "$IPFS_DIR" && find . -name '*.key' -o -name '*.secret' -o -name '*.password' -o -name '*identity.json' | sort | xargs sha256sum)
answers 0 "" ./ipfs settings
[ "$before" = "$(cd "$IPFS_DIR" && find . -name '*.key' -o -name '*.secret' -o -name '*.password' -o -name '*identity.json' | sort | xargs sha256sum)" ] \
    || failed "settings made other keys in place of those that were there"
# An emptied key is told of and left alone; another one would shut everybody else out.
for file in swarm.key pinsets/north.secret south/kubo.identity.json; do
    cp "$IPFS_DIR/$file" "$work/kept" && : > "$IPFS_DIR/$file"
    answers 1 "$file is empty" ./ipfs settings
    [ ! -s "$IPFS_DIR/$file" ] || failed "settings replaced an emptied $file"
    cp "$work/kept" "$IPFS_DIR/$file"
done
answers 0 "/key/swarm/psk/1.0.0/" grep -x '/key/swarm/psk/1.0.0/' "$IPFS_DIR/swarm.key"
answers 0 "" grep -Eqx '[0-9a-f]{64}' "$IPFS_DIR/swarm.key"
[ -z "$(find "$IPFS_DIR" -type f -perm /077)" ] || failed "others may read: $(find "$IPFS_DIR" -type f -perm /077)"
[ "$(cat "$IPFS_DIR"/pinsets/*.secret | sort -u | wc -l)" = 3 ] || failed "pinsets share a secret"
[ "$(find "$IPFS_DIR" -name '*identity.json' -exec jq -r .id {} + | sort -u | wc -l)" = 12 ] || failed "two daemons have one identity"
for member in north south east; do
    kubo=$IPFS_DIR/$member/kubo.json
    holds "$kubo" '.Bootstrap == [] and .Routing.Type == "none" and .Routing.DelegatedRouters == [] and .Provide.Enabled == false'
    holds "$kubo" '.AutoConf.Enabled == false and .AutoTLS.Enabled == false and .Discovery.MDNS.Enabled == false'
    holds "$kubo" '[.. | strings | select(. == "auto")] == []'
    holds "$kubo" '.Swarm.Transports.Network | .TCP and ([to_entries[] | select(.key != "TCP") | .value] | any | not)'
    holds "$kubo" '(.Swarm.RelayClient.Enabled or .Swarm.RelayService.Enabled or .Swarm.EnableHolePunching) == false and .Swarm.DisableNatPortMap'
    holds "$kubo" '.Addresses.Swarm | all(test("^/ip4/127\\.0\\.0\\.1/tcp/[0-9]+$"))'
    holds "$kubo" '.Addresses.API | test("^/ip4/127\\.0\\.0\\.1/tcp/[0-9]+$")'
    holds "$kubo" '.Gateway.NoFetch and .Gateway.DeserializedResponses == false and .Gateway.ExposeRoutingAPI == false'
    holds "$kubo" '.Identity.PeerID as $own | (.Peering.Peers | length) == 2 and all(.Peering.Peers[]; .ID != $own and (.Addrs | length) == 1)'
    holds "$kubo" '.Datastore.Spec.mounts[0].sync'
    for pinset in north south east; do
        pins=$IPFS_DIR/$member/pins-$pinset/service.json
        leader=$(jq -r .id "$IPFS_DIR/$pinset/pins-$pinset/identity.json")
        holds "$pins" ".consensus.crdt.trusted_peers == [\"$leader\"] and .consensus.crdt.cluster_name == \"healthshare-$pinset\""
        holds "$pins" ".cluster.secret == \"$(< "$IPFS_DIR/pinsets/$pinset.secret")\" and .cluster.mdns_interval == \"0s\""
        holds "$pins" ".cluster.follower_mode == ($([ "$member" = "$pinset" ] && echo false || echo true))"
        holds "$pins" ".api | has(\"ipfsproxy\") or has(\"pinsvcapi\") | not"
        holds "$pins" "(.api | has(\"restapi\")) == (.cluster.follower_mode | not)"
        # A follower never lets go at the Kubo node that it shares with the other pinsets; a leader does, at its own.
        holds "$pins" '.ipfs_connector.ipfshttp.unpin_disable == .cluster.follower_mode'
        holds "$pins" '.ipfs_connector.ipfshttp.node_multiaddress == "'"$(jq -r .Addresses.API "$kubo")"'"'
        holds "$pins" '.cluster.peer_addresses | length == 2 and all(test("^/ip4/127\\.0\\.0\\.1/tcp/[0-9]+/p2p/12D3KooW"))'
    done
    holds "$IPFS_DIR/$member/pins-$member/service.json" '.api.restapi.basic_auth_credentials.healthshare | length == 64'
done
# In containers only the gateway and the swarm are on the members' common network.
answers 0 "" env IPFS_DIR="$work/containers" LAYOUT=containers NORTH_IPFS_NETWORK=10.9.9 ./ipfs settings
holds "$work/containers/north/kubo.json" '.Addresses.API == "/ip4/10.9.9.2/tcp/5001" and .Addresses.Gateway == "/ip4/0.0.0.0/tcp/8080"'
holds "$work/containers/south/kubo.json" '.Addresses.API == "/ip4/10.231.2.2/tcp/5001"'
holds "$work/containers/south/kubo.json" '[.Peering.Peers[].Addrs[0]] | sort == ["/dns4/kubo.east.example/tcp/4001", "/dns4/kubo.north.example/tcp/4001"]'
holds "$work/containers/north/pins-north/service.json" '.api.restapi.http_listen_multiaddress == "/ip4/10.9.9.3/tcp/9094"'
for peer in north/pins-south north/pins-east south/pins-north south/pins-east east/pins-north east/pins-south; do
    holds "$work/containers/$peer/service.json" '.ipfs_connector.ipfshttp.unpin_disable'
done
holds "$work/containers/east/pins-north/service.json" '.cluster.peer_addresses[0] | startswith("/dns4/pins-north.north.example/tcp/9096/p2p/")'

# --- up, status, gc, down --------------------------------------------------------------------------------------------------
export IPFS_BIN=$standins BASE_PORT=$((20000 + RANDOM % 9000))
answers 0 "every custodian's pinset has its peers" ./ipfs up
# The stand-in is as strict as the client that it stands in for: HTTPS with a password, and the right password.
ctl() { env CLUSTER_CREDENTIALS="healthshare:$1" "$standins/ipfs-cluster-ctl" "${@:2}" --host "/ip4/127.0.0.1/tcp/$((BASE_PORT + 14))" --enc json peers ls; }
answers 1 "HTTPS client" ctl "$(< "$IPFS_DIR/north/rest.password")"
answers 1 "unauthorized" ctl "$(< "$IPFS_DIR/south/rest.password")" --force-http
answers 0 "peer-east-north" ctl "$(< "$IPFS_DIR/north/rest.password")" --force-http
answers 0 "kubo-east" ./ipfs status
answers 0 '"complete": true' ./ipfs status --json
processes=$(cat "$IPFS_DIR"/pids/*)
answers 0 "Kubo nodes see each other" ./ipfs up
[ "$processes" = "$(cat "$IPFS_DIR"/pids/*)" ] || failed "up started what was running already"
answers 0 "south: 1 blocks removed" ./ipfs gc
answers 0 "east: 1 blocks removed" ./ipfs gc east
mkdir "$STANDIN_STATE/collecting"
answers 1 "garbage collection failed" ./ipfs gc north
rmdir "$STANDIN_STATE/collecting"
read -r pid _ < "$IPFS_DIR/pids/kubo-south"
kill -9 "$pid"
# Until it is gone, or only its entry is left that nobody has asked for.
while grep -qs '^State:[[:space:]]*[^XZ]' "/proc/$pid/status"; do sleep 0.1; done
rm -f "$STANDIN_STATE"/rpc*"$((BASE_PORT + 21))"
answers 1 "does not run" ./ipfs status
answers 1 '"complete": false' ./ipfs status --json
answers 0 "" ./ipfs up
answers 0 '"complete": true' ./ipfs status --json

# Down ends what up started and nothing else: the id of a living process, recorded for one that started at another time.
sleep 300 &
sleeper=$!
echo "$sleeper 1 $(cat /proc/sys/kernel/random/boot_id)" > "$IPFS_DIR/pids/kubo-west"
answers 0 "the network is down" ./ipfs down
answers 0 "" kill -0 "$sleeper"
[ -z "$(ls "$STANDIN_STATE")" ] || failed "still running: $(ls "$STANDIN_STATE")"
answers 0 "removed" ./ipfs down --wipe
answers 1 "" test -e "$IPFS_DIR"

echo "$checks checks of the IPFS scripts, $failures failed"
[ "$failures" = 0 ]
