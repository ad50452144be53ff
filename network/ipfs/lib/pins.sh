# shellcheck shell=bash
# Settings of the Cluster peers. Each custodian has a pinset of its own, a cluster with a name and a secret of its own; only the
# custodian's peer may change it, every other member follows it with a peer that takes no orders from anybody else. Sourced, not run.

# Followers and leader name the leader alone as trusted: "*" would let any follower pin and unpin.
pins_settings() { # MEMBER PINSET
    local leader role=follower minimum=${PIN_REPLICAS_MIN:-2} maximum=${PIN_REPLICAS_MAX:-3}
    if [ "$1" = "$2" ]; then role=leader; fi
    leader=$(id_of "$(pins_identity "$2" "$2")")
    jq -n --arg member "$1" --arg pinset "$2" --arg role "$role" --arg leader "$leader" \
        --rawfile secret "$NET_DIR/pinsets/$2.secret" --rawfile password "$NET_DIR/$1/rest.password" \
        --arg listen "$(listen)/tcp/$(pins_port "$1" "$2")" --arg rest "/ip4/$(rest_host "$1")/tcp/$(rest_port "$1")" \
        --arg kubo "/ip4/$(rpc_host "$1")/tcp/$(rpc_port "$1")" --argjson peers "$(pins_peers "$1" "$2")" \
        --argjson minimum "$minimum" --argjson maximum "$maximum" '{
        cluster: {
            peername: "\($member)-\($pinset)",
            secret: ($secret | rtrimstr("\n")),
            leave_on_shutdown: false,
            listen_multiaddress: [$listen],
            enable_relay_hop: false,
            follower_mode: ($role == "follower"),
            mdns_interval: "0s",
            peer_addresses: $peers,
            replication_factor_min: $minimum,
            replication_factor_max: $maximum,
            disable_repinning: true,
            state_sync_interval: "5m0s",
            pin_recover_interval: "12m0s",
            monitor_ping_interval: "15s",
            peer_watch_interval: "5s",
            dial_peer_timeout: "3s"
        },
        consensus: {crdt: {
            cluster_name: "healthshare-\($pinset)",
            trusted_peers: [$leader],
            batching: {max_batch_size: 0, max_batch_age: "0s"},
            repair_interval: "1h0m0s"
        }},
        # An empty list of origins would stand for all of them. A follower offers no interface at all: what it holds is asked by its leader, over the cluster.
        api: (if $role == "leader" then {restapi: {
            http_listen_multiaddress: $rest,
            basic_auth_credentials: {healthshare: ($password | rtrimstr("\n"))},
            cors_allowed_origins: ["https://nobody.invalid"],
            cors_allow_credentials: false
        }} else {} end),
        # All pinsets at a member share one Kubo node, which knows one pin for a CID, whoever asked for it. A follower that unpinned
        # for its leader would let the leader take away what others had pinned; it only pins.
        ipfs_connector: {ipfshttp: {node_multiaddress: $kubo, connect_swarms_delay: "30s", pin_timeout: "2m0s", unpin_timeout: "1h0m0s",
            unpin_disable: ($role == "follower")}},
        pin_tracker: {stateless: {concurrent_pins: 10, priority_pin_max_age: "24h0m0s", priority_pin_max_retries: 5}},
        monitor: {pubsubmon: {check_interval: "15s"}},
        allocator: {balanced: {allocate_by: ["freespace"]}},
        informer: {disk: {metric_ttl: "30s", metric_type: "freespace"}},
        datastore: {pebble: {pebble_options: {cache_size_bytes: 33554432, mem_table_size: 4194304}}}
    }'
}

pins_peers() { # MEMBER PINSET: the other members' peers of the same pinset
    local other
    for other in "${MEMBERS[@]}"; do
        [ "$other" != "$1" ] || continue
        echo "$(pins_address "$other" "$2")/tcp/$(pins_port "$other" "$2")/p2p/$(id_of "$(pins_identity "$other" "$2")")"
    done | jq -R . | jq -s .
}

make_pins_settings() {
    local member pinset
    for member in "${MEMBERS[@]}"; do
        for pinset in "${MEMBERS[@]}"; do pins_settings "$member" "$pinset" | put "$NET_DIR/$member/pins-$pinset/service.json"; done
    done
}

# The followers are started too where the leader cannot be reached: they wait for it.
start_pins() { # MEMBER PINSET
    local ports
    ports=("$(pins_port "$1" "$2")")
    if [ "$1" = "$2" ]; then ports+=("$(rest_port "$1")"); fi
    need_ports "pins-$2 of $1" "${ports[@]}"
    spawn "pins-$2-$1" env IPFS_CLUSTER_PATH="$NET_DIR/$1/pins-$2" "$(binary ipfs-cluster-service)" daemon
}

# pins MEMBER ARGUMENT...: asks the member's leader of its own pinset. The password goes by the environment, which other users cannot
# read. With a password the client would choose HTTPS; the interface is plain, on the member's own address.
pins() {
    CLUSTER_CREDENTIALS="healthshare:$(< "$NET_DIR/$1/rest.password")" timeout 30 "$(binary ipfs-cluster-ctl)" --force-http \
        --host "/ip4/$(rest_host "$1")/tcp/$(rest_port "$1")" "${@:2}"
}
cluster_size() { pins "$1" --enc json peers ls 2> /dev/null | jq -s 'flatten | length' 2> /dev/null || echo 0; }
