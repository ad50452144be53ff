using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.Vault.Content.Cluster;

internal sealed record StatusAnswer(JsonElement? Cid, Dictionary<string, PeerStatusAnswer>? PeerMap);

internal sealed record PeerStatusAnswer(string? Peername, string? Status, string? Error, int AttemptCount)
{
    public ClusterPeerStatus ToStatus(string peerId) => new(IpfsErrors.Tidy(peerId), IpfsErrors.Tidy(Peername ?? ""), Status switch
    {
        "pinned" => ClusterPinState.Pinned,
        "pinning" => ClusterPinState.Pinning,
        "pin_queued" or "queued" => ClusterPinState.PinQueued,
        "pin_error" => ClusterPinState.PinError,
        "unpinning" => ClusterPinState.Unpinning,
        "unpin_queued" => ClusterPinState.UnpinQueued,
        "unpin_error" => ClusterPinState.UnpinError,
        "unpinned" => ClusterPinState.Unpinned,
        "unexpectedly_unpinned" => ClusterPinState.UnexpectedlyUnpinned,
        "remote" => ClusterPinState.Remote,
        "cluster_error" => ClusterPinState.ClusterError,
        _ => ClusterPinState.Unknown,
    }, IpfsErrors.Tidy(Error ?? ""), AttemptCount);
}

internal sealed record AllocationAnswer(JsonElement? Cid);

internal sealed record CollectionAnswer(Dictionary<string, PeerCollectionAnswer>? PeerMap);

internal sealed record PeerCollectionAnswer(string? Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString, MaxDepth = 8)]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(AllocationAnswer))]
[JsonSerializable(typeof(CollectionAnswer))]
internal sealed partial class ClusterJson : JsonSerializerContext
{
    /// <summary>A CID as text, or as older versions write it: <c>{"/": text}</c>.</summary>
    public static bool TryReadCid(JsonElement? value, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Cid? cid)
    {
        var text = value is { ValueKind: JsonValueKind.Object } link && link.TryGetProperty("/", out var inner) ? inner : value;
        return CidText.TryParse(text is { ValueKind: JsonValueKind.String } found ? found.GetString() : null, out cid);
    }
}
