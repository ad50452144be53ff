using System.Text.Json.Serialization;

namespace HealthShare.Node.Audit.Verification;

/// <summary>What to verify.</summary>
/// <param name="Genesis">SHA-256 that the genesis block must have, 64 hexadecimal digits, as the members agreed on it; null takes any.</param>
internal sealed record VerificationOrder(string? Genesis = null);

/// <summary>How far a verification of the channel came.</summary>
internal enum VerificationState
{
    /// <summary>Under way.</summary>
    Running,

    /// <summary>Came to the end and found no fault.</summary>
    Passed,

    /// <summary>Found a fault and stopped there.</summary>
    FaultFound,

    /// <summary>Somebody stopped it, or the node; what was not read yet was not verified.</summary>
    Interrupted,

    /// <summary>The blocks could not be read to the end; nothing is said about the rest.</summary>
    Failed,
}

/// <summary>A verification of the channel.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">How far it came.</param>
/// <param name="Genesis">The hash that the genesis block had to have; null where none was given.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended; null while it runs, and where the node was stopped meanwhile.</param>
/// <param name="BlocksDone">Blocks found right so far, as noted about once a second.</param>
/// <param name="BlocksTotal">Blocks that the channel had when it began; null until that is known.</param>
/// <param name="Result">What was found; null until it has passed or found a fault.</param>
/// <param name="Reason">Stable code of what kept it from reading on, <c>verification.stopped</c> where somebody stopped it; null otherwise.</param>
internal sealed record VerificationRun(
    string Id, VerificationState State, string? Genesis, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, long BlocksDone, long? BlocksTotal,
    AuditResult? Result, string? Reason);

/// <summary>Verifications, newest first.</summary>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
internal sealed record VerificationPage(IReadOnlyList<VerificationRun> Items, string? Next);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(VerificationOrder))]
[JsonSerializable(typeof(VerificationRun))]
[JsonSerializable(typeof(VerificationPage))]
internal sealed partial class VerificationJson : JsonSerializerContext;
