# shellcheck shell=bash
# What status finds, as JSON. Sourced, not run.
# Nodes are asked all at once, none for longer than ASK_LIMIT seconds, and one that has not answered is not asked again.

# process_json NAME: whether what up started runs.
process_json() {
    local pid=null running=false
    if is_running "$1"; then running=true; read -r pid _ < "$(pid_file "$1")"; fi
    jq -nc --arg name "$1" --argjson running "$running" --argjson pid "$pid" '{name: $name, running: $running, pid: $pid}'
}

orderer_json() { # NUMBER
    local answer
    local healthy=false
    osnadmin_channel "$1" list --channelID "$CHANNEL" > "$work/channel-$1" 2> /dev/null &
    if orderer_is_healthy "$1" > /dev/null 2>&1; then healthy=true; fi
    wait $! || true
    answer=$(sed '1{/^Status: 200/!q;d}' "$work/channel-$1")
    jq -e . <<< "$answer" > /dev/null 2>&1 || answer=null
    jq -nc --arg name "$(orderer_name "$1")" --argjson process "$(process_json "orderer$1")" --argjson channel "$answer" \
        --argjson healthy "$healthy" '{name: $name, process: $process, healthy: $healthy, member: ($channel != null),
          relation: $channel.consensusRelation, status: $channel.status, height: $channel.height}'
}

peer_json() { # MSP
    local height healthy=false
    height "$1" > "$work/height-$1" &
    if peer_is_healthy "$1" > /dev/null 2>&1; then healthy=true; fi
    if wait $!; then height=$(< "$work/height-$1"); else height=null; fi
    jq -nc --arg msp "$1" --arg name "peer0.$(domain_of "$1")" --argjson process "$(process_json "peer-$1")" --argjson height "$height" \
        --argjson healthy "$healthy" \
        '{mspId: $msp, name: $name, process: $process, healthy: $healthy, member: ($height != null), height: $height}'
}

peer_answered() { jq -e .member "$work/peers/$1" > /dev/null 2>&1; }

# chaincode_json NAME MSP: the definition as one member's peer has it, what the member approved and whether its service runs.
chaincode_json() {
    local name=$1 msp=$2 now='' version='' sequence='' approved='' installed=false running=null folder digest
    if peer_answered "$msp"; then
        now=$(in_force "$name" "$msp" 2> /dev/null) || now=''
        if [ -n "$now" ]; then read -r version sequence < <(jq -r '"\(.version) \(.sequence)"' <<< "$now"); fi
        approved=$(as_admin "$msp" lifecycle chaincode queryapproved -C "$CHANNEL" -n "$name" ${sequence:+--sequence "$sequence"} \
            --output json 2> /dev/null | jq -r '.source.Type.LocalPackage.package_id // empty') || true
    fi
    if [ -n "$approved" ] && as_admin "$msp" lifecycle chaincode queryinstalled --output json 2> /dev/null \
        | jq -e --arg id "$approved" 'any(.installed_chaincodes[]?; .package_id == $id)' > /dev/null; then installed=true; fi
    folder=$(chaincode_folder "$name")/$version
    digest=$(cat "$folder/digest" 2> /dev/null) || true
    if [ -s "$folder/command" ] && [ -n "$(< "$folder/command")" ]; then
        if is_running "$(service_name "$name" "$version" "$msp")"; then running=true; else running=false; fi
    fi
    jq -nc --arg msp "$msp" --arg version "$version" --arg approved "$approved" --arg digest "$digest" \
        --argjson installed "$installed" --argjson running "$running" --argjson now "${now:-null}" \
        '{mspId: $msp, version: $version, sequence: $now.sequence, endorsement: $now.policy, approvedPackage: $approved,
          buildDigest: $digest, installed: $installed, serviceRunning: $running}'
}

certificate_files() {
    find "$CRYPTO" -type f \( -path '*/signcerts/*.pem' -o -name server.crt -o -name client.crt -o -name 'ca.*-cert.pem' \
        -o -name 'tlsca.*-cert.pem' -o -path '*/chaincode/*/*.crt' \) -not -path '*/msp/cacerts/*' -not -path '*/msp/tlscacerts/*'
    # The pairs that services and packages in force hold.
    [ ! -d "$NET_DIR/chaincode" ] || find "$NET_DIR/chaincode" -type f -name service.crt | while read -r file; do
        [ -f "$(dirname "$(dirname "$file")")/retired" ] || echo "$file"
    done
}

