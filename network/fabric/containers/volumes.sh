# shellcheck shell=bash
# What each container gets to see: its own keys and settings in a volume of its own. Sourced, not run.

VOLUMES=${VOLUMES:-/volumes}
IPFS_ROOT=$REPOSITORY/network/ipfs

# put SOURCE TARGET: replaces a file only when the new one is complete, and leaves one that is the same alone.
put() {
    cmp -s "$1" "$2" && return
    mkdir -p "$(dirname "$2")"
    cp "$1" "$2.new"
    mv "$2.new" "$2"
}

put_tree() { # SOURCE TARGET
    local file
    while IFS= read -r file; do put "$1/$file" "$2/$file"; done < <(cd "$1" && find . -type f)
}

key_of() { local domain; domain=$(domain_of "$1"); echo "${domain%%.*}"; }
node_folder() { echo "$NET_DIR/nodes/$(key_of "$1")"; }

fill_volumes() { # CHAINCODE_VERSION
    local order msp
    for order in "${ORDERERS[@]}"; do
        put "$CONFIG/orderer.yaml" "$VOLUMES/orderer$order/orderer.yaml"
        put_tree "$(orderer_home "$order")" "$VOLUMES/orderer$order"
    done
    for msp in $(all_msps); do
        fill_peer "$msp"
        make_node_settings "$msp"
        fill_node "$msp"
    done
    for msp in $(hospitals); do
        fill_chaincode "$msp" "$1"
        fill_ipfs "$msp"
    done
}

