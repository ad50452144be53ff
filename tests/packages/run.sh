#!/usr/bin/env bash
# Packs the libraries that others may use, looks into the packages, and uses them as somebody would who has nothing else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
    cat <<'TEXT'
Usage: tests/packages/run.sh [--help]

Packs HealthShare.Fabric.Protocol, .Fabric.Client, .Chaincode.Shim and .DevLedger into a temporary folder, checks that each has
its README, documentation and symbols, and builds and runs a program that refers to these packages alone.

Exit status: 0 all is well, 1 it is not, 2 wrong usage.
TEXT
}
case ${1:-} in
    '') ;;
    --help|-h) usage; exit 0 ;;
    *) echo "unknown option: $1" >&2; usage >&2; exit 2 ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/healthshare-packages.XXXXXX")
trap 'rm -rf "$work"' EXIT
fail() { echo "packages: $*" >&2; exit 1; }

# A version of its own, so that no package of an earlier run is taken for this one's.
version=0.0.1-test.$(date +%s)
projects=(network/HealthShare.Fabric.Protocol network/HealthShare.DevLedger node/HealthShare.Fabric.Client chaincode/HealthShare.Chaincode.Shim)
for project in "${projects[@]}"; do
    dotnet pack "$project" -c Release -v quiet -p:Version="$version" -o "$work/feed"
    name=$(basename "$project")
    # Names stand in an archive as they are, so no tool to open it is needed.
    for part in README.md "lib/net10.0/$name.dll" "lib/net10.0/$name.xml"; do
        grep -aqF "$part" "$work/feed/$name.$version.nupkg" || fail "$name has no $part"
    done
    [ -s "$work/feed/$name.$version.snupkg" ] || fail "$name has no symbols"
    echo "$name packs"
done

# Hospitals compare digests of builds that each made for itself: from what the image is built from, in another folder, of another commit.
host=chaincode/HealthShare.Chaincode.Host
mkdir "$work/source"
sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' "$host/Dockerfile" | tr ' ' '\n' | xargs git ls-files -z -- \
    | tar --null --files-from=- --create --file=- | tar --extract --directory="$work/source"
git -C "$work/source" init -q
git -C "$work/source" add --all
git -C "$work/source" -c user.name=somebody -c user.email=somebody@else.example commit -qm 'Another commit'
dotnet publish "$host" -c Release -v quiet -o "$work/published"
(cd "$work/source" && dotnet publish "$host" -c Release -v quiet -o "$work/published-elsewhere")
digest=$(dotnet "$work/published/healthshare-chaincode.dll" digest)
elsewhere=$(dotnet "$work/published-elsewhere/healthshare-chaincode.dll" digest)
[ "$digest" = "$elsewhere" ] || fail "the same code has the digest $digest here and $elsewhere as the image is built, of another commit"
echo "the chaincode's digest is $digest wherever it is built"

cp -r tests/packages/Consumer "$work/consumer"
dotnet build "$work/consumer" -v quiet -p:PackedVersion="$version" -p:RestoreAdditionalProjectSources="$work/feed" \
    -p:RestorePackagesPath="$work/restored" || fail "a program that refers to the packages does not build"
said=$(dotnet "$work/consumer/bin/Debug/net10.0/Consumer.dll" "$work/state" 2> "$work/consumer.log") \
    || { cat "$work/consumer.log" >&2; fail "the program that refers to the packages failed"; }
[[ $said == "block "*": apple is"*green* ]] || fail "the program said: $said"
echo "$said"