# certificates_json: one object a file, soonest end first.
certificates_json() {
    local file end
    certificate_files | sort | while read -r file; do
        end=$(openssl x509 -in "$file" -noout -enddate 2> /dev/null | cut -d= -f2) || continue
        printf '%s\t%s\n' "$(date -u -d "$end" +%s)" "${file#"$NET_DIR/"}"
    done | sort -n | jq -Rnc --argjson now "$(date +%s)" '[inputs | split("\t") | (.[0] | tonumber) as $until
        | {file: .[1], notAfter: ($until | todate), days: (($until - $now) / 86400 | floor)}]'
}

# report DAYS: everything; "findings" says in sentences what needs somebody's hand.
report() {
    local work order msp name
    work=$(mktemp -d "$NET_DIR/tmp.XXXXXX")
    mkdir "$work/orderers" "$work/peers" "$work/chaincodes"
    for order in "${ORDERERS[@]}"; do orderer_json "$order" > "$work/orderers/$order" 2> /dev/null & done
    for msp in $(all_msps); do peer_json "$msp" > "$work/peers/$msp" 2> /dev/null & done
    wait
    for name in $(known_chaincodes); do
        mkdir "$work/members"
        for msp in $(hospitals); do chaincode_json "$name" "$msp" > "$work/members/$msp" 2> /dev/null & done
        wait
        # The newest that a peer has; where none answers, what was written down; and what was never committed is none.
        for msp in $(hospitals); do cat "$work/members/$msp"; done | jq -sc --arg name "$name" --arg version "$(definition "$name" VERSION)" \
            --arg sequence "$(definition "$name" SEQUENCE)" --arg endorsement "$(definition "$name" ENDORSEMENT)" \
            '(map(select(.sequence != null)) | max_by(.sequence))
             // {version: $version, sequence: ($sequence | tonumber? // null), endorsement: $endorsement} | select(.sequence != null)
             | {name: $name, version, sequence, endorsement}' > "$work/definition"
        for msp in $(hospitals); do cat "$work/members/$msp"; done \
            | jq -sc --slurpfile definition "$work/definition" '$definition[] + {members: map(del(.endorsement))}' > "$work/chaincodes/$name"
        rm -r "$work/members"
    done
    certificates_json > "$work/certificates"
    jq -n --arg folder "$NET_DIR" --arg channel "$CHANNEL" --arg layout "$LAYOUT" --argjson soon "$1" \
        --slurpfile orderers <(for order in "${ORDERERS[@]}"; do cat "$work/orderers/$order"; done) \
        --slurpfile peers <(for msp in $(all_msps); do cat "$work/peers/$msp"; done) \
        --slurpfile chaincodes <(for name in $(known_chaincodes); do cat "$work/chaincodes/$name"; done) \
        --slurpfile certificates "$work/certificates" '
        {folder: $folder, layout: $layout, channel: $channel, orderers: $orderers, peers: $peers, chaincodes: $chaincodes,
         certificates: $certificates[0]}
        | .findings = [
            (.orderers[], .peers[] | select(.healthy | not) | "\(.name) does not answer"),
            (.orderers[], .peers[] | select(.healthy and (.member | not)) | "\(.name) is not on channel \($channel)"),
            ((.peers | map(.height // 0) | max) as $top | .peers[] | select(.member and .height < $top - 100)
                | "\(.name) lags \($top - .height) blocks behind"),
            (.chaincodes[] | . as $cc | .members[] | . as $m
                | (select(.sequence != null and .sequence != $cc.sequence)
                    | "\($m.mspId) has \($cc.name) at sequence \($m.sequence), not \($cc.sequence)"),
                  (select(.version != "" and (.installed | not)) | "\($m.mspId) has not installed and approved \($cc.name) \($cc.version)"),
                  (select(.serviceRunning == false) | "the service of \($cc.name) of \($m.mspId) does not run")),
            (.certificates[] | select(.days < $soon)
                | if .days < 0 then "\(.file) expired on \(.notAfter)" else "\(.file) expires in \(.days) days" end)]'
    rm -rf "$work"
}
