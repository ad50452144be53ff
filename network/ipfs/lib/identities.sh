# shellcheck shell=bash
# Keys, made on the spot and never replaced: the swarm's, the pinsets', and an identity for each daemon. Sourced, not run.

# bytes HEX: the bytes themselves.
bytes() {
    local escaped
    # shellcheck disable=SC2001 # every two digits, which no parameter expansion can do
    escaped=$(sed 's/../\\x&/g' <<< "$1")
    printf '%b' "$escaped"
}

base58() { # HEX
    awk -v hex="$1" 'BEGIN {
        alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
        for (i = 1; i < length(hex); i += 2) {
            carry = (index("0123456789abcdef", substr(hex, i, 1)) - 1) * 16 + index("0123456789abcdef", substr(hex, i + 1, 1)) - 1
            if (!carry && !length_) text = text "1"
            for (j = 0; j < length_; j++) { carry += digits[j] * 256; digits[j] = carry % 58; carry = int(carry / 58) }
            while (carry) { digits[length_++] = carry % 58; carry = int(carry / 58) }
        }
        while (length_) text = text substr(alphabet, digits[--length_] + 1, 1)
        print text
    }'
}

# The peer id of an Ed25519 public key: the key itself in libp2p's protobuf frame, as an identity multihash.
peer_id() { base58 "002408011220$1"; } # PUBLIC-KEY-HEX

# is_kept FILE: true where it is there. One that was emptied is never replaced: whoever still has the old one would be shut out.
is_kept() {
    [ -e "$1" ] || return 1
    [ -s "$1" ] || fail "$1 is empty; restore it from a backup, or remove it to have another one made"
}

# new_identity FILE: JSON with id and private_key as IPFS Cluster writes its identity.json; Kubo takes the same two values.
new_identity() {
    local key seed public
    if is_kept "$1"; then return 0; fi
    key=$(mktemp "$NET_DIR/key.XXXXXX")
    openssl genpkey -algorithm ed25519 -outform DER -out "$key" 2> /dev/null || { rm -f "$key"; fail "openssl cannot make Ed25519 keys"; }
    # Both forms are a fixed head and then the 32 bytes.
    seed=$(tail -c 32 "$key" | od -An -v -tx1 | tr -d ' \n')
    public=$(openssl pkey -inform DER -in "$key" -pubout -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n')
    rm -f "$key"
    [ ${#seed} = 64 ] && [ ${#public} = 64 ] || fail "the new key has no form that is known here"
    put "$1" <<TEXT
{"id": "$(peer_id "$public")", "private_key": "$(bytes "08011240$seed$public" | openssl base64 -A)"}
TEXT
}

new_secret() { is_kept "$1" || openssl rand -hex 32 | put "$1"; } # FILE

kubo_identity() { echo "$NET_DIR/$1/kubo.identity.json"; }
pins_identity() { echo "$NET_DIR/$1/pins-$2/identity.json"; }
id_of() { jq -r .id "$1"; }

make_identities() {
    local member pinset
    if ! is_kept "$NET_DIR/swarm.key"; then
        printf '/key/swarm/psk/1.0.0/\n/base16/\n%s\n' "$(openssl rand -hex 32)" | put "$NET_DIR/swarm.key"
        say "made the swarm key $NET_DIR/swarm.key: whoever has it can join the swarm"
    fi
    for member in "${MEMBERS[@]}"; do
        new_secret "$NET_DIR/pinsets/$member.secret"
        new_secret "$NET_DIR/$member/rest.password"
        new_identity "$(kubo_identity "$member")"
        for pinset in "${MEMBERS[@]}"; do new_identity "$(pins_identity "$member" "$pinset")"; done
    done
}