fill_peer() { # MSP
    local volume
    volume=$VOLUMES/$(key_of "$1")-peer
    put "$CONFIG/core.yaml" "$volume/core.yaml"
    put_tree "$FABRIC_ROOT/ccaas" "$volume/ccaas"
    chmod 0700 "$volume"/ccaas/bin/*
    put_tree "$(peer_home "$1")" "$volume"
}

# The settings name files where deploy keeps them; the service finds its own copies beside its settings.
fill_chaincode() { # MSP VERSION
    local volume folder name file
    volume=$VOLUMES/$(key_of "$1")-chaincode
    folder=$NET_DIR/chaincode/healthshare/$2/$1
    for name in ca.crt service.crt service.key; do put "$folder/$name" "$volume/$name"; done
    file=$(mktemp "$NET_DIR/tmp.XXXXXX")
    sed "s#=$folder/#=/etc/healthshare/#" "$folder/service.env" > "$file"
    put "$file" "$volume/service.env"
    rm -f "$file"
}

# A member's Kubo node gets the swarm's key, its Cluster peers the pinsets' secrets, its node the password of its own Cluster peer.
fill_ipfs() { # MSP
    local member settings pinset name
    member=$(key_of "$1")
    settings=$NET_DIR/ipfs/$member
    [ -f "$settings/kubo.json" ] || return 0
    put "$IPFS_ROOT/containers/kubo" "$VOLUMES/$member-ipfs-settings/start"
    put "$IPFS_ROOT/containers/gc" "$VOLUMES/$member-ipfs-settings/gc"
    put "$settings/kubo.json" "$VOLUMES/$member-ipfs-settings/kubo.json"
    put "$NET_DIR/ipfs/swarm.key" "$VOLUMES/$member-ipfs-settings/swarm.key"
    put "$IPFS_ROOT/containers/pins" "$VOLUMES/$member-pins-settings/start"
    for pinset in "$settings"/pins-*; do
        for name in service.json identity.json; do
            put "$pinset/$name" "$VOLUMES/$member-pins-settings/$(basename "$pinset")/$name"
        done
    done
    put "$settings/rest.password" "$VOLUMES/$member-node/ipfs-cluster.password"
}

# --- nodes ---------------------------------------------------------------------------------------------------------------

# The node's identity, the certificate of its HTTPS, and its callers. Certificates that have less than 60 days left are made anew.
make_node_settings() { # MSP
    local folder home domain
    folder=$(node_folder "$1") home=$(member_home "$1") domain=$(domain_of "$1")
    mkdir -p "$folder"
    if expires_within "$home/users/node@$domain/msp/signcerts/node@$domain-cert.pem" 60; then issue_identity "$1" node role=node; fi
    if [ ! -s "$folder/tls.pem" ] || expires_within "$folder/tls.pem" 60; then
        new_key "$folder/tls.key"
        sign_certificate "$home/tlsca/tlsca.$domain-cert.pem" "$home/tlsca/priv_sk" "$folder/tls.key" "/CN=node.$domain" "$folder/tls.pem" <<TEXT
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:node.$domain, DNS:$(key_of "$1").localhost, DNS:localhost, IP:127.0.0.1
TEXT
    fi
    [ -f "$folder/node.json" ] && return
    echo '{"HealthShare": {"Auth": {"Callers": []}}}' > "$folder/node.json"
    if hospitals | grep -qx "$1"; then
        add_caller "$1" integration-engine system > /dev/null
    else
        add_caller "$1" auditor auditor > /dev/null
    fi
}

check_caller_name() { [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$ ]] || misused "'$1' is no name for a caller: letters, digits and . _ -"; }

# add_caller MSP NAME ROLE [--staff ID] [--patient ID]: the node's settings hold the token's hash, the file beside them the token.
add_caller() {
    local folder name=$2 role=$3 staff='' patient='' token
    folder=$(node_folder "$1")
    shift 3
    while [ $# -gt 0 ]; do
        case $1 in
            --staff) staff=$(value "$@"); shift ;;
            --patient) patient=$(value "$@"); shift ;;
            *) misused "unknown option: $1" ;;
        esac
        shift
    done
    check_caller_name "$name"
    case $role in
        physician|nurse) [ -n "$staff" ] || misused "a $role needs --staff" ;;
        patient) [ -n "$patient" ] || misused "a patient needs --patient" ;;
        registrar|itAdministrator|privacyOfficer|auditor|system) ;;
        *) misused "'$role' is no role" ;;
    esac
    token=$(openssl rand -hex 32)
    jq --arg name "$name" --arg role "$role" --arg staff "$staff" --arg patient "$patient" \
        --arg hash "$(printf %s "$token" | sha256sum | cut -d' ' -f1)" '.HealthShare.Auth.Callers |= (map(select(.Name != $name)) + [
            {Name: $name, Role: $role, TokenSha256: $hash}
            + (if $staff == "" then {} else {StaffId: $staff} end) + (if $patient == "" then {} else {PatientId: $patient} end)])' \
        "$folder/node.json" > "$folder/node.json.new"
    printf '%s\n' "$token" > "$folder/$name.token"
    mv "$folder/node.json.new" "$folder/node.json"
    printf '%s\n' "$token"
}

# Where a hospital's node keeps records: in its own folder, or at its Cluster peer, with the other members' gateways to challenge.
content_settings() { # MSP
    local member other
    member=$(key_of "$1")
    case ${CONTENT_PROVIDER:-embedded} in
        embedded) echo '{}'; return ;;
        cluster) ;;
        *) misused "CONTENT_PROVIDER is '$CONTENT_PROVIDER'; expected embedded or cluster" ;;
    esac
    if ! hospitals | grep -qx "$1"; then echo '{}'; return; fi
    for other in $(hospitals); do [ "$other" = "$1" ] || key_of "$other"; done | jq -Rs --arg member "$member" --argjson hospitals "$(hospitals | grep -c .)" \
        --slurpfile kubo "$NET_DIR/ipfs/$member/kubo.json" \
        --slurpfile pins "$NET_DIR/ipfs/$member/pins-$member/service.json" 'def url: split("/") | "http://\(.[2]):\(.[4])"; {HealthShare: {Content: {
            Provider: "cluster",
            Kubo: {Url: $kubo[0].Addresses.API | url},
            Cluster: {Url: $pins[0].api.restapi.http_listen_multiaddress | url, User: "healthshare",
                PasswordFile: "/etc/healthshare/ipfs-cluster.password",
                ReplicationMin: $pins[0].cluster.replication_factor_min, ReplicationMax: $pins[0].cluster.replication_factor_max},
            # Cluster takes -1 for every peer.
            Keeping: {MinimumReplicas: ($pins[0].cluster.replication_factor_min | if . > 0 then . else ($hospitals) end)},
            # The peers of the pinset are named as network/ipfs names them.
            Replicas: (split("\n") | map(select(. != "")
                | {Name: ., GatewayUrl: "http://kubo.\(.).example:8080", ClusterPeer: "\(.)-\($member)"}))
        }}}'
}

# The network's connection file, cut down to what this node may use: its own identity, everybody's addresses and TLS roots.
fill_node() { # MSP
    local volume folder file path
    volume=$VOLUMES/$(key_of "$1")-node folder=$(node_folder "$1")
    file=$(mktemp "$NET_DIR/tmp.XXXXXX")
    jq --arg msp "$1" '.orderers = [] | .organizations |= map(del(.caCert, .caKey, .peers[].operations)
            | .users |= map(select(.name == "node")) | if .mspId == $msp then . else .users = [] end)' \
        "$NET_DIR/connection.json" > "$file"
    for path in $(jq -r '.organizations[] | .peers[].tlsCaCert, (.users[] | .cert, .key)' "$file"); do
        put "$NET_DIR/$path" "$volume/$path"
    done
    put "$file" "$volume/connection.json"
    put "$folder/tls.key" "$volume/tls.key"
    put "$folder/tls.pem" "$volume/tls.pem"
    content_settings "$1" | jq --slurpfile node "$folder/node.json" '$node[0] * .' > "$file"
    put "$file" "$volume/node.json"
    rm -f "$file"
}
