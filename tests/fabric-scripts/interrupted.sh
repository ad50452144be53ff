# shellcheck shell=bash
# deploy and upgrade against a stand-in for Fabric's peer, stopped around every step and run again. Sourced by run.sh.

stand_in=$(readlink -f "$here/peer")
ln -sf "$stand_in" "$work/bin/peer"
ln -sf "$(readlink -f "$here/configtxlator")" "$work/bin/configtxlator"
# A busy machine is slow to answer, which is not what this is about.
export FABRIC_BIN=$work/bin NET_DIR=$work/lifecycle STANDIN=$work/standin ASK_LIMIT=120
mkdir -p "$STANDIN" "$NET_DIR/crypto" "$NET_DIR/logs"
# Something that listens where the ordering node would.
openssl s_server -accept 127.0.0.1:0 -nocert -www < /dev/null > "$work/listener" 2>&1 &
listener=$!
port=
for _ in {1..600}; do
    port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$work/listener")
    [ -z "$port" ] || break
    sleep 0.1
done
: > "$NET_DIR/.healthshare-fabric"
printf '%s\n' LAYOUT=native CHANNEL=health "BASE_PORT=$port" BATCH_TIMEOUT=200ms BATCH_MESSAGES=500 RAFT_TICK=200ms > "$NET_DIR/network.env"
other="OutOf(2,'NorthMSP.peer',AND('SouthMSP.peer','EastMSP.member'),OR('EastMSP.client'))"
echo '[{"name": "shared", "policy": "OR('"'NorthMSP.member', 'SouthMSP.member'"')", "requiredPeerCount": 1, "maxPeerCount": 2,
    "blockToLive": 100, "memberOnlyRead": true, "endorsementPolicy": {"signaturePolicy": "OR('"'NorthMSP.peer','SouthMSP.peer'"')"}}]' \
    > "$work/one.json"
jq '. + [{name: "plain", policy: "OR('"'NorthMSP.member'"')", endorsementPolicy: {channelConfigPolicy: "/Channel/Application/Endorsement"}}]' \
    "$work/one.json" > "$work/two.json"

# What the channel says of its members and of who decides definitions, as configtxlator tells it.
jq -n '{channel_group: {groups: {Application: {groups: {NorthMSP: {}, SouthMSP: {}, EastMSP: {}, RegulatorMSP: {}}, policies: {
    LifecycleEndorsement: {mod_policy: "Admins", policy: {type: 1, value: {rule: {n_out_of: {n: 2}}}}}, Endorsement: {mod_policy: "Admins"}}}}}}' \
    > "$STANDIN/config.json"
# decides NAME...: of these hospitals' peers this many (the first argument) decide definitions.
decides() {
    answers 0 "$*" jq -r '.channel_group.groups.Application.policies | if .Endorsement == .LifecycleEndorsement then . else error("they differ") end
        | .Endorsement.policy.value | "\(.rule.n_out_of.n) \([.identities[].principal | "\(.msp_identifier).\(.role)"] | join(" "))"' "$STANDIN/config.json"
}

services=(--address 127.0.0.1:9)
# stopped STEP COMMAND...: the script is killed there, and what it had begun has ended.
stopped() {
    answers 137 "" env STOP="$1" bash -c 'echo $$ > "$STANDIN/script"; exec "$@"' run "${@:2}"
    flock "$NET_DIR/lock" true
}
# recorded NAME TEXT: what is written down as in force.
recorded() { answers 0 "$2" paste -sd ' ' "$NET_DIR/chaincode/$1/definition.env"; }

# --- status before the first deploy --------------------------------------------------------------------------------------
answers 1 "peer0.north.example does not answer" ./status
answers 0 "0" jq '.chaincodes | length' <(./status --json)

