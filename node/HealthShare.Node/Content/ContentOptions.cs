using System.ComponentModel.DataAnnotations;
using HealthShare.Node.Content.Keeping;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Content;

/// <summary>Where sealed records are stored (section <c>HealthShare:Content</c>).</summary>
public sealed class ContentOptions
{
    /// <summary>Which store: embedded, kubo or cluster. Default embedded.</summary>
    [EnumDataType(typeof(ContentProvider))]
    public ContentProvider Provider { get; set; } = ContentProvider.Embedded;

    /// <summary>Folder of the embedded store. Default <c>content</c> in the data folder.</summary>
    public string? Folder { get; set; }

    /// <summary>Bytes in a leaf, 1 KiB to 2,096,896. Default 1 MiB. Changing it changes the CIDs of what is stored later.</summary>
    [Range(1024, 2_096_896)]
    public int ChunkSize { get; set; } = 1024 * 1024;

    /// <summary>Links in a node of a longer content, 2 to 8,192. Default 1,024.</summary>
    [Range(2, 8192)]
    public int MaxLinks { get; set; } = 1024;

    /// <summary>The IPFS daemon of the providers kubo and cluster.</summary>
    [ValidateObjectMembers(typeof(KuboSettingsValidator))]
    public KuboSettings Kubo { get; set; } = new();

    /// <summary>The cluster peer of the provider cluster.</summary>
    [ValidateObjectMembers(typeof(ClusterSettingsValidator))]
    public ClusterSettings Cluster { get; set; } = new();

    /// <summary>Other places that are to hold this member's contents. Default none.</summary>
    [ValidateEnumeratedItems]
    public IList<ReplicaOptions> Replicas { get; } = [];

    /// <summary>Keeping what was promised.</summary>
    [ValidateObjectMembers]
    public KeepingOptions Keeping { get; set; } = new();

    /// <summary>When unpinned content is removed.</summary>
    [ValidateObjectMembers]
    public GarbageOptions Garbage { get; set; } = new();
}

/// <summary>The stores to choose from.</summary>
public enum ContentProvider
{
    /// <summary>A folder of this machine.</summary>
    Embedded,

    /// <summary>An IPFS daemon, Kubo.</summary>
    Kubo,

    /// <summary>An IPFS Cluster peer beside a Kubo daemon.</summary>
    Cluster,
}

[OptionsValidator]
internal sealed partial class ContentOptionsValidator : IValidateOptions<ContentOptions>;
