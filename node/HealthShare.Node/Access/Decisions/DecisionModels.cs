using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Log;

namespace HealthShare.Node.Access.Decisions;

/// <summary>What a request on the channel came to.</summary>
internal enum DecisionOutcome
{
    /// <summary>Every record that it names was permitted.</summary>
    Permitted,

    /// <summary>Some were, others not.</summary>
    Partly,

    /// <summary>None was.</summary>
    Denied,
}

/// <summary>A request for records and what the channel decided, as it stands on the ledger: nobody is named there.</summary>
/// <param name="AccessId">Id of the request, as the requester chose it.</param>
/// <param name="At">When it was asked and decided, by its proposal.</param>
/// <param name="Requester">MSP id of the member that asked.</param>
/// <param name="Role">Role of the reader, as that member says.</param>
/// <param name="Staff">Staff id of the reader, as that member says.</param>
/// <param name="PatientId">The patient's pseudonym.</param>
/// <param name="Purpose">Purpose of use, HL7 v3 PurposeOfUse.</param>
/// <param name="EmergencyId">The emergency that it was asked in; null outside one.</param>
/// <param name="Outcome"><c>permitted</c>, <c>partly</c> or <c>denied</c>.</param>
/// <param name="Block">Number of the block that holds it.</param>
/// <param name="TransactionId">The transaction that wrote it.</param>
/// <param name="Decisions">The decision on each record, in the request's order.</param>
internal sealed record ChannelDecision(
    string AccessId, DateTimeOffset At, string Requester, string Role, string Staff, string PatientId, string Purpose, string? EmergencyId,
    DecisionOutcome Outcome, long Block, string TransactionId, IReadOnlyList<AccessLogDecision> Decisions);

/// <summary>Decisions, newest first.</summary>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
internal sealed record ChannelDecisionPage(IReadOnlyList<ChannelDecision> Items, string? Next);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true, Converters = [typeof(LowerCaseEnumConverter<DecisionOutcome>)])]
[JsonSerializable(typeof(ChannelDecisionPage))]
internal sealed partial class ChannelDecisionJson : JsonSerializerContext;
