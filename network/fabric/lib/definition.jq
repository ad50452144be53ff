# Definitions of chaincodes, as Fabric answers with them and as they are asked for, in one form that can be compared: policies
# as text of OutOf, collections as in a collections file with nothing left out. Used by lib/definition.sh.

# --- protocol buffers, for the signature policy, which the peer's JSON holds as base64 ------------------------------------
# jq's own @base64d is for text alone.
def bytes:
  (rtrimstr("=") | rtrimstr("=") | explode
    | map(if . >= 97 then . - 71 elif . >= 65 then . - 65 elif . >= 48 then . + 4 elif . == 43 then 62 else 63 end)) as $six
  | [range(0; $six | length * 6 / 8 | floor) | (. * 8) as $bit | ($bit / 6 | floor) as $i | (4 - $bit % 6) as $shift
     | ($six[$i] * 64 + $six[$i + 1]) / (if $shift == 4 then 16 elif $shift == 2 then 4 else 1 end) | floor % 256];
def varint($at): # [value, where the next byte is]
  . as $b | [0, 1, $at] | until($b[.[2]] < 128; [.[0] + ($b[.[2]] - 128) * .[1], .[1] * 128, .[2] + 1])
  | [.[0] + $b[.[2]] * .[1], .[2] + 1];
def fields: # [{number, value}]; numbers and length-delimited values are all that policies hold
  . as $b | [0, []] | until(.[0] >= ($b | length); . as [$at, $found]
    | ($b | varint($at)) as [$tag, $next] | ($b | varint($next)) as [$value, $after] | ($tag / 8 | floor) as $number
    | if $tag % 8 == 2 then [$after + $value, $found + [{number: $number, value: $b[$after:$after + $value]}]]
      elif $tag % 8 == 0 then [$after, $found + [{number: $number, value: $value}]]
      else error("a policy of this definition cannot be read") end) | .[1];
def field($number): first((.[] | select(.number == $number) | .value), null);

# --- policies ------------------------------------------------------------------------------------------------------------
def role: # 'NorthMSP.peer', from the bytes of a principal
  fields | "'\(field(1) | implode).\(["member", "admin", "client", "peer", "orderer"][field(2) // 0])'";
def rule_text($roles):
  .Type | if has("SignedBy") then $roles[.SignedBy]
          else "OutOf(\(.NOutOf.n),\([.NOutOf.rules[] | rule_text($roles)] | join(",")))" end;
def rule:
  fields | first | if .number == 1 then {Type: {SignedBy: .value}}
    else {Type: {NOutOf: (.value | fields | {n: field(1), rules: [.[] | select(.number == 2) | .value | rule]})}} end;
def envelope_text: # of the peer's JSON
  [.identities[].principal | bytes | role] as $roles | .rule | rule_text($roles);
def validation_text: # of the base64 of an ApplicationPolicy: a signature policy, or the name of one of the channel's
  bytes | fields | if field(1) == null then field(2) | implode
    else field(1) | fields | [.[] | select(.number == 3) | .value | fields | field(2) | role] as $roles
      | field(2) | rule | rule_text($roles) end;

# As Fabric keeps a policy that somebody wrote. From the inside out: brackets stand for what is done.
def innermost:
  . as $text | sub("(?<f>AND|OR|OutOf)\\((?<a>[^()]*)\\)"; .a as $a | (.f | ascii_downcase) as $f
      | ($a | gsub(",";";")) as $inner
      | if $f == "outof" then "OutOf[\($inner)]" else "OutOf[\(if $f == "or" then 1 else $a | split(",") | length end);\($inner)]" end; "i")
  | if . == $text then . else innermost end;
def normal: gsub("\\s"; "") | innermost | gsub("\\[";"(") | gsub("\\]";")") | gsub(";";",");

# --- collections and the whole ---------------------------------------------------------------------------------------------
def committed_collections:
  [.collections.config[]?.Payload.StaticCollectionConfig | {
    name, policy: (.member_orgs_policy.Payload.SignaturePolicy | envelope_text),
    requiredPeerCount: (.required_peer_count // 0), maxPeerCount: (.maximum_peer_count // 0), blockToLive: (.block_to_live // 0),
    memberOnlyRead: (.member_only_read // false), memberOnlyWrite: (.member_only_write // false)}
    + (.endorsement_policy.Type // {} | if has("SignaturePolicy") then {endorsementPolicy: {signaturePolicy: .SignaturePolicy | envelope_text}}
        elif has("ChannelConfigPolicyReference") then {endorsementPolicy: {channelConfigPolicy: .ChannelConfigPolicyReference}} else {} end)];
# With the values that Fabric takes where a file names none.
def wanted_collections:
  map({name, policy: (.policy | normal), requiredPeerCount: (.requiredPeerCount // 0),
    maxPeerCount: (if .maxPeerCount == null then 1 else .maxPeerCount end), blockToLive: (.blockToLive // 0),
    memberOnlyRead: (.memberOnlyRead // false), memberOnlyWrite: (.memberOnlyWrite // false)}
    + (.endorsementPolicy // {} | if .signaturePolicy // "" != "" then {endorsementPolicy: {signaturePolicy: .signaturePolicy | normal}}
        elif .channelConfigPolicy // "" != "" then {endorsementPolicy: {channelConfigPolicy}} else {} end));

def committed: {version, sequence, policy: (.validation_parameter | validation_text), collections: committed_collections};
