# shellcheck shell=bash
# Chaincode services: packages, definitions, processes. Sourced, not run.
#
# NET_DIR/chaincode/NAME/VERSION/            command, digest, tls, address, build/ (a copy of what was approved)
# NET_DIR/chaincode/NAME/VERSION/MSP/        the member's package, its id, and service.env: the environment of its service
. "$FABRIC_ROOT/lib/definition.sh"

chaincode_folder() { echo "$NET_DIR/chaincode/$1"; }
service_name() { echo "cc-$1-$2-$3"; }
check_chaincode_name() { [[ $1 =~ ^[A-Za-z][A-Za-z0-9_]{0,63}$ ]] || misused "'$1' is no name for a chaincode: letters, digits and _"; }
check_version() { [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9_.+]{0,63}$ ]] || misused "'$1' is no version: letters, digits and _ . +"; }

# check_policy POLICY: a policy that names a member that is none could never be met, and Fabric takes it all the same.
check_policy() {
    local named
    [ -n "$1" ] && [ "$1" != majority ] || return 0
    named=$(grep -oE "'[^']+'" <<< "$1" | sed -E "s/^'(.*)\.(peer|client|admin|member|orderer)'\$/\1/" | sort -u || true)
    [ -n "$named" ] || misused "--policy names no member, such as 'NorthMSP.peer': $1"
    while read -r msp; do
        all_msps | grep -qxF "$msp" || misused "--policy names $msp, which is no member and role of this network: $(all_msps | paste -sd ' ')"
    done <<< "$named"
}

# check_service_options BUILD COMMAND DIGEST ADDRESS COLLECTIONS: as deploy and upgrade take them.
check_service_options() {
    [ -z "$3" ] || [[ $3 =~ ^[0-9a-f]{64}$ ]] || misused "--digest is no SHA-256 in lower-case hexadecimal: $3"
    [ -z "$1" ] || [ -z "$2" ] || misused "--build and --command exclude each other"
    [ -z "$4" ] || [ -z "$1$2" ] || misused "--address starts no process: give neither --build nor --command"
    [ -z "$4" ] || [[ $4 =~ ^[A-Za-z0-9.{}-]+:[0-9]+$ ]] || misused "--address is HOST:PORT, with {domain} in place of a member's domain"
    [ -z "$5" ] || [ -f "$5" ] || misused "--collections names no file: $5"
    case $2 in
        '' | [\"\'/]*) ;;
        *) [ -n "$(type -P -- "${2%% *}")" ] || misused "--command is one program with its arguments, and '${2%% *}' is no program here" ;;
    esac
}

# --- what runs -----------------------------------------------------------------------------------------------------------
# Where a build of HealthShare's chaincode is looked for when none is named.
find_build() {
    local folder
    for folder in "${HEALTHSHARE_CHAINCODE:-}" "$REPOSITORY/chaincode/HealthShare.Chaincode.Host/bin/Release/net10.0/publish" \
        "$REPOSITORY/artifacts/publish/HealthShare.Chaincode.Host/release"; do
        if [ -n "$folder" ] && [ -f "$folder/healthshare-chaincode.dll" ]; then echo "$folder"; return; fi
    done
    misused "no build of the chaincode was found; run" \
        "'dotnet publish chaincode/HealthShare.Chaincode.Host -c Release', or name one with --build or --command"
}

# build_digest FOLDER: what the build says of itself; empty for a build that cannot say it.
build_digest() { timeout 20 dotnet "$1/healthshare-chaincode.dll" digest 2> /dev/null | grep -Ex '[0-9a-f]{64}' || true; }

# discard_version NAME VERSION: ends what runs of a version that never came into force, and forgets it.
discard_version() {
    local msp process running=()
    for msp in $(all_msps); do
        process=$(service_name "$1" "$2" "$msp")
        if [ -f "$(pid_file "$process")" ]; then running+=("$process"); fi
    done
    stop_processes 40 "${running[@]}"
    rm -rf "$(chaincode_folder "$1")/${2:?}"
    say "version $2 of $1 never came into force; it is made anew"
}

