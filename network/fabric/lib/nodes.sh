# shellcheck shell=bash
# Ordering nodes and peers: starting them, joining them to the channel, asking them. Sourced, not run.

LOG_LEVEL=${LOG_LEVEL:-warn}
LOG_FORMAT="%{time:2006-01-02T15:04:05.000Z07:00} %{level} [%{module}] %{message}"

# as_admin MSP COMMAND...: runs the peer command line as a member's administrator, against that member's peer.
as_admin() {
    local msp=$1 domain
    shift
    domain=$(domain_of "$msp")
    env FABRIC_CFG_PATH="$CONFIG" FABRIC_LOGGING_SPEC=error \
        CORE_PEER_LOCALMSPID="$msp" \
        CORE_PEER_MSPCONFIGPATH="$(admin_home "$msp")/msp" \
        CORE_PEER_ADDRESS="$(peer_host "$msp"):$(peer_port "$msp")" \
        CORE_PEER_TLS_ROOTCERT_FILE="$(member_home "$msp")/tlsca/tlsca.$domain-cert.pem" \
        ${ASK_LIMIT:+timeout "$ASK_LIMIT"} "$FABRIC_BIN/peer" "$@"
}

# to_orderer [NUMBER]: options of the peer command line that name an ordering node.
to_orderer() {
    printf '%s\n' -o "$(orderer_host "${1:-1}"):$(orderer_port "${1:-1}")" --tls \
        --cafile "$(orderer_org)/tlsca/tlsca.$ORDERER_DOMAIN-cert.pem"
}

# Any ordering node takes a transaction; the first that answers is used.
find_orderer() {
    local order
    for order in "${ORDERERS[@]}"; do
        if (exec 3<> "/dev/tcp/$(orderer_host "$order")/$(orderer_port "$order")") 2> /dev/null; then
            mapfile -t ORDERER_OPTIONS < <(to_orderer "$order")
            return
        fi
    done
    fail "no ordering node answers"
}

# osnadmin_channel NUMBER COMMAND ARGUMENT...: prints osnadmin's answer; the first line is "Status: CODE".
osnadmin_channel() {
    local order=$1 home
    shift
    home=$(orderer_admin_home)
    ${ASK_LIMIT:+timeout "$ASK_LIMIT"} "$FABRIC_BIN/osnadmin" channel "$@" -o "$(orderer_host "$order"):$(orderer_admin_port "$order")" \
        --ca-file "$(orderer_org)/tlsca/tlsca.$ORDERER_DOMAIN-cert.pem" \
        --client-cert "$home/tls/client.crt" --client-key "$home/tls/client.key"
}

# ask_operations HOST PORT CA ADMIN_TLS PATH
ask_operations() {
    curl -fsS --noproxy '*' --max-time "${ASK_LIMIT:-3}" --cacert "$3" --cert "$4/client.crt" --key "$4/client.key" "https://$1:$2$5"
}
orderer_is_healthy() {
    ask_operations "$(orderer_host "$1")" "$(orderer_operations_port "$1")" \
        "$(orderer_org)/tlsca/tlsca.$ORDERER_DOMAIN-cert.pem" "$(orderer_admin_home)/tls" /healthz
}
peer_is_healthy() {
    ask_operations "$(peer_host "$1")" "$(peer_operations_port "$1")" \
        "$(member_home "$1")/tlsca/tlsca.$(domain_of "$1")-cert.pem" "$(admin_home "$1")/tls" /healthz
}

orderer_ports() { orderer_port "$1"; orderer_admin_port "$1"; orderer_operations_port "$1"; }
peer_ports() { peer_port "$1"; peer_chaincode_port "$1"; peer_operations_port "$1"; }

# check_ports: everything that does not run yet finds its ports free, so that a start does not stop half way.
check_ports() {
    local order msp ports
    for order in "${ORDERERS[@]}"; do
        mapfile -t ports < <(orderer_ports "$order")
        is_running "orderer$order" || need_ports "orderer$order" "${ports[@]}"
    done
    for msp in $(all_msps); do
        mapfile -t ports < <(peer_ports "$msp")
        is_running "peer-$msp" || need_ports "peer-$msp" "${ports[@]}"
    done
}

start_orderer() {
    local name=orderer$1 home data port admin operations root
    if is_running "$name"; then return; fi
    home=$(orderer_home "$1") data=$NET_DIR/data/$name root=$(orderer_org)/tlsca/tlsca.$ORDERER_DOMAIN-cert.pem
    port=$(orderer_port "$1") admin=$(orderer_admin_port "$1") operations=$(orderer_operations_port "$1")
    mkdir -p "$data"
    say "starting $name on port $port"
    spawn "$name" env FABRIC_CFG_PATH="$CONFIG" FABRIC_LOGGING_SPEC="$LOG_LEVEL" FABRIC_LOGGING_FORMAT="$LOG_FORMAT" \
        ORDERER_GENERAL_LISTENADDRESS=127.0.0.1 ORDERER_GENERAL_LISTENPORT="$port" \
        ORDERER_GENERAL_LOCALMSPID=OrdererMSP ORDERER_GENERAL_LOCALMSPDIR="$home/msp" \
        ORDERER_GENERAL_TLS_PRIVATEKEY="$home/tls/server.key" ORDERER_GENERAL_TLS_CERTIFICATE="$home/tls/server.crt" \
        ORDERER_GENERAL_TLS_ROOTCAS="[$root]" \
        ORDERER_GENERAL_CLUSTER_CLIENTPRIVATEKEY="$home/tls/server.key" \
        ORDERER_GENERAL_CLUSTER_CLIENTCERTIFICATE="$home/tls/server.crt" ORDERER_GENERAL_CLUSTER_ROOTCAS="[$root]" \
        ORDERER_ADMIN_LISTENADDRESS="127.0.0.1:$admin" ORDERER_ADMIN_TLS_CLIENTROOTCAS="[$root]" \
        ORDERER_ADMIN_TLS_PRIVATEKEY="$home/tls/server.key" ORDERER_ADMIN_TLS_CERTIFICATE="$home/tls/server.crt" \
        ORDERER_OPERATIONS_LISTENADDRESS="127.0.0.1:$operations" ORDERER_OPERATIONS_TLS_CLIENTROOTCAS="[$root]" \
        ORDERER_OPERATIONS_TLS_PRIVATEKEY="$home/tls/server.key" ORDERER_OPERATIONS_TLS_CERTIFICATE="$home/tls/server.crt" \
        ORDERER_FILELEDGER_LOCATION="$data" ORDERER_CONSENSUS_WALDIR="$data/etcdraft/wal" \
        ORDERER_CONSENSUS_SNAPDIR="$data/etcdraft/snapshot" \
        "$FABRIC_BIN/orderer"
}

