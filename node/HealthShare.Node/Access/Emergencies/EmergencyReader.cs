using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Ledger;
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
            review is null ? null : new EmergencyReviewView(review.Review.Outcome, review.Reviewer, review.Review.Staff, review.ReviewedAt));

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
                return name.Member == ledger.MspId ? found with { Reason = await reasons.FindAsync(id, ct) } : found;
        }
        return null;
    }

    /// <summary>Sessions that wait for their review and that this member declared or may review, what waits longest first.</summary>
    public async Task<EmergencyPage> OpenAsync(CancellationToken ct)
    {
        var open = new List<EmergencyView>();
        foreach (var name in await table.OpenAsync(ct))
        {
            if (await ConcernsUsAsync(name, ct) && await FindAsync(name, ct) is { } found)
                open.Add(found);
        }
        return new EmergencyPage(open);
    }

    private async Task<bool> ConcernsUsAsync(EmergencyRef emergency, CancellationToken ct) => emergency.Member == ledger.MspId
        || (await replica.GetAsync(LedgerKey.Organization(ledger.MspId), LedgerJson.Default.OrganizationEntry, ct) is { } own
            && await EmergencySession.MayReviewAsync(replica, own, emergency, ct));
}