# prepare_version NAME VERSION BUILD COMMAND DIGEST TLS ADDRESS IN-FORCE: records what the services of this version run. TLS is
# mutual or none. Where no version is IN-FORCE, one that was recorded before may still be changed.
# A build is copied, so that publishing the next one into the same folder changes nothing that runs or was approved.
prepare_version() {
    local name=$1 version=$2 build=$3 command=$4 digest=$5 tls=$6 address=$7 in_force=$8 folder recorded
    folder=$(chaincode_folder "$name")/$version
    if [ -n "$build" ]; then
        [ -f "$build/healthshare-chaincode.dll" ] || misused "--build names no folder with healthshare-chaincode.dll: $build"
        digest=$(build_digest "$build")
        [ -n "$digest" ] || warn "the build cannot state its digest; members cannot tell from the package what it runs"
        command="dotnet \"$folder/build/healthshare-chaincode.dll\""
    fi
    if [ -d "$folder" ] && [ -z "$in_force" ] && [ ! -f "$folder/retired" ] \
        && { [ "$(< "$folder/digest")" != "$digest" ] || [ "$(< "$folder/command")" != "$command" ]; }; then
        discard_version "$name" "$version"
    fi
    if [ -d "$folder" ]; then
        [ ! -f "$folder/retired" ] || fail "version $version of $name was in use before; choose a new one"
        recorded=$(< "$folder/digest")
        [ "$recorded" = "$digest" ] || fail "version $version of $name is the build ${recorded:-without a digest}, not" \
            "${digest:-one without a digest}; use upgrade with a new version"
        [ "$(< "$folder/command")" = "$command" ] || fail "version $version of $name runs '$(< "$folder/command")', not" \
            "'$command'; use upgrade with a new version"
        return
    fi
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    if [ -n "$build" ]; then cp -R "$build" "$folder.new/build"; fi
    printf '%s\n' "$command" > "$folder.new/command"
    printf '%s\n' "$digest" > "$folder.new/digest"
    printf '%s\n' "$tls" > "$folder.new/tls"
    printf '%s\n' "$address" > "$folder.new/address"
    mv "$folder.new" "$folder"
}

# --- packages ------------------------------------------------------------------------------------------------------------
package_id() { cat "$(chaincode_folder "$1")/$2/$3/package.id"; }

# The same files always give the same bytes, whatever the machine's clock, user and umask.
pack() { tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=0644 --format=ustar -C "$1" -cf - "${@:2}" | gzip -n; }

# next_service_port: the first that no service of this network has and nobody listens on.
next_service_port() {
    local port used
    used=$(grep -hos '^CHAINCODE_SERVER_ADDRESS=.*' "$NET_DIR"/chaincode/*/*/*/service.env | sed 's/.*://' || true)
    port=$(first_service_port)
    while grep -qx "$port" <<< "$used" || port_taken "$port"; do port=$((port + 1)); done
    echo "$port"
}