# --- deploy: whatever run is stopped, the next one finishes -----------------------------------------------------------------
for step in "install after" "approveformyorg before" "approveformyorg after" "commit before" "commit after"; do
    name=cc_${step// /_}
    stopped "$step" ./deploy --name "$name" --collections "$work/one.json" "${services[@]}"
    answers 0 "$name 1.0 is in force" ./deploy --name "$name" --collections "$work/one.json" "${services[@]}"
    recorded "$name" "VERSION=1.0 SEQUENCE=1 POLICY=majority ENDORSEMENT=OutOf(2,'NorthMSP.peer','SouthMSP.peer','EastMSP.peer')"
    answers 0 "1" grep -c '^commit ' "$STANDIN/calls"
    : > "$STANDIN/calls"
done
# Once more, nothing is left to do.
answers 0 "$name 1.0 is in force" ./deploy --name "$name" --collections "$work/one.json" "${services[@]}"
answers 1 "" grep -E '^(install|approveformyorg|commit) ' "$STANDIN/calls"

# Stopped after the commit, it is in force for status, too, and for upgrade, which takes policy and collections from there.
stopped "commit after" ./deploy --name late --policy "$other" --collections "$work/one.json" "${services[@]}"
answers 1 "" test -f "$NET_DIR/chaincode/late/definition.env"
answers 0 "1.0 1 OutOf(2,'NorthMSP.peer',OutOf(2,'SouthMSP.peer','EastMSP.member'),OutOf(1,'EastMSP.client'))" \
    jq -r '.chaincodes[] | select(.name == "late") | "\(.version) \(.sequence) \(.endorsement)"' <(./status --json)
answers 1 "use upgrade to change them" ./deploy --name late "${services[@]}"
answers 1 "and the collections shared; use upgrade" ./deploy --name late --policy "$other" --collections "$work/two.json" "${services[@]}"
answers 0 "late 1.0 is in force" ./deploy --name late --policy "$other" --collections "$work/one.json" "${services[@]}"
recorded late "POLICY=$other"

# --- packages alone: of what is in force they stay, of what never came into force they are made anew ----------------------------
prepare=(./deploy --name "$name" "${services[@]}" --package-only --digest)
package=$(< "$NET_DIR/chaincode/$name/1.0/NorthMSP/package.id")
answers 1 "use upgrade with a new version" "${prepare[@]}" "$(printf '%064d' 1)"
answers 0 "$package" cat "$NET_DIR/chaincode/$name/1.0/NorthMSP/package.id"
answers 0 "" test -f "$NET_DIR/chaincode/$name/1.0/NorthMSP/package.tar.gz"
prepare[2]=prepared
answers 0 "NorthMSP: prepared_1.0_000000000000:" "${prepare[@]}" "$(printf '%064d' 1)"
answers 0 "never came into force; it is made anew" "${prepare[@]}" "$(printf '%064d' 2)"

# --- approved once, and corrected before the commit ------------------------------------------------------------------------
stopped "commit before" ./deploy --name corrected "${services[@]}"
answers 0 "committed corrected" ./deploy --name corrected --policy "$other" "${services[@]}"
stopped "commit before" ./deploy --name corrected2 --collections "$work/one.json" "${services[@]}"
answers 0 "committed corrected2" ./deploy --name corrected2 --collections "$work/two.json" "${services[@]}"

# --- upgrade ----------------------------------------------------------------------------------------------------------------
answers 1 "is in force with the policy" ./upgrade --name corrected2 --version 1.0 --collections "$work/one.json" "${services[@]}"
answers 1 "is in force with the policy" ./upgrade --name corrected2 --version 1.0 --policy "$other" "${services[@]}"
stopped "commit after" ./upgrade --name corrected2 --version 2.0 --collections "$work/one.json" "${services[@]}"
rm "$work/one.json"
answers 0 "corrected2 2.0 is in force" ./upgrade --name corrected2 --version 2.0 "${services[@]}"
recorded corrected2 "VERSION=2.0 SEQUENCE=2 POLICY=majority"
answers 0 "shared" jq -r '.[].name' "$NET_DIR/chaincode/corrected2/collections.json"
answers 0 "sequence 3" ./upgrade --name corrected2 --version 3.0 "${services[@]}"
answers 0 "committed corrected2 4.0, sequence 4" ./upgrade --name corrected2 --version 4.0 --collections "$work/two.json" "${services[@]}"
answers 2 "holds no list of collections" ./upgrade --name corrected2 --version 5.0 --collections "$NET_DIR/network.env" "${services[@]}"

# --- suspend-org ------------------------------------------------------------------------------------------------------------
suspended=$(find "$NET_DIR/chaincode" -name definition.env -exec grep -l '^POLICY=majority' {} + | wc -l)
stopped "commit before" ./suspend-org --msp SouthMSP
: > "$STANDIN/calls"
answers 1 "policies of their own that name SouthMSP" ./suspend-org --msp SouthMSP
answers 0 "$suspended" grep -c '^commit ' "$STANDIN/calls"
answers 1 "" grep -E '^(install|approveformyorg|commit) SouthMSP' "$STANDIN/calls"
recorded corrected2 "POLICY=majority ENDORSEMENT=OutOf(2,'NorthMSP.peer','EastMSP.peer')"
answers 0 "SouthMSP south.example suspended" cat "$NET_DIR/members.txt"
decides 2 NorthMSP.PEER EastMSP.PEER
answers 0 "EastMSP NorthMSP RegulatorMSP" echo $(sort "$STANDIN/signers")
: > "$STANDIN/calls"
answers 1 "give them others with upgrade --policy: corrected late" ./suspend-org --msp SouthMSP # once more, nothing is left to do
answers 1 "" grep -E '^(install|approveformyorg|commit) ' "$STANDIN/calls"
answers 2 "there is no member WestMSP" ./suspend-org --msp WestMSP
answers 2 "RegulatorMSP is a regulator" ./suspend-org --msp RegulatorMSP
answers 0 "EastMSP NorthMSP RegulatorMSP" echo $(sort "$STANDIN/signers")
# Another one: fewer are left than decided before, and more members are suspended than can be left unasked.
: > "$STANDIN/signers"
answers 1 "give them others with upgrade --policy: corrected late" ./suspend-org --msp EastMSP
decides 1 NorthMSP.PEER
answers 0 "NorthMSP RegulatorMSP SouthMSP" echo $(sort "$STANDIN/signers")
recorded corrected2 "POLICY=majority ENDORSEMENT=OutOf(1,'NorthMSP.peer')"
answers 1 "NorthMSP is the last hospital that endorses" ./suspend-org --msp NorthMSP
: > "$STANDIN/signers"
answers 1 "" ./suspend-org --msp EastMSP --reinstate
decides 2 NorthMSP.PEER EastMSP.PEER
: > "$STANDIN/signers"
answers 1 "" ./suspend-org --msp SouthMSP --reinstate
answers 0 "EastMSP NorthMSP RegulatorMSP" echo $(sort "$STANDIN/signers")
decides 2 NorthMSP.PEER SouthMSP.PEER EastMSP.PEER
recorded corrected2 "ENDORSEMENT=OutOf(2,'NorthMSP.peer','SouthMSP.peer','EastMSP.peer')"

# --- add-org takes no member of another kind for a hospital -------------------------------------------------------------------
answers 1 "RegulatorMSP is a member already, as a regulator" ./add-org --msp RegulatorMSP --domain regulator.example
members=$(< "$NET_DIR/members.txt")
sed -i 's/^\(EastMSP .*\) hospital$/\1 suspended/' "$NET_DIR/members.txt"
answers 1 "suspend-org --reinstate" ./add-org --msp EastMSP --domain east.example
echo "$members" > "$NET_DIR/members.txt"

# A peer that fails is not one that has nothing in force.
rm "$work/bin/peer"
printf '#!/bin/sh\n[ "$1" = version ] && echo " Version: v2.5.4" && exit\necho "connection refused" >&2\nexit 1\n' > "$work/bin/peer"
chmod +x "$work/bin/peer"
answers 1 "does not say what is committed" ./deploy --name corrected2 "${services[@]}"
answers 1 "does not say what is committed" ./upgrade --name corrected2 --version 6.0 "${services[@]}"

# One that says nothing at all is waited for so many seconds, once.
printf '#!/bin/sh\n[ "$1" = version ] && echo " Version: v2.5.4" && exit\necho "$CORE_PEER_LOCALMSPID" >> "$STANDIN/asked"\nexec sleep 600\n' > "$work/bin/peer"
answers 1 "NorthMSP: unknown, since its peer does not answer" env ASK_LIMIT=10 timeout 300 ./status
answers 0 "1" grep -c NorthMSP "$STANDIN/asked"

kill "$listener"
