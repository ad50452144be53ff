using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Consents.Explain;

/// <summary>
/// Says why somebody may read a record or not, from this node's copy of the channel and with the code that decides. Own records go
/// by the custodian's own check, as its releases do.
/// </summary>
internal sealed class ConsentExplainer(
    Replica replica, ConsentReader consents, AccessPolicies policies, ILedger ledger, TimeProvider clock)
{
    /// <summary>Explains; null where there is no such patient or record.</summary>
    /// <exception cref="ApiProblemException">What is asked is not of its form, or names no member.</exception>
    public async Task<ConsentExplanation?> ExplainAsync(ExplainAccess query, string? custodian, PlainWords words, CancellationToken ct)
    {
        Require(LedgerId.IsValid(IdKind.Record, query.Record.RecordId), "record is not the id of a record (rc-…).");
        Require(PurposeOfUse.Contains(query.Purpose), "purpose is no purpose of HL7's PurposeOfUse, such as TREAT.");
        Require(NamedRoles.IsKnown(query.Role), $"role is none of {NamedRoles.All}.");
        Require(query.Staff is null || LedgerCode.IsCode(query.Staff), "staff is not a staff id.");
        var requester = await policies.MemberAsync(query.Requester, ct);
        Require(requester is not null, "org is no member of the channel.");
        var records = await replica.ListAsync(LedgerKind.Record, [query.PatientId], LedgerJson.Default.RecordEntry, ct);
        if (records.Find(entry => entry.Record.RecordId == query.Record.RecordId && entry.Record.PartOf is null && (custodian is null || entry.Custodian == custodian)) is not { } record)
            return null;
        var policy = record.Custodian == ledger.MspId
            ? await policies.OfCustodianAsync(query.PatientId, ct)
            : await policies.OfChannelAsync(query.PatientId, ct);
        policy = await policy.ForPreviewAsync(replica, query.PatientId, ct);
        var explanation = policy.Explain(query with { Record = new RecordRef(record.Custodian, record.Record.RecordId) }, record, requester!,
            LedgerTime.Truncate(clock.GetUtcNow()));
        return await InWordsAsync(query, explanation, words, ct);
    }

    private async Task<ConsentExplanation> InWordsAsync(ExplainAccess query, Explanation explanation, PlainWords words, CancellationToken ct)
    {
        var decision = explanation.Decision;
        var names = await MemberNames.LoadAsync(replica, ct);
        var values = new (string, string?)[]
        {
            ("reader", new Reader(query.Requester, query.Role, query.Staff).Say(words, names.Of)),
            ("purpose", words.Say("purpose", query.Purpose, "purpose.other")),
            ("custodian", names.Of(decision.Record.Custodian)), ("statement", decision.StatementId), ("part", $"{decision.Provision + 1}"),
            ("until", decision.NotAfter is { } end ? LedgerTime.Format(end) : null),
        };
        var sentence = explanation.Lapsed is [var first, ..]
            ? words.Find("decision.deny.lapsed", [.. values.Where(static value => value.Item1 != "statement"), .. Causes(first)])!
            : words.Say("decision", decision.Reason, decision.Permitted ? "decision.permit.other" : "decision.deny.other", values);
        var lapsed = explanation.Lapsed.Select(permit =>
            new ConsentChange($"lapsed.{permit.Cause}", words.Find("change.lapsed", Causes(permit))!, permit.StatementId));
        return new ConsentExplanation(decision.Permitted, decision.Reason, sentence,
            decision.StatementId, decision.Provision, await PartAsync(query.PatientId, decision, ct), decision.NotAfter,
            [.. lapsed, .. explanation.Changes.Select(code => new ConsentChange(code, words.Say("change", code, "change.other", values)))], explanation.At);

        (string, string?)[] Causes(LapsedName permit) =>
            [("statement", permit.StatementId), ("cause", words.Say("lapse", permit.Cause, "lapse.other"))];
    }

    private async Task<JsonElement?> PartAsync(string patientId, AccessDecision decision, CancellationToken ct)
    {
        if (decision is not { StatementId: { } statementId, Provision: { } index }
            || (await consents.FindAsync(patientId, statementId, ct))?.Body is not { } body)
            return null;
        return body.GetProperty("scope")[index];
    }

    private static void Require(bool condition, string detail)
    {
        if (!condition)
            throw new ApiProblemException(ApiProblem.Invalid(detail));
    }
}

/// <summary>The members' names for people.</summary>
internal sealed class MemberNames(IReadOnlyDictionary<string, OrganizationEntry> members)
{
    public IReadOnlyDictionary<string, OrganizationEntry> Members => members;

    public static async Task<MemberNames> LoadAsync(Replica replica, CancellationToken ct) =>
        new((await replica.ListAsync(LedgerKind.Organization, [], LedgerJson.Default.OrganizationEntry, ct))
            .ToDictionary(member => member.MspId, StringComparer.Ordinal));

    /// <summary>The member's name; its MSP id where the channel has none.</summary>
    public string Of(string mspId) => members.TryGetValue(mspId, out var member) ? member.Name : mspId;
}