start_peer() {
    local msp=$1 name=peer-$1 home data domain address chaincode operations root
    if is_running "$name"; then return; fi
    home=$(peer_home "$msp") data=$NET_DIR/data/$name domain=$(domain_of "$msp")
    address=127.0.0.1:$(peer_port "$msp") chaincode=$(peer_chaincode_port "$msp") operations=$(peer_operations_port "$msp")
    root=$(member_home "$msp")/tlsca/tlsca.$domain-cert.pem
    need_ports "$name" "${address#*:}" "$chaincode" "$operations"
    mkdir -p "$data"
    say "starting the peer of $msp on port ${address#*:}"
    spawn "$name" env FABRIC_CFG_PATH="$CONFIG" FABRIC_LOGGING_SPEC="$LOG_LEVEL" FABRIC_LOGGING_FORMAT="$LOG_FORMAT" \
        CORE_PEER_ID="peer0.$domain" CORE_PEER_LOCALMSPID="$msp" CORE_PEER_MSPCONFIGPATH="$home/msp" \
        CORE_PEER_ADDRESS="$address" CORE_PEER_LISTENADDRESS="$address" \
        CORE_PEER_CHAINCODELISTENADDRESS="127.0.0.1:$chaincode" CORE_PEER_CHAINCODEADDRESS="127.0.0.1:$chaincode" \
        CORE_PEER_GOSSIP_BOOTSTRAP="$address" CORE_PEER_GOSSIP_ENDPOINT="$address" \
        CORE_PEER_GOSSIP_EXTERNALENDPOINT="$address" \
        CORE_PEER_TLS_CERT_FILE="$home/tls/server.crt" CORE_PEER_TLS_KEY_FILE="$home/tls/server.key" \
        CORE_PEER_TLS_ROOTCERT_FILE="$root" CORE_PEER_TLS_CLIENTROOTCAS_FILES="$root" \
        CORE_OPERATIONS_LISTENADDRESS="127.0.0.1:$operations" CORE_OPERATIONS_TLS_CLIENTROOTCAS_FILES="$root" \
        CORE_OPERATIONS_TLS_CERT_FILE="$home/tls/server.crt" CORE_OPERATIONS_TLS_KEY_FILE="$home/tls/server.key" \
        CORE_PEER_FILESYSTEMPATH="$data" CORE_LEDGER_SNAPSHOTS_ROOTDIR="$data/snapshots" \
        CORE_CHAINCODE_EXTERNALBUILDERS="[{name: healthshare_ccaas, path: $FABRIC_ROOT/ccaas, propagateEnvironment: []}]" \
        "$FABRIC_BIN/peer" node start
}

# wait_healthy SECONDS PROCESS COMMAND...: gives up at once when the process has ended, and shows why.
wait_healthy() {
    local end=$((SECONDS + $1)) name=$2
    shift 2
    until "$@" > /dev/null 2>&1; do
        if ! is_running "$name" || [ "$SECONDS" -ge "$end" ]; then
            tail -n 5 "$NET_DIR/logs/$name.log" >&2
            fail "$name did not start; see $NET_DIR/logs/$name.log"
        fi
        sleep 0.1
    done
}

orderer_is_member() { osnadmin_channel "$1" list --channelID "$CHANNEL" 2> /dev/null | grep -q '^Status: 200'; }
join_orderer() {
    if orderer_is_member "$1"; then return; fi
    local answer
    answer=$(osnadmin_channel "$1" join --channelID "$CHANNEL" --config-block "$NET_DIR/$CHANNEL.block" 2>&1) || true
    grep -q '^Status: 201' <<< "$answer" || { printf '%s\n' "$answer"; return 1; }
    say "orderer$1 joined channel $CHANNEL"
}

peer_is_member() { as_admin "$1" channel list 2> /dev/null | grep -qx "$CHANNEL"; }
join_peer() {
    if peer_is_member "$1"; then return; fi
    as_admin "$1" channel join -b "$NET_DIR/$CHANNEL.block" || return 1
    say "the peer of $1 joined channel $CHANNEL"
}

# The ordering service has a leader once it hands out blocks to a reader of the channel.
orders() { as_admin "$(all_msps | head -n 1)" channel fetch newest "$NET_DIR/tmp.newest" -c "$CHANNEL" "${ORDERER_OPTIONS[@]}"; }
wait_for_order() {
    find_orderer
    wait_for 60 "the ordering service to elect a leader" orders
    rm -f "$NET_DIR/tmp.newest"
}

# height MSP: number of blocks that a member's peer has.
height() { as_admin "$1" channel getinfo -c "$CHANNEL" 2> /dev/null | sed -n 's/^Blockchain info: //p' | jq -er .height; }
