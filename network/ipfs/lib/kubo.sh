# shellcheck shell=bash
# Settings of a member's Kubo node: a private swarm over TCP between peers that are named here, and nothing else. Sourced, not run.

peering_of() { # MEMBER: the other members' nodes
    local other
    for other in "${MEMBERS[@]}"; do
        [ "$other" != "$1" ] || continue
        jq -n --arg id "$(id_of "$(kubo_identity "$other")")" --arg address "$(kubo_address "$other")/tcp/$(swarm_port "$other")" \
            '{ID: $id, Addrs: [$address]}'
    done | jq -s .
}

# No value is "auto", and nothing is left to defaults that speak to the public network. Blocks are synchronised one by one: what
# was acknowledged survives a power failure.
kubo_settings() { # MEMBER
    jq -n --slurpfile identity "$(kubo_identity "$1")" --argjson peers "$(peering_of "$1")" \
        --arg swarm "$(listen)/tcp/$(swarm_port "$1")" --arg gateway "$(listen)/tcp/$(gateway_port "$1")" \
        --arg rpc "/ip4/$(rpc_host "$1")/tcp/$(rpc_port "$1")" --arg storage "${IPFS_STORAGE_MAX:-1TB}" '{
        Identity: {PeerID: $identity[0].id, PrivKey: $identity[0].private_key},
        Addresses: {Swarm: [$swarm], Announce: [], AppendAnnounce: [], NoAnnounce: [], API: $rpc, Gateway: $gateway},
        AutoConf: {Enabled: false},
        AutoTLS: {Enabled: false, AutoWSS: false},
        AutoNAT: {ServiceMode: "disabled"},
        Bootstrap: [],
        DNS: {Resolvers: {}},
        Discovery: {MDNS: {Enabled: false}},
        Routing: {Type: "none", DelegatedRouters: []},
        Ipns: {ResolveCacheSize: 128, DelegatedPublishers: []},
        Provide: {Enabled: false},
        HTTPRetrieval: {Enabled: false},
        Peering: {Peers: $peers},
        Pubsub: {Enabled: false},
        Swarm: {
            AddrFilters: [], DisableNatPortMap: true, EnableHolePunching: false,
            RelayClient: {Enabled: false}, RelayService: {Enabled: false},
            ConnMgr: {}, ResourceMgr: {},
            Transports: {
                Network: {TCP: true, QUIC: false, Relay: false, WebTransport: false, WebRTCDirect: false, Websocket: false},
                Security: {}, Multiplexers: {}
            }
        },
        API: {HTTPHeaders: {}},
        Gateway: {
            NoFetch: true, NoDNSLink: true, DeserializedResponses: false, DisableHTMLErrors: true, ExposeRoutingAPI: false,
            RootRedirect: "", HTTPHeaders: {}, PublicGateways: {}
        },
        Datastore: {
            StorageMax: $storage, StorageGCWatermark: 90, GCPeriod: "1h", BloomFilterSize: 0, HashOnRead: false,
            Spec: {type: "mount", mounts: [
                {mountpoint: "/blocks", type: "flatfs", prefix: "flatfs.datastore", path: "blocks", sync: true,
                    shardFunc: "/repo/flatfs/shard/v1/next-to-last/2"},
                {mountpoint: "/", type: "levelds", prefix: "leveldb.datastore", path: "datastore", compression: "none"}
            ]}
        },
        Mounts: {IPFS: "/ipfs", IPNS: "/ipns", MFS: "/mfs"},
        Pinning: {RemoteServices: {}},
        Experimental: {}, Migration: {}, Internal: {},
        Version: {SwarmCheckEnabled: false},
        Import: {CidVersion: 1, UnixFSRawLeaves: true, UnixFSChunker: "size-1048576", UnixFSFileMaxLinks: 1024, HashFunction: "sha2-256"}
    }'
}

make_kubo_settings() {
    local member
    for member in "${MEMBERS[@]}"; do kubo_settings "$member" | put "$NET_DIR/$member/kubo.json"; done
}

kubo() { # MEMBER ARGUMENT...: asks a running node
    IPFS_PATH=$NET_DIR/$1/kubo timeout 30 "$(binary ipfs)" --api "/ip4/$(rpc_host "$1")/tcp/$(rpc_port "$1")" "${@:2}"
}

kubo_answers() { kubo "$1" id > /dev/null 2>&1; }
peers_of() { kubo "$1" swarm peers 2> /dev/null | grep -c . || true; }

# start_kubo MEMBER: the settings made here take the place of what the repository holds; keys and blocks stay.
start_kubo() {
    local repository=$NET_DIR/$1/kubo
    need_ports "kubo-$1" "$(rpc_port "$1")" "$(gateway_port "$1")" "$(swarm_port "$1")"
    mkdir -p "$repository"
    if [ ! -f "$repository/version" ]; then
        IPFS_PATH=$repository "$(binary ipfs)" init --empty-repo "$NET_DIR/$1/kubo.json" > /dev/null \
            || fail "Kubo could not make the repository $repository"
    fi
    put "$repository/config" < "$NET_DIR/$1/kubo.json"
    put "$repository/swarm.key" < "$NET_DIR/swarm.key"
    chmod 0600 "$repository/config" "$repository/swarm.key"
    # Garbage is collected when this script is told to, never by the daemon on its own.
    spawn "kubo-$1" env IPFS_PATH="$repository" LIBP2P_FORCE_PNET=1 IPFS_TELEMETRY=off \
        "$(binary ipfs)" daemon --migrate=true --enable-gc=false --agent-version-suffix=healthshare
}
