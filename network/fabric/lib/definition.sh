# shellcheck shell=bash
# What definition of a chaincode is in force: asked of the peers, which alone know, and written down for when they do not run.
# Sourced, not run.
#
# NET_DIR/chaincode/NAME/definition.env      VERSION, SEQUENCE, POLICY ("majority" or a signature policy), ENDORSEMENT (what that
#                                            came to), COLLECTIONS (a file)
# NET_DIR/chaincode/NAME/collections.json    the collections in force, as a collections file; whatever became of the one given

definition_jq() { jq -L "$FABRIC_ROOT/lib" "$1" "include \"definition\"; $2" "${@:3}"; } # OPTION FILTER [ARGUMENT...]

# in_force NAME [MSP]: the definition that a member's peer has committed, as JSON: version, sequence, policy, collections. Empty
# where there is none.
in_force() {
    local answer msp=${2:-$(hospitals | head -n 1)}
    if answer=$(as_admin "$msp" lifecycle chaincode querycommitted -C "$CHANNEL" -n "$1" --output json 2>&1); then
        definition_jq -c committed <<< "$answer" || fail "what the peer of $msp says of $1 cannot be read: $answer"
    elif ! grep -q 'is not defined' <<< "$answer"; then
        printf '%s\n' "$answer" >&2
        fail "the peer of $msp does not say what is committed; is the network up?"
    fi
}
# committed NAME FILTER [MSP]: .version, .sequence or another jq filter over that.
committed() {
    local answer
    answer=$(in_force "$1" "${@:3}") || exit 1
    jq -r "$2" <<< "$answer"
}

policy_text() { # POLICY
    # shellcheck disable=SC2046 # MSP ids hold no white space
    if [ "$1" = majority ]; then majority_policy $(hospitals); else printf '%s' "$1"; fi
}

# check_collections FILE: is one, as Fabric takes it.
check_collections() {
    [ -z "$1" ] || definition_jq -e 'wanted_collections | length > 0' "$1" > /dev/null 2>&1 \
        || misused "--collections holds no list of collections in JSON, each with a name and a policy: $1"
}
# same_definition NAME POLICY COLLECTIONS: what is in force is endorsed so and has these collections.
same_definition() {
    local now wanted
    now=$(in_force "$1" | jq -Sc '[.policy, .collections]') || exit 1
    # shellcheck disable=SC2016 # jq's variables
    wanted=$(definition_jq -Sc '[($policy | normal), ($files[0] // [] | wanted_collections)]' -n --arg policy "$(policy_text "$2")" \
        --slurpfile files "${3:-/dev/null}") || fail "the policy '$2' and the collections '$3' cannot be read"
    [ "$now" = "$wanted" ]
}
# describe_definition NAME: for messages.
describe_definition() {
    local names
    names=$(committed "$1" '[.collections[].name] | join(", ")')
    printf "the policy '%s' and %s" "$(committed "$1" .policy)" "${names:+the collections }${names:-no collections}"
}

# definition NAME FIELD: what was written down; empty if nothing.
definition() { sed -n "s/^$2=//p" "$(chaincode_folder "$1")/definition.env" 2> /dev/null || true; }
# record_definition NAME [POLICY]: writes down what is in force. A run that was stopped between the commit and this leaves it to
# the next one. POLICY is how the policy was asked for; without one, what is written down for the same sequence stays.
record_definition() {
    local folder now policy=${2:-} endorsement collections=''
    now=$(in_force "$1")
    [ -n "$now" ] || return 0
    folder=$(chaincode_folder "$1")
    endorsement=$(jq -r .policy <<< "$now")
    [ -n "$policy" ] || [ "$(definition "$1" SEQUENCE)" != "$(jq -r .sequence <<< "$now")" ] || policy=$(definition "$1" POLICY)
    if [ -z "$policy" ]; then
        policy=$endorsement
        [ "$policy" != "$(policy_text majority)" ] || policy=majority
    fi
    mkdir -p "$folder"
    if jq -e '.collections != []' <<< "$now" > /dev/null; then
        collections=$folder/collections.json
        jq .collections <<< "$now" > "$collections.new"
        mv "$collections.new" "$collections"
    fi
    jq -r --arg policy "$policy" --arg collections "$collections" \
        '"VERSION=\(.version)", "SEQUENCE=\(.sequence)", "POLICY=\($policy)", "ENDORSEMENT=\(.policy)", "COLLECTIONS=\($collections)"' \
        <<< "$now" > "$folder/definition.env.new"
    mv "$folder/definition.env.new" "$folder/definition.env"
}

# known_chaincodes: of which there is a folder, in force or not; deployed_chaincodes: of which something in force is written down.
known_chaincodes() {
    local folder
    for folder in "$NET_DIR"/chaincode/*/; do
        if [ -d "$folder" ]; then basename "$folder"; fi
    done
}
deployed_chaincodes() {
    local name
    for name in $(known_chaincodes); do
        if [ -f "$(chaincode_folder "$name")/definition.env" ]; then echo "$name"; fi
    done
}
