using System.Text.Json.Serialization;

namespace HealthShare.Node.Audit.Blocks;

/// <summary>A block of the channel, as this node's copy has it.</summary>
/// <param name="Number">Number of the block, from 0.</param>
/// <param name="At">
/// The latest time that one of its valid transactions names, by the clock of whoever made it: blocks have no time of their own. Null where
/// none names one, and for blocks that the node applied before it kept times.
/// </param>
/// <param name="Transactions">Transactions in it, valid or not.</param>
/// <param name="Valid">Those of them that peers found valid.</param>
/// <param name="HeaderHash">SHA-256 of its header, hexadecimal.</param>
/// <param name="PreviousHash">Hash of the header before, as the header names it, hexadecimal; empty for the first.</param>
/// <param name="DataHash">Hash of its transactions, as the header names it, hexadecimal.</param>
internal sealed record BlockEntry(
    long Number, DateTimeOffset? At, int Transactions, int Valid, string HeaderHash, string PreviousHash, string DataHash);

/// <summary>Blocks, newest first.</summary>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
internal sealed record BlockPage(IReadOnlyList<BlockEntry> Items, string? Next);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BlockPage))]
internal sealed partial class BlockJson : JsonSerializerContext;
