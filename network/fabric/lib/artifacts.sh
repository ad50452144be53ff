# shellcheck shell=bash
# Certificates, the channel's first block and the connection file. Sourced, not run.

# render TEMPLATE NAME=VALUE...: replaces every @NAME@, and takes no template with one left.
render() {
    local template=$1 text pair
    shift
    text=$(< "$template")
    for pair in "$@"; do text=${text//"@${pair%%=*}@"/"${pair#*=}"}; done
    ! grep -o '@[A-Z0-9_]*@' <<< "$text" >&2 || fail "$template holds names that nothing was given for"
    printf '%s\n' "$text"
}

# Makes what is missing; what is there stays. Every step ends with a rename, so that a stop in between leaves nothing half.
make_artifacts() {
    local msp pairs=() order name
    if [ -e "$NET_DIR" ] && [ ! -f "$NET_DIR/$MARKER" ] && [ -n "$(ls -A "$NET_DIR")" ]; then
        fail "$NET_DIR holds something else; name an empty or a new folder in NET_DIR"
    fi
    mkdir -p "$NET_DIR/config"
    : > "$NET_DIR/$MARKER"
    lock_network
    [ -f "$NET_DIR/network.env" ] || save_settings
    rm -rf "$NET_DIR"/tmp.*
    if [ ! -d "$CRYPTO" ]; then
        say "making certificates"
        rm -rf "$CRYPTO.new"
        "$FABRIC_BIN/cryptogen" generate --config "$CONFIG/crypto-config.yaml" --output "$CRYPTO.new" > /dev/null
        mv "$CRYPTO.new" "$CRYPTO"
    fi
    [ -f "$NET_DIR/members.txt" ] || { founders > "$NET_DIR/members.txt.new"; mv "$NET_DIR/members.txt.new" "$NET_DIR/members.txt"; }
    for msp in $(all_msps); do make_member_certificates "$msp"; done
    if [ ! -s "$NET_DIR/$CHANNEL.block" ]; then
        say "making the first block of channel $CHANNEL"
        for order in "${ORDERERS[@]}"; do
            pairs+=("ORDERER${order}_HOST=$(orderer_host "$order")" "ORDERER${order}_PORT=$(orderer_port "$order")")
        done
        for msp in $(all_msps); do
            name=${msp%MSP}
            pairs+=("PEER_${name^^}_HOST=$(peer_host "$msp")" "PEER_${name^^}_PORT=$(peer_port "$msp")")
        done
        # shellcheck disable=SC2046 # MSP ids hold no white space
        pairs+=("HOSPITAL_MAJORITY=$(majority_policy $(hospitals))" "BATCH_TIMEOUT=$BATCH_TIMEOUT"
            "BATCH_MESSAGES=$BATCH_MESSAGES" "RAFT_TICK=$RAFT_TICK")
        render "$CONFIG/configtx.yaml" "${pairs[@]}" > "$NET_DIR/config/configtx.yaml"
        "$FABRIC_BIN/configtxgen" -configPath "$NET_DIR/config" -profile HealthShare -channelID "$CHANNEL" \
            -outputBlock "$NET_DIR/$CHANNEL.block.new" > "$NET_DIR/config/configtxgen.log" 2>&1 \
            || { tail -n 5 "$NET_DIR/config/configtxgen.log" >&2; fail "configtxgen made no block"; }
        mv "$NET_DIR/$CHANNEL.block.new" "$NET_DIR/$CHANNEL.block"
    fi
    write_connection
}

# The identity of a hospital's node, and the pairs for its chaincode services.
make_member_certificates() {
    local domain
    domain=$(domain_of "$1")
    [ -s "$(member_home "$1")/users/node@$domain/msp/signcerts/node@$domain-cert.pem" ] || issue_identity "$1" node role=node
    if hospitals | grep -qx "$1"; then make_service_certificates "$1"; fi
}

# connection.json, as HealthShare's client reads it. Plain processes get absolute paths, for programs that do not know where the
# file lies; for containers, which mount the folder elsewhere, paths are taken from the file's own folder.
write_connection() {
    local root=$NET_DIR/ msp order domain users
    is_native || root=
    local crypto=${root}crypto
    {
        for order in "${ORDERERS[@]}"; do
            jq -n --arg name "$(orderer_name "$order")" --arg host "$(orderer_host "$order")" \
                --arg port "$(orderer_port "$order")" --arg admin "$(orderer_admin_port "$order")" \
                --arg operations "$(orderer_operations_port "$order")" --arg org "$crypto/ordererOrganizations/$ORDERER_DOMAIN" \
                --arg domain "$ORDERER_DOMAIN" '{orderer: {
                    name: ($name | split(".")[0]), mspId: "OrdererMSP", endpoint: "\($host):\($port)", tlsServerName: $name,
                    admin: "\($host):\($admin)", operations: "\($host):\($operations)",
                    tlsCaCert: "\($org)/tlsca/tlsca.\($domain)-cert.pem",
                    adminClientCert: "\($org)/users/Admin@\($domain)/tls/client.crt",
                    adminClientKey: "\($org)/users/Admin@\($domain)/tls/client.key"}}'
        done
        for msp in $(all_msps); do
            domain=$(domain_of "$msp")
            mapfile -t users < <(user_names "$msp")
            # The node's identity first: it is what a program gets that asks for none by name.
            jq -n --arg msp "$msp" --arg domain "$domain" --arg host "$(peer_host "$msp")" --arg port "$(peer_port "$msp")" \
                --arg operations "$(peer_operations_port "$msp")" --arg org "$crypto/peerOrganizations/$domain" '{member: {
                    mspId: $msp, domain: $domain,
                    peers: [{name: "peer0.\($domain)", endpoint: "\($host):\($port)", tlsServerName: "peer0.\($domain)",
                        operations: "\($host):\($operations)", tlsCaCert: "\($org)/tlsca/tlsca.\($domain)-cert.pem"}],
                    caCert: "\($org)/ca/ca.\($domain)-cert.pem", caKey: "\($org)/ca/priv_sk",
                    users: [$ARGS.positional | (map(select(. == "node")) + map(select(. != "node")))[] | {name: .,
                        cert: "\($org)/users/\(.)@\($domain)/msp/signcerts/\(.)@\($domain)-cert.pem",
                        key: "\($org)/users/\(.)@\($domain)/msp/keystore/priv_sk"}]}}' \
                --args "${users[@]}"
        done
    } | jq -s --arg channel "$CHANNEL" '{channel: $channel, orderers: map(.orderer // empty), organizations: map(.member // empty)}' \
        > "$NET_DIR/connection.json.new"
    mv "$NET_DIR/connection.json.new" "$NET_DIR/connection.json"
}

user_names() {
    local folder
    for folder in "$(member_home "$1")"/users/*@*; do
        folder=$(basename "$folder")
        echo "${folder%@*}"
    done
}
