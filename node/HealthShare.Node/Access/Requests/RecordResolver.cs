using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Consents.Explain;
using HealthShare.Node.Keys;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Access.Requests;

/// <summary>The records that a request means.</summary>
/// <param name="Own">Records that this member holds.</param>
/// <param name="Others">Records of other members.</param>
/// <param name="IsPartial">
/// True when more matched than a request can hold, or when categories cannot be told apart here: nothing found must not pass for nothing there.
/// </param>
internal sealed record ResolvedRecords(IReadOnlyList<RecordEntry> Own, IReadOnlyList<RecordEntry> Others, bool IsPartial);

/// <summary>
/// Finds the records that are asked for among those that the copy of the channel has of the patient. An id or a category that
/// means nothing finds nothing, which is also what a denial looks like: another hospital's rules may know a category that this one's do not.
/// </summary>
internal sealed class RecordResolver(AccessPolicies policies, LabelKeys labelKeys, CodeBook codes, ILedger ledger)
{
    /// <summary>
    /// What is wrong with the categories of a request in an emergency, where nothing found for a mistyped code would pass for nothing there;
    /// null where nothing is. That there is no label key tells of the patient: the answer is for who may ask.
    /// </summary>
    public async Task<ApiProblem?> FindFaultAsync(NewAccessRequest request, CancellationToken ct)
    {
        if (request is not { EmergencyId: not null, Categories: { } categories })
            return null;
        for (var i = 0; i < categories.Count; i++)
        {
            if (!codes.IsCategory(categories[i]))
                return ApiProblem.Invalid($"categories[{i}] is no category that this node knows; without categories all is asked for.");
        }
        using var key = await labelKeys.FindAsync(request.PatientId, ct);
        return key is null
            ? ApiProblem.Invalid("categories cannot be told apart here, since this hospital has no label key of the patient; without them all is asked for.")
            : null;
    }

    /// <summary>Finds them.</summary>
    public async Task<ResolvedRecords> ResolveAsync(NewAccessRequest request, CancellationToken ct)
    {
        var matches = request.RecordIds is { } ids ? ById(ids)
            : request.Categories is { } categories ? await ByCategoryAsync(request.PatientId, categories, ct)
            : static _ => true; // in an emergency; a hospital that the patient is a stranger to could not name a category
        if (matches is null)
            return new ResolvedRecords([], [], IsPartial: true);
        var all = await policies.RecordsAsync(request.PatientId, ct);
        // Who asks for what there is wants it as it is now; what was replaced or cancelled is there for whoever names it.
        var found = (await policies.HeldAsync(all, all.All, ct)).Where(matches).Where(entry => request.RecordIds is not null || !all.IsOver(entry))
            .OrderByDescending(entry => entry.Record.Date).Take(AccessRequestRules.MaxRecords + 1).ToList();
        var taken = found.Take(AccessRequestRules.MaxRecords).ToLookup(entry => entry.Custodian == ledger.MspId);
        return new ResolvedRecords([.. taken[true]], [.. taken[false]], found.Count > AccessRequestRules.MaxRecords);
    }

    private static Func<RecordEntry, bool> ById(IReadOnlyList<string> recordIds)
    {
        var asked = recordIds.ToHashSet(StringComparer.Ordinal);
        return entry => asked.Contains(entry.Record.RecordId);
    }

    // Null without the patient's label key, which comes with the link that the patient signs: no category can be told from another.
    private async Task<Func<RecordEntry, bool>?> ByCategoryAsync(string patientId, IReadOnlyList<string> categories, CancellationToken ct)
    {
        using var key = await labelKeys.FindAsync(patientId, ct);
        if (key is null)
            return null;
        var tokens = categories.Select(code => Token.Compute(key.Bytes, TokenDimension.Category, code)).ToHashSet(StringComparer.Ordinal);
        return entry => entry.Record.Categories.Any(tokens.Contains);
    }
}
