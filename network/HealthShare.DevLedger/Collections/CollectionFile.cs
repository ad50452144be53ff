using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.DevLedger.Collections;

/// <summary>Files of collections as a peer's command line reads them: names in any case, and what it does not know is passed over.</summary>
internal static class CollectionFile
{
    /// <exception cref="ArgumentException">It cannot be read, or it is none.</exception>
    public static IReadOnlyList<CollectionOptions> Read(string path)
    {
        try
        {
            var entries = JsonSerializer.Deserialize(File.ReadAllBytes(path), CollectionJson.Default.ListCollectionEntry);
            return entries is null || entries.Contains(null)
                ? throw new ArgumentException($"'{path}' holds null where collections are expected.")
                : [.. entries.Select(entry => entry!.ToOptions())];
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"'{path}' cannot be read as collections: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"The collections cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>A collection as the file holds it. What is left out has a peer's default.</summary>
internal sealed record CollectionEntry
{
    public string Name { get; set; } = "";
    public string Policy { get; set; } = "";
    public int? RequiredPeerCount { get; set; }
    public int? MaxPeerCount { get; set; }
    public ulong BlockToLive { get; set; }
    public bool MemberOnlyRead { get; set; }
    public bool MemberOnlyWrite { get; set; }
    public CollectionEndorsementEntry? EndorsementPolicy { get; set; }

    public CollectionOptions ToOptions()
    {
        var options = new CollectionOptions
        {
            Name = Name,
            Policy = Policy,
            RequiredPeerCount = RequiredPeerCount ?? 0,
            BlockToLive = BlockToLive,
            MemberOnlyRead = MemberOnlyRead,
            MemberOnlyWrite = MemberOnlyWrite,
            EndorsementPolicy = EndorsementPolicy is { } endorsement
                ? new CollectionEndorsementPolicy { SignaturePolicy = endorsement.SignaturePolicy, ChannelConfigPolicy = endorsement.ChannelConfigPolicy }
                : null,
        };
        return MaxPeerCount is { } most ? options with { MaxPeerCount = most } : options;
    }
}

/// <summary>Who must endorse writes, as the file holds it.</summary>
internal sealed record CollectionEndorsementEntry
{
    public string? SignaturePolicy { get; set; }
    public string? ChannelConfigPolicy { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(List<CollectionEntry?>))]
internal sealed partial class CollectionJson : JsonSerializerContext;
