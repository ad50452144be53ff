# shellcheck shell=bash
# Certificates that cryptogen does not make: identities with Fabric attributes, and the pairs for the links between a peer and
# its chaincode services. Sourced, not run.

CERT_DAYS=${CERT_DAYS:-730}

# expires_within FILE DAYS
expires_within() { ! openssl x509 -in "$1" -noout -checkend $(($2 * 86400)) > /dev/null 2>&1; }

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2> /dev/null; }

# sign_certificate CA_CERT CA_KEY KEY SUBJECT OUTPUT: extensions come on standard input.
sign_certificate() {
    local extensions work
    extensions=$(cat)
    work=$(mktemp -d "$NET_DIR/tmp.XXXXXX")
    {
        echo "basicConstraints = critical, CA:FALSE"
        echo "subjectKeyIdentifier = hash"
        echo "authorityKeyIdentifier = keyid"
        printf '%s\n' "$extensions"
    } > "$work/extensions"
    openssl req -new -sha256 -key "$3" -subj "$4" -out "$work/request" 2> "$work/errors" \
        && openssl x509 -req -sha256 -in "$work/request" -CA "$1" -CAkey "$2" -days "$CERT_DAYS" \
            -set_serial "0x7$(openssl rand -hex 15)" -extfile "$work/extensions" -out "$work/certificate" 2> "$work/errors" \
        || { cat "$work/errors" >&2; rm -rf "$work"; fail "no certificate could be made for $4"; }
    mv "$work/certificate" "$5"
    rm -rf "$work"
}

# attributes_json NAME=VALUE...
attributes_json() {
    local attribute
    for attribute in "$@"; do
        [[ $attribute =~ ^[A-Za-z0-9_.-]+=[A-Za-z0-9_.:@/\ -]*$ ]] || misused "an attribute is NAME=VALUE in plain characters, not '$attribute'"
    done
    jq -nc '{attrs: ([$ARGS.positional[] | capture("^(?<key>[^=]*)=(?<value>.*)$")] | from_entries)}' --args "$@"
}

identity_certificate() { # MSP NAME
    echo "$(member_home "$1")/users/$2@$(domain_of "$1")/msp/signcerts/$2@$(domain_of "$1")-cert.pem"
}

# certificate_attributes FILE: the attributes of a certificate as the JSON that it holds; {"attrs":{}} where it holds none.
certificate_attributes() {
    openssl x509 -in "$1" -noout -text | sed -n '/1\.2\.3\.4\.5\.6\.7\.8\.1:/{n;s/^ *//;p;}' | grep . || echo '{"attrs":{}}'
}

# issue_identity MSP NAME ATTRIBUTE...: a client identity of a member, as its authority would issue it. An identity that is
# there keeps its key, and its attributes where none are given, and gets a new certificate.
issue_identity() {
    local msp=$1 name=$2 domain home folder json ca
    shift 2
    domain=$(domain_of "$msp")
    home=$(member_home "$msp")
    folder=$home/users/$name@$domain/msp
    ca=$home/ca/ca.$domain-cert.pem
    if [ $# -eq 0 ] && [ -s "$(identity_certificate "$msp" "$name")" ]; then
        json=$(certificate_attributes "$(identity_certificate "$msp" "$name")")
        jq -e '.attrs | type == "object"' <<< "$json" > /dev/null || fail "the attributes of $name cannot be read; give them"
    else
        json=$(attributes_json "$@") || exit 2
    fi
    mkdir -p "$folder/signcerts" "$folder/keystore" "$folder/cacerts"
    [ -s "$folder/keystore/priv_sk" ] || new_key "$folder/keystore/priv_sk"
    # 1.2.3.4.5.6.7.8.1 is where Fabric's certificate authority puts attributes: JSON, as raw bytes.
    sign_certificate "$ca" "$home/ca/priv_sk" "$folder/keystore/priv_sk" "/OU=client/CN=$name@$domain" \
        "$folder/signcerts/$name@$domain-cert.pem" <<TEXT
keyUsage = critical, digitalSignature
1.2.3.4.5.6.7.8.1 = DER:$(printf '%s' "$json" | od -An -v -tx1 | tr -d ' \n')
TEXT
    cp "$ca" "$folder/cacerts/"
    cp "$home/msp/config.yaml" "$folder/"
}

chaincode_crypto() { echo "$CRYPTO/chaincode/$(domain_of "$1")"; }

# make_service_certificates MSP: an authority for nothing but the links between this member's peer and its chaincode services,
# so that no other certificate of the member opens one; a pair for the services and one for the peer. A pair that has less than
# 60 days left is made anew.
make_service_certificates() {
    local folder domain
    folder=$(chaincode_crypto "$1")
    domain=$(domain_of "$1")
    mkdir -p "$folder"
    if [ ! -s "$folder/ca.crt" ]; then
        new_key "$folder/ca.key"
        # Settings of its own: with -addext, OpenSSL 1.1.1 keeps its defaults beside what is given, and an extension that stands
        # there twice is refused by Fabric. The official tools image holds 1.1.1.
        openssl req -x509 -new -sha256 -key "$folder/ca.key" -days 3650 -config /dev/stdin -out "$folder/ca.crt.new" 2> /dev/null <<TEXT
[req]
prompt = no
distinguished_name = subject
x509_extensions = authority
[subject]
CN = chaincode-ca.$domain
[authority]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
TEXT
        mv "$folder/ca.crt.new" "$folder/ca.crt"
    fi
    if [ ! -s "$folder/service.crt" ] || expires_within "$folder/service.crt" 60; then
        new_key "$folder/service.key"
        sign_certificate "$folder/ca.crt" "$folder/ca.key" "$folder/service.key" "/CN=chaincode.$domain" "$folder/service.crt" <<TEXT
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:chaincode.$domain, DNS:localhost, IP:127.0.0.1
TEXT
    fi
    if [ ! -s "$folder/peer.crt" ] || expires_within "$folder/peer.crt" 60; then
        new_key "$folder/peer.key"
        sign_certificate "$folder/ca.crt" "$folder/ca.key" "$folder/peer.key" "/CN=peer0.$domain" "$folder/peer.crt" <<TEXT
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
TEXT
    fi
}
