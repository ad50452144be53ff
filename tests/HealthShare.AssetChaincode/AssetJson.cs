using System.Text.Json.Serialization;

namespace HealthShare.AssetChaincode;

/// <summary>Keys and values.</summary>
/// <param name="Entries">The rows.</param>
/// <param name="Fetched">How many the peer counted; pages only.</param>
/// <param name="Bookmark">Where the next page starts; pages only.</param>
public sealed record Rows([property: JsonPropertyName("rows")] IReadOnlyList<Row> Entries, int? Fetched, string? Bookmark);

/// <summary>One key and its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value as text.</param>
public sealed record Row(string Key, string Value);

/// <summary>One change of a key.</summary>
/// <param name="TxId">The transaction that made it.</param>
/// <param name="Deleted">Whether it was a deletion.</param>
/// <param name="Value">The value written.</param>
/// <param name="At">That transaction's proposal time.</param>
public sealed record Change(string TxId, bool Deleted, string Value, DateTimeOffset At);

/// <summary>Who calls.</summary>
/// <param name="MspId">MSP id.</param>
/// <param name="Id">Client id.</param>
/// <param name="Role">The certificate's attribute <c>role</c>; null without one.</param>
public sealed record Caller(string MspId, string Id, string? Role);

/// <summary>What the proposal says.</summary>
/// <param name="TxId">Transaction id.</param>
/// <param name="Channel">Channel.</param>
/// <param name="At">The client's time.</param>
/// <param name="Binding">Binding of the proposal, hexadecimal.</param>
/// <param name="SignatureLength">Bytes of the client's signature.</param>
/// <param name="Transient">Names in the transient map.</param>
/// <param name="Decorations">Names of decorations.</param>
public sealed record ProposalReport(
    string TxId, string Channel, DateTimeOffset At, string Binding, int SignatureLength, IReadOnlyList<string> Transient,
    IReadOnlyList<string> Decorations);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Rows))]
[JsonSerializable(typeof(Caller))]
[JsonSerializable(typeof(ProposalReport))]
[JsonSerializable(typeof(IReadOnlyList<Change>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<IReadOnlyList<string>>))]
internal sealed partial class AssetJson : JsonSerializerContext;
