using System.Text.Json.Serialization;

namespace HealthShare.Vault.Content.Kubo;

/// <summary>What a daemon says of itself.</summary>
/// <param name="Version">Its version, such as <c>0.38.1</c>.</param>
/// <param name="Commit">The commit it was built from; may be empty.</param>
/// <param name="Repo">Version of its repository's format.</param>
public sealed record KuboVersion(string Version, string? Commit, string? Repo)
{
    /// <summary>True for Kubo itself, which names the Go that it was built with; false for others that speak its interface.</summary>
    public bool IsKubo { get; init; }
}

/// <summary>A daemon's identity in the swarm.</summary>
/// <param name="PeerId">Its peer id.</param>
/// <param name="Addresses">Multiaddresses under which it listens.</param>
/// <param name="Agent">Name and version of its software.</param>
public sealed record KuboIdentity(string PeerId, IReadOnlyList<string> Addresses, string? Agent);

/// <summary>A peer that a daemon is connected with.</summary>
/// <param name="PeerId">Its peer id.</param>
/// <param name="Address">The multiaddress of the connection.</param>
public sealed record KuboPeer(string PeerId, string Address);

/// <summary>How full a daemon's repository is.</summary>
/// <param name="Objects">Blocks.</param>
/// <param name="Size">Bytes they take.</param>
/// <param name="Limit">Bytes at which garbage collection would begin.</param>
public sealed record KuboRepoStat(ulong Objects, ulong Size, ulong Limit);

internal sealed record VersionAnswer(string? Version, string? Commit, string? Repo, string? Golang);

internal sealed record IdAnswer([property: JsonPropertyName("ID")] string? Id, IReadOnlyList<string>? Addresses, string? AgentVersion);

internal sealed record PeersAnswer(IReadOnlyList<PeerAnswer>? Peers);

internal sealed record PeerAnswer(string? Peer, string? Addr);

internal sealed record RepoStatAnswer(ulong NumObjects, ulong RepoSize, ulong StorageMax);

internal sealed record BlockAnswer(string? Key, long? Size);

internal sealed record BlockRemoved(string? Hash, string? Error);

internal sealed record AddedAnswer(string? Name, string? Hash);

internal sealed record PinsAnswer(IReadOnlyList<string>? Pins, long? Progress);

internal sealed record PinLine(string? Cid, string? Type);

internal sealed record RefLine(string? Ref, string? Err);

internal sealed record ImportLine(ImportRoot? Root);

internal sealed record ImportRoot(LinkAnswer? Cid, string? PinErrorMsg);

internal sealed record CollectedLine(LinkAnswer? Key, string? Error);

internal sealed record LinkAnswer([property: JsonPropertyName("/")] string? Text);

// js-ipfs writes some numbers as strings, Kubo others.
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString, MaxDepth = 8)]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(IdAnswer))]
[JsonSerializable(typeof(PeersAnswer))]
[JsonSerializable(typeof(RepoStatAnswer))]
[JsonSerializable(typeof(BlockAnswer))]
[JsonSerializable(typeof(BlockRemoved))]
[JsonSerializable(typeof(AddedAnswer))]
[JsonSerializable(typeof(PinsAnswer))]
[JsonSerializable(typeof(PinLine))]
[JsonSerializable(typeof(RefLine))]
[JsonSerializable(typeof(ImportLine))]
[JsonSerializable(typeof(CollectedLine))]
internal sealed partial class KuboJson : JsonSerializerContext;