# make_package NAME VERSION MSP ADDRESS: ADDRESS is where the peer dials; empty starts a process here, on a port of its own.
make_package() {
    local name=$1 version=$2 msp=$3 address=$4 folder work crypto listen digest tls label
    folder=$(chaincode_folder "$name")/$version/$msp
    [ ! -f "$folder/package.id" ] || return 0
    work=$folder.new crypto=$(chaincode_crypto "$msp")
    digest=$(< "$(dirname "$folder")/digest") tls=$(< "$(dirname "$folder")/tls")
    rm -rf "$work"
    mkdir -p "$work"
    make_service_certificates "$msp"
    if [ -n "$address" ]; then
        address=${address//"{domain}"/$(domain_of "$msp")}
        listen=0.0.0.0:${address##*:}
    else
        address=127.0.0.1:$(next_service_port)
        listen=$address
    fi
    # The label is what a member sees before it approves: name, version, and the beginning of the build's digest.
    label=${name}_$version${digest:+_${digest:0:12}}
    if [ "$tls" = mutual ]; then
        # The service's own copies: a certificate renewed later belongs to the next package.
        cp "$crypto/ca.crt" "$crypto/service.crt" "$crypto/service.key" "$work/"
        jq -nc --arg address "$address" --rawfile ca "$crypto/ca.crt" --rawfile cert "$crypto/peer.crt" --rawfile key "$crypto/peer.key" \
            '{address: $address, dial_timeout: "10s", tls_required: true, client_auth_required: true,
              root_cert: $ca, client_cert: $cert, client_key: $key}' > "$work/connection.json"
    else
        jq -nc --arg address "$address" '{address: $address, dial_timeout: "10s", tls_required: false}' > "$work/connection.json"
    fi
    jq -nc --arg text "$label" '{type: "ccaas", label: $text}' > "$work/metadata.json"
    if [ -n "$digest" ]; then
        printf '%s\n' "$digest" > "$work/build.sha256"
        pack "$work" build.sha256 connection.json > "$work/code.tar.gz"
    else
        pack "$work" connection.json > "$work/code.tar.gz"
    fi
    pack "$work" metadata.json code.tar.gz > "$work/package.tar.gz"
    rm "$work/code.tar.gz" "$work/metadata.json" "$work/connection.json"
    printf '%s:%s\n' "$label" "$(sha256sum < "$work/package.tar.gz" | cut -d' ' -f1)" > "$work/package.id"
    service_environment "$folder" "$work" "$listen" "$address" "$tls" "$digest" > "$work/service.env"
    mv "$work" "$folder"
}

# service_environment FOLDER WORK LISTEN ADDRESS TLS DIGEST: lines NAME=VALUE, as docker's env_file takes them, too. Go, Java
# and .NET services read the first names of a pair, Node services the second.
service_environment() {
    local id folder=$1
    id=$(< "$2/package.id")
    printf '%s\n' "CHAINCODE_SERVER_ADDRESS=$3" "CHAINCODE_DIALLED_ADDRESS=$4" "CORE_CHAINCODE_ID_NAME=$id" "CHAINCODE_ID=$id"
    if [ "$5" = mutual ]; then
        printf '%s\n' CHAINCODE_TLS_DISABLED=false \
            "CHAINCODE_TLS_CERT=$folder/service.crt" "CHAINCODE_TLS_CERT_FILE=$folder/service.crt" \
            "CHAINCODE_TLS_KEY=$folder/service.key" "CHAINCODE_TLS_KEY_FILE=$folder/service.key" \
            "CHAINCODE_CLIENT_CA_CERT=$folder/ca.crt" "CHAINCODE_TLS_CLIENT_CACERT_FILE=$folder/ca.crt"
    else
        echo CHAINCODE_TLS_DISABLED=true
    fi
    if [ -n "$6" ]; then echo "CHAINCODE_BUILD_DIGEST=$6"; fi
}

# --- processes -----------------------------------------------------------------------------------------------------------
start_service() { # NAME VERSION MSP
    local name folder port environment
    name=$(service_name "$@")
    folder=$(chaincode_folder "$1")/$2
    if [ -z "$(< "$folder/command")" ] || is_running "$name"; then return; fi
    port=$(sed -n 's/^CHAINCODE_SERVER_ADDRESS=.*://p' "$folder/$3/service.env")
    need_ports "$name" "$port"
    mapfile -t environment < "$folder/$3/service.env"
    say "starting $1 $2 of $3 on port $port"
    spawn "$name" env "${environment[@]}" bash -c "exec $(< "$folder/command")"
}

service_listens() { port_taken "$(sed -n 's/^CHAINCODE_SERVER_ADDRESS=.*://p' "$(chaincode_folder "$1")/$2/$3/service.env")"; }

start_services() { # NAME VERSION
    local msp
    [ -n "$(< "$(chaincode_folder "$1")/$2/command")" ] || return 0
    for msp in $(hospitals); do
        if [ -f "$(chaincode_folder "$1")/$2/$msp/service.env" ]; then start_service "$1" "$2" "$msp"; fi
    done
    for msp in $(hospitals); do
        if [ -f "$(chaincode_folder "$1")/$2/$msp/service.env" ]; then
            wait_healthy 60 "$(service_name "$1" "$2" "$msp")" service_listens "$1" "$2" "$msp"
        fi
    done
}

# Versions that are not retired: while an upgrade is half done, old and new. One that does not start holds up no other.
start_recorded_services() {
    local name folder failed=''
    for name in $(deployed_chaincodes); do
        for folder in "$(chaincode_folder "$name")"/*/; do
            if [ ! -f "$folder/command" ] || [ -f "$folder/retired" ]; then continue; fi
            (start_services "$name" "$(basename "$folder")") || failed+=" $name $(basename "$folder")"
        done
    done
    [ -z "$failed" ] || fail "the network is up, but these chaincode services are not:$failed"
}

# link_works NAME MSP: the member's peer reaches its service. A refusal that the chaincode itself answers with is an answer.
link_works() {
    local answer
    answer=$(as_admin "$2" chaincode query -C "$CHANNEL" -n "$1" -c '{"Args":["org.hyperledger.fabric:GetMetadata"]}' 2>&1) && return
    grep -q 'response: status:' <<< "$answer" && ! grep -q 'error in simulation' <<< "$answer"
}

# --- lifecycle -----------------------------------------------------------------------------------------------------------
install_package() { # MSP; CC_NAME and CC_VERSION say which
    local id
    id=$(package_id "$CC_NAME" "$CC_VERSION" "$1")
    if as_admin "$1" lifecycle chaincode queryinstalled --output json | jq -e --arg id "$id" \
        'any(.installed_chaincodes[]?; .package_id == $id)' > /dev/null; then return; fi
    as_admin "$1" lifecycle chaincode install "$(chaincode_folder "$CC_NAME")/$CC_VERSION/$1/package.tar.gz" || return 1
    say "$1 installed $id"
}

definition_options() {
    local kind=--signature-policy
    # One of the channel's own policies, as other tools commit; nobody can ask for it here.
    case $CC_POLICY in /*) kind=--channel-config-policy ;; esac
    printf '%s\n' --channelID "$CHANNEL" --name "$CC_NAME" --version "$CC_VERSION" --sequence "$CC_SEQUENCE" \
        "$kind" "$(policy_text "$CC_POLICY")"
    if [ -n "$CC_COLLECTIONS" ]; then printf '%s\n' --collections-config "$CC_COLLECTIONS"; fi
}

# is_ready MSP: the member's approval is for exactly this definition. A peer answers so only before the commit.
is_ready() {
    local options
    mapfile -t options < <(definition_options)
    as_admin "$1" lifecycle chaincode checkcommitreadiness "${options[@]}" --output json 2> /dev/null \
        | jq -e --arg msp "$1" '.approvals[$msp]' > /dev/null
}

approve() { # MSP
    local id approved options
    id=$(package_id "$CC_NAME" "$CC_VERSION" "$1")
    approved=$(as_admin "$1" lifecycle chaincode queryapproved -C "$CHANNEL" -n "$CC_NAME" --sequence "$CC_SEQUENCE" --output json \
        2> /dev/null | jq -r '.source.Type.LocalPackage.package_id') || true
    if [ "$approved" = "$id" ] && { [ "$CC_COMMITTED" = "$CC_SEQUENCE" ] || is_ready "$1"; }; then return; fi
    mapfile -t options < <(definition_options)
    as_admin "$1" lifecycle chaincode approveformyorg "${ORDERER_OPTIONS[@]}" "${options[@]}" --package-id "$id" || return 1
    say "$1 approved $CC_NAME $CC_VERSION, sequence $CC_SEQUENCE, package $id"
}

commit() {
    local msp options peers=()
    if [ "$CC_COMMITTED" = "$CC_SEQUENCE" ]; then return; fi
    for msp in $(hospitals); do
        peers+=(--peerAddresses "$(peer_host "$msp"):$(peer_port "$msp")"
            --tlsRootCertFiles "$(member_home "$msp")/tlsca/tlsca.$(domain_of "$msp")-cert.pem")
    done
    mapfile -t options < <(definition_options)
    as_admin "$(hospitals | head -n 1)" lifecycle chaincode commit "${ORDERER_OPTIONS[@]}" "${options[@]}" "${peers[@]}" \
        > "$NET_DIR/logs/commit.log" 2>&1 || { tail -n 5 "$NET_DIR/logs/commit.log" >&2; fail "the definition was not committed"; }
    say "committed $CC_NAME $CC_VERSION, sequence $CC_SEQUENCE, endorsement $(policy_text "$CC_POLICY")"
}

has_committed() { local sequence; sequence=$(committed "$CC_NAME" .sequence "$1") && [ "$sequence" = "$CC_SEQUENCE" ]; }

# Brings the definition that CC_NAME, CC_VERSION, CC_SEQUENCE, CC_POLICY and CC_COLLECTIONS hold into force. Steps that are done
# already are passed over.
put_definition_in_force() {
    local msp
    find_orderer
    CC_COMMITTED=$(committed "$CC_NAME" .sequence)
    start_services "$CC_NAME" "$CC_VERSION"
    # shellcheck disable=SC2046 # MSP ids hold no white space
    for_each "installing the package" install_package $(hospitals)
    # shellcheck disable=SC2046
    for_each "approving the definition" approve $(hospitals)
    commit
    # Before anything is waited for: from here on this is what runs.
    record_definition "$CC_NAME" "$CC_POLICY"
    for msp in $(hospitals); do
        wait_for 60 "the peer of $msp to commit the definition" has_committed "$msp"
    done
    for msp in $(hospitals); do
        [ -z "$(< "$(chaincode_folder "$CC_NAME")/$CC_VERSION/command")" ] && continue
        wait_for 60 "the peer of $msp to reach its chaincode service (see $NET_DIR/logs)" link_works "$CC_NAME" "$msp"
    done
}

# other_versions NAME VERSION: the versions besides this one that are not retired.
other_versions() {
    local folder
    for folder in "$(chaincode_folder "$1")"/*/; do
        if [ -f "$folder/command" ] && [ ! -f "$folder/retired" ] && [ "$(basename "$folder")" != "$2" ]; then basename "$folder"; fi
    done
}
has_old_services() { [ -n "$(other_versions "$@")" ]; }

# retire_other_versions NAME VERSION: ends the services of every other version once they have finished what runs.
retire_other_versions() {
    local version msp process old=()
    for version in $(other_versions "$1" "$2"); do
        for msp in $(all_msps); do
            process=$(service_name "$1" "$version" "$msp")
            if [ -f "$(pid_file "$process")" ]; then old+=("$process"); fi
        done
    done
    stop_processes 40 "${old[@]}"
    for version in $(other_versions "$1" "$2"); do
        # The copy of the build and the settings of its services go; packages and ids stay as a record.
        rm -rf "$(chaincode_folder "$1")/$version/build" "$(chaincode_folder "$1")/$version"/*/service.{env,key}
        : > "$(chaincode_folder "$1")/$version/retired"
        say "ended the services of $1 $version"
    done
}
