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

# admit MSP: puts a member and the hospitals' new majority into the channel's configuration.
admit() {
    local msp=$1 work member
    work=$(mktemp -d "$NET_DIR/tmp.XXXXXX")
    render "$CONFIG/configtx-member.yaml" "MSP=$msp" "DOMAIN=$(domain_of "$msp")" > "$NET_DIR/config/configtx-$msp.yaml"
    sed "s#\.\./crypto#$CRYPTO#" "$NET_DIR/config/configtx-$msp.yaml" > "$work/configtx.yaml"
    member=$("$FABRIC_BIN/configtxgen" -configPath "$work" -printOrg "$msp" 2> "$work/printorg.log") \
        || { tail -n 3 "$work/printorg.log" >&2; fail "the definition of $msp cannot be made"; }
    rm -rf "$work"
    member=$(jq --arg host "$(peer_host "$msp")" --argjson port "$(peer_port "$msp")" \
        '.values.AnchorPeers = {mod_policy: "Admins", version: "0", value: {anchor_peers: [{host: $host, port: $port}]}}' <<< "$member")
    # shellcheck disable=SC2046 # MSP ids hold no white space
    update_channel "$(jq --arg msp "$msp" '{($msp): .}' <<< "$member")" \
        $(members | awk -v msp="$msp" '$1 == msp || $3 == "hospital" { print $1 }')
    say "$msp is in the channel's configuration"
}

# update_channel MEMBERS MSP...: puts new members (JSON, by MSP id; those that are there stay as they are) and the majority of these
# hospitals into the channel's configuration, signed by a majority of the members' administrators. Does nothing where it holds both.
update_channel() {
    local work signer signers members=$1
    shift
    work=$(mktemp -d "$NET_DIR/tmp.XXXXXX")
    fetch_configuration "$work/config.json"
    jq --argjson members "$members" '
        # As configtxlator writes majority_policy.
        ($ARGS.positional | {type: 1, value: {version: 0,
            identities: map({principal_classification: "ROLE", principal: {msp_identifier: ., role: "PEER"}}),
            rule: {n_out_of: {n: (length / 2 | floor + 1), rules: [range(length) | {signed_by: .}]}}}}) as $majority
        | .channel_group.groups.Application |= (.groups = $members + .groups
            | .policies.LifecycleEndorsement.policy = $majority
            | .policies.Endorsement.policy = $majority)' "$work/config.json" --args "$@" > "$work/wanted.json"
    if jq -en --slurpfile now "$work/config.json" --slurpfile wanted "$work/wanted.json" '$now == $wanted' > /dev/null; then
        rm -rf "$work"
        return
    fi
    mapfile -t signers < <(voters "$work/config.json")
    translate proto_encode --type common.Config --input "$work/config.json" --output "$work/config.pb"
    translate proto_encode --type common.Config --input "$work/wanted.json" --output "$work/wanted.pb"
    translate compute_update --channel_id "$CHANNEL" --original "$work/config.pb" --updated "$work/wanted.pb" --output "$work/update.pb"
    translate proto_decode --type common.ConfigUpdate --input "$work/update.pb" \
        | jq --arg channel "$CHANNEL" '{payload: {header: {channel_header: {channel_id: $channel, type: 2}}, data: {config_update: .}}}' \
        | translate proto_encode --type common.Envelope --output "$work/envelope.pb"
    say "asking for the signatures of ${signers[*]}"
    for signer in "${signers[@]:1}"; do
        as_admin "$signer" channel signconfigtx -f "$work/envelope.pb" > "$work/sign.log" 2>&1 \
            || { tail -n 3 "$work/sign.log" >&2; fail "the administrator of $signer did not sign"; }
    done
    as_admin "${signers[0]}" channel update -f "$work/envelope.pb" -c "$CHANNEL" "${ORDERER_OPTIONS[@]}" > "$work/update.log" 2>&1 \
        || { tail -n 3 "$work/update.log" >&2; fail "the channel refused the update"; }
    rm -rf "$work"
    say "the channel's definitions and default endorsement need $(majority_policy "$@")"
}

# voters CONFIGURATION: more than half of the members that the channel knows; suspended ones, and the one that it is about ($msp), last.
# The first sends the update.
voters() {
    local known
    mapfile -t known < <(members | awk -v msp="$msp" '$3 == "suspended" || $1 == msp { last = last $1 "\n"; next } { print $1 } END { printf "%s", last }' \
        | grep -xF -f <(jq -r '.channel_group.groups.Application.groups | keys[]' "$1"))
    printf '%s\n' "${known[@]:0:$((${#known[@]} / 2 + 1))}"
}

caught_up() { local mine theirs; mine=$(height "$1") && theirs=$(height "$2") && [ "$mine" -ge "$theirs" ]; }
