using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// What a grant may name: purposes that can be asked for, members of the channel, and whole records. A deny that names something else by a
/// slip of the pen would protect nothing, and a permit would be somebody's who comes later; a part goes with its whole, whatever is said of the
/// part. Roles and people are each member's own, and stay open here. Endorsers, nodes and auditors judge alike.
/// </summary>
public static class NamedInGrant
{
    /// <summary>Why a grant that comes is refused for what it names: a code and a sentence with the place; null when it is not.</summary>
    /// <param name="state">The state before: the members, and the patient's records.</param>
    /// <param name="patientId">The patient.</param>
    /// <param name="scope">The grant's scope.</param>
    /// <param name="path">Where the scope stands, such as <c>statement.body.scope</c>.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<(string Code, string Text)?> RefusalAsync(
        ILedgerState state, string patientId, IReadOnlyList<Provision> scope, string path, CancellationToken ct)
    {
        IReadOnlyList<string>? custodians = null;
        var members = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var (part, at) in Parts(scope, path))
        {
            if (Wrong(part.Purpose, static purpose => !PurposeOfUse.Contains(purpose)) is { } purpose)
                return ("statement.purpose_unknown", $"{at}.purpose[{purpose}] is no purpose of HL7's PurposeOfUse.");
            for (var i = 0; !part.Who.IsDefault && i < part.Who.Length; i++)
            {
                if (part.Who[i] is WhoOrg { Org: var org } && !await IsMemberAsync(org))
                    return Unknown($"{at}.who[{i}].org");
            }
            for (var i = 0; !part.Custodians.IsDefault && i < part.Custodians.Length; i++)
            {
                if (!await IsMemberAsync(part.Custodians[i]))
                    return Unknown($"{at}.custodians[{i}]");
            }
            for (var i = 0; !part.Records.IsDefault && i < part.Records.Length; i++)
            {
                if (await IsPartAsync(part.Records[i]))
                    return ("record.is_part", $"{at}.records[{i}] is a part of another record and goes with it; name that one.");
            }
        }
        return null;

        async Task<bool> IsMemberAsync(string mspId)
        {
            if (!members.TryGetValue(mspId, out var isMember))
                members[mspId] = isMember = await state.GetAsync(LedgerKey.Organization(mspId), ct) is not null;
            return isMember;
        }

        // Only members that know the patient register records, and each keeps its own under its name.
        async Task<bool> IsPartAsync(string recordId)
        {
            custodians ??= await CustodiansAsync(state, patientId, ct);
            foreach (var custodian in custodians)
            {
                if (await state.FindAsync(LedgerKey.Record(patientId, custodian, recordId), LedgerJson.Default.RecordEntry, ct) is { Record.PartOf: not null })
                    return true;
            }
            return false;
        }
    }

    /// <summary>All parts of a scope with their places, exceptions included.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="path">Where it stands.</param>
    public static IEnumerable<(Provision Part, string Path)> Parts(IReadOnlyList<Provision> scope, string path) =>
        scope.SelectMany((part, i) => part.Except.IsDefault
            ? [(part, $"{path}[{i}]")]
            : Parts(part.Except, $"{path}[{i}].except").Prepend((part, $"{path}[{i}]")));

    private static async Task<IReadOnlyList<string>> CustodiansAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        var found = new List<string>();
        await foreach (var (key, _) in state.ListAsync(LedgerKind.Affiliation, [patientId], ct))
        {
            _ = LedgerKey.TryParse(key, out _, out var parts);
            found.Add(parts[1]);
        }
        return found;
    }

    private static (string Code, string Text) Unknown(string path) => ("statement.member_unknown", $"{path} is no member of this channel.");

    private static int? Wrong(System.Collections.Immutable.ImmutableArray<string> entries, Func<string, bool> isWrong)
    {
        for (var i = 0; !entries.IsDefault && i < entries.Length; i++)
        {
            if (isWrong(entries[i]))
                return i;
        }
        return null;
    }
}
