using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Receipts;

/// <summary>Receipts, and the other members' nodes that sign them, too (section <c>HealthShare:Receipts</c>).</summary>
public sealed class ReceiptsOptions
{
    /// <summary>Other members' nodes. Without any, this node makes no receipts. Default none.</summary>
    [ValidateEnumeratedItems]
    public IReadOnlyList<MemberNode> Nodes { get; set; } = [];

    /// <summary>Longest wait for other members' signatures, 100 milliseconds to 1 minute. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most signatures that this node makes for callers of one address in a minute, 1 to 100,000. Default 600.</summary>
    [Range(1, 100_000)]
    public int SignaturesPerMinute { get; set; } = 600;
}

/// <summary>Another member's node.</summary>
public sealed class MemberNode
{
    /// <summary>MSP id of the member. Required.</summary>
    [Required, StringLength(64, MinimumLength = 1)]
    public string MspId { get; set; } = "";

    /// <summary>Address of its node, such as <c>https://node.south.example</c>. Required.</summary>
    [Required]
    public Uri? Url { get; set; }

    /// <summary>PEM file with the only authorities trusted for an <c>https</c> address. Default: the system's.</summary>
    public string? CaFile { get; set; }
}

[OptionsValidator]
internal sealed partial class ReceiptsOptionsValidator : IValidateOptions<ReceiptsOptions>;

[OptionsValidator]
internal sealed partial class MemberNodeValidator : IValidateOptions<MemberNode>;
