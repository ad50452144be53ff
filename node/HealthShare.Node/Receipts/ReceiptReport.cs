using System.Text.Json.Serialization;

namespace HealthShare.Node.Receipts;

/// <summary>How a verification came out, for people and programs.</summary>
/// <param name="Ok">True when everything that was checked holds.</param>
/// <param name="Anchored">True when the channel's genesis block is the pinned one: without that the rest proves nothing.</param>
/// <param name="Receipt">What the receipt is about; null where it cannot be read.</param>
/// <param name="Checks">What was checked, up to the first check that failed.</param>
/// <param name="NotChecked">What a receipt cannot show, or could not be checked with what was given.</param>
internal sealed record ReceiptReport(
    bool Ok, bool Anchored, ReceiptSummary? Receipt, IReadOnlyList<ReceiptFinding> Checks, IReadOnlyList<string> NotChecked);

/// <summary>What a receipt is about.</summary>
internal sealed record ReceiptSummary(
    string Channel, string GenesisHash, string? Call, string PatientId, string Id, string TransactionId, ulong Block,
    DateTimeOffset? ProposedAt, string? Sender, IReadOnlyList<string> Endorsers, IReadOnlyList<string> Nodes);

/// <summary>One check.</summary>
/// <param name="Name">Stable name.</param>
/// <param name="Ok">Whether it holds.</param>
/// <param name="Text">What was found, in a sentence.</param>
internal sealed record ReceiptFinding(string Name, bool Ok, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReceiptReport))]
internal sealed partial class ReceiptReportJson : JsonSerializerContext;
