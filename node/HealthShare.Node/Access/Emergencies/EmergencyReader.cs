using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Access.Emergencies;

/// <summary>Emergencies as the copy of the channel has them.</summary>
internal sealed class EmergencyReader(EmergencyTable table, EmergencyReasons reasons, Replica replica, ILedger ledger)
{
    /// <summary>A session; null where there is none of this name.</summary>
    public async Task<EmergencyView?> FindAsync(EmergencyRef emergency, CancellationToken ct)
    {
        if (await replica.GetAsync(LedgerKey.Emergency(emergency), LedgerJson.Default.EmergencyEntry, ct) is not { } entry)
            return null;
        // It was verified before the copy took it over.
        var statement = Policy.Emergencies.EmergencyReader.Read(Base64Url.DecodeFromChars(entry.Signed.Statement));
        var review = await replica.GetAsync(LedgerKey.EmergencyReview(emergency), LedgerJson.Default.ReviewEntry, ct);
        return new EmergencyView(emergency.EmergencyId, emergency.PatientId, emergency.Member, statement.Role, statement.Reason.Code,
            [await StaffOfAsync(entry.Signed.First), await StaffOfAsync(entry.Signed.Second)], entry.DeclaredAt, entry.NotAfter, entry.ReviewDue,
            review is null ? null : new EmergencyReviewView(review.Review.Outcome, review.Reviewer, review.Review.Staff, review.ReviewedAt),
            Commitment: statement.Reason.Commitment);

        async Task<string> StaffOfAsync(SignedAssertion assertion) => (await replica.GetAsync(
            LedgerKey.StaffKey(emergency.Member, assertion.Credential), LedgerJson.Default.StaffKeyEntry, ct))!.Staff;
    }

    /// <summary>A session by its id, with the words where this hospital keeps them; null for one that the caller's member has no part in.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="member">MSP id of the hospital that broke the glass; null for whoever has one of this id.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<EmergencyView?> FindAsync(string id, string? member, CancellationToken ct)
    {
        foreach (var name in await table.FindAsync(id, ct))
        {
            if ((member is null || name.Member == member) && await ConcernsUsAsync(name, ct) && await FindAsync(name, ct) is { } found)
            {
                return name.Member == ledger.MspId && await reasons.FindAsync(id, found.Commitment!, ct) is { } kept
                    ? found with { Reason = kept.Words, Salt = kept.Salt }
                    : found;
            }
        }
        return null;
    }

    /// <summary>
    /// Sessions that wait for their review and that this member declared or may review, what waits longest first. However many others
    /// there are, they take no room of these.
    /// </summary>
    /// <param name="cursor">Where the page begins, as an earlier one gave it; null for the first.</param>
    /// <param name="limit">Most sessions to return.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<EmergencyPage> OpenAsync(string? cursor, int limit, CancellationToken ct)
    {
        var after = PageCursor.Parse(cursor, 4) is { } parts
            ? new OpenEmergency(PageCursor.Number(parts[0]), parts[1], parts[2], parts[3])
            : new OpenEmergency(long.MinValue, "", "", "");
        var isRegulator = await OwnAsync(ct) is { Kind: OrganizationKind.Regulator };
        var found = await table.OpenAsync(ledger.MspId, isRegulator, after, limit + 1, ct);
        var open = new List<EmergencyView>();
        foreach (var (_, member, id, patient) in found.Take(limit))
        {
            var name = new EmergencyRef(patient, member, id);
            if (await ConcernsUsAsync(name, ct) && await FindAsync(name, ct) is { } view)
                open.Add(view);
        }
        return new EmergencyPage(open, found.Count > limit
            ? PageCursor.Of(PageCursor.Number(found[limit - 1].DeclaredAt), found[limit - 1].Member, found[limit - 1].EmergencyId, found[limit - 1].PatientId)
            : null);
    }

    private async Task<bool> ConcernsUsAsync(EmergencyRef emergency, CancellationToken ct) => emergency.Member == ledger.MspId
        || (await OwnAsync(ct) is { } own && await EmergencySession.MayReviewAsync(replica, own, emergency, ct));

    private Task<OrganizationEntry?> OwnAsync(CancellationToken ct) =>
        replica.GetAsync(LedgerKey.Organization(ledger.MspId), LedgerJson.Default.OrganizationEntry, ct);
}
