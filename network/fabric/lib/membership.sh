# shellcheck shell=bash
# Hospitals that join a running channel, and that are suspended. Sourced, not run.

translate() { "$FABRIC_BIN/configtxlator" "$@"; }

# set_member MSP DOMAIN KIND: KIND is joining until the channel knows the member, then hospital; suspended while it may not endorse.
set_member() {
    { members | awk -v msp="$1" -v line="$1 $2 $3" '$1 == msp { print line; found = 1; next } { print } END { if (!found) print line }'; } \
        > "$NET_DIR/members.txt.new"
    mv "$NET_DIR/members.txt.new" "$NET_DIR/members.txt"
}

make_joining_crypto() { # MSP DOMAIN
    local work=$NET_DIR/tmp.joining
    if [ -d "$CRYPTO/peerOrganizations/$2" ]; then return; fi
    say "making the certificates of $1"
    rm -rf "$work"
    mkdir -p "$work"
    cat > "$work/crypto-config.yaml" <<TEXT
PeerOrgs:
  - Name: ${1%MSP}
    Domain: $2
    EnableNodeOUs: true
    Template: {Count: 1, SANS: [localhost, 127.0.0.1]}
    Users: {Count: 2}
TEXT
    "$FABRIC_BIN/cryptogen" generate --config "$work/crypto-config.yaml" --output "$work/crypto" > /dev/null
    mv "$work/crypto/peerOrganizations/$2" "$CRYPTO/peerOrganizations/$2"
    rm -rf "$work"
}

# fetch_configuration FILE: the channel's configuration in force, as JSON.
fetch_configuration() {
    as_admin "$(hospitals | head -n 1)" channel fetch config "$1.block" -c "$CHANNEL" "${ORDERER_OPTIONS[@]}" > "$1.log" 2>&1 \
        || { tail -n 3 "$1.log" >&2; fail "the channel's configuration cannot be fetched"; }
    translate proto_decode --input "$1.block" --type common.Block | jq '.data.data[0].payload.data.config' > "$1"
}

# admit MSP: puts a member and the hospitals' new majority into the channel's configuration, signed by a majority of the
# members' administrators.
admit() {
    local msp=$1 work signer signers
    work=$(mktemp -d "$NET_DIR/tmp.XXXXXX")
    fetch_configuration "$work/config.json"
    if jq -e --arg msp "$msp" '.channel_group.groups.Application.groups | has($msp)' "$work/config.json" > /dev/null; then
        rm -rf "$work"
        return
    fi
    # shellcheck disable=SC2046 # MSP ids hold no white space
    render "$CONFIG/configtx-member.yaml" "MSP=$msp" "DOMAIN=$(domain_of "$msp")" \
        "HOSPITAL_MAJORITY=$(majority_policy $(hospitals) "$msp")" > "$NET_DIR/config/configtx-$msp.yaml"
    mkdir "$work/config"
    sed "s#\.\./crypto#$CRYPTO#" "$NET_DIR/config/configtx-$msp.yaml" > "$work/config/configtx.yaml"
    "$FABRIC_BIN/configtxgen" -configPath "$work/config" -printOrg "$msp" > "$work/member.json" 2> "$work/printorg.log" \
        || { tail -n 3 "$work/printorg.log" >&2; fail "the definition of $msp cannot be made"; }
    jq --arg msp "$msp" --arg host "$(peer_host "$msp")" --argjson port "$(peer_port "$msp")" --slurpfile member "$work/member.json" '
        ($member[0].policies.HospitalMajority.policy) as $majority
        | .channel_group.groups.Application.groups[$msp] = ($member[0] | del(.policies.HospitalMajority)
            | .values.AnchorPeers = {mod_policy: "Admins", version: "0", value: {anchor_peers: [{host: $host, port: $port}]}})
        | .channel_group.groups.Application.policies.LifecycleEndorsement.policy = $majority
        | .channel_group.groups.Application.policies.Endorsement.policy = $majority' "$work/config.json" > "$work/wanted.json"
    translate proto_encode --type common.Config --input "$work/config.json" --output "$work/config.pb"
    translate proto_encode --type common.Config --input "$work/wanted.json" --output "$work/wanted.pb"
    translate compute_update --channel_id "$CHANNEL" --original "$work/config.pb" --updated "$work/wanted.pb" --output "$work/update.pb"
    translate proto_decode --type common.ConfigUpdate --input "$work/update.pb" \
        | jq --arg channel "$CHANNEL" '{payload: {header: {channel_header: {channel_id: $channel, type: 2}}, data: {config_update: .}}}' \
        | translate proto_encode --type common.Envelope --output "$work/envelope.pb"
    mapfile -t signers < <(voters "$msp")
    say "asking for the signatures of ${signers[*]}"
    for signer in "${signers[@]:1}"; do
        as_admin "$signer" channel signconfigtx -f "$work/envelope.pb" > "$work/sign.log" 2>&1 \
            || { tail -n 3 "$work/sign.log" >&2; fail "the administrator of $signer did not sign"; }
    done
    as_admin "${signers[0]}" channel update -f "$work/envelope.pb" -c "$CHANNEL" "${ORDERER_OPTIONS[@]}" > "$work/update.log" 2>&1 \
        || { tail -n 3 "$work/update.log" >&2; fail "the channel refused the update"; }
    rm -rf "$work"
    say "$msp is in the channel's configuration"
}

# voters MSP: more than half of the members there are without this one; the first of them sends the update.
voters() {
    local others
    mapfile -t others < <(all_msps | grep -vx "$1")
    printf '%s\n' "${others[@]:0:$((${#others[@]} / 2 + 1))}"
}

caught_up() { local mine theirs; mine=$(height "$1") && theirs=$(height "$2") && [ "$mine" -ge "$theirs" ]; }
