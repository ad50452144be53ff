using System.Buffers.Binary;
using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Emergencies;
using HealthShare.Node.Access.Requests;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Access.Log;

/// <summary>Reads who asked for and who read a patient's records.</summary>
internal sealed class AccessLogReader(AccessEvents events, AccessRequestTable requests, EmergencyReader emergencies, Replica replica)
{
    /// <summary>Most items of a page.</summary>
    public const int MaxLimit = 200;

    /// <summary>A page of the log; null for a patient whom the channel does not know.</summary>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<AccessLogPage?> ReadAsync(string patientId, string? cursor, int limit, CancellationToken ct)
    {
        var before = PositionOf(cursor);
        if (!LedgerId.IsValid(IdKind.Patient, patientId) || await replica.GetAsync(LedgerKey.Patient(patientId), ct) is null)
            return null;
        var found = await events.ListAsync(patientId, before, limit + 1, ct);
        var items = new List<AccessLogItem>(limit);
        foreach (var entry in found.Take(limit))
            items.Add(await ItemAsync(patientId, entry, ct));
        return new AccessLogPage(items, found.Count > limit ? CursorOf(found[limit - 1].Seq) : null);
    }

    private async Task<AccessLogItem> ItemAsync(string patientId, AccessEvent noted, CancellationToken ct)
    {
        if (noted.Kind is AccessEventKind.Emergency or AccessEventKind.Review)
            return await EmergencyItemAsync(patientId, noted, ct);
        var entry = await EntryAsync(patientId, noted, ct);
        if (noted.Kind is AccessEventKind.Read)
        {
            return new AccessLogItem("read", noted.At, false, noted.AccessId, noted.Requester, noted.Staff, entry?.Request.Role,
                entry?.Request.Purpose, [], [], noted.Custodian, noted.RecordId, entry?.Request.EmergencyId);
        }
        var releases = noted.Kind is AccessEventKind.Ledger
            ? await replica.ListAsync(LedgerKind.Release, [patientId, noted.Requester, noted.AccessId], LedgerJson.Default.ReleaseEntry, ct)
            : [];
        return new AccessLogItem("request", noted.At, noted.Kind is AccessEventKind.Ledger, noted.AccessId, noted.Requester, noted.Staff,
            entry?.Request.Role, entry?.Request.Purpose,
            [.. (entry?.Decisions ?? []).Select(decision => new AccessLogDecision(decision.Record.RecordId, decision.Record.Custodian,
                decision.Permitted, decision.Reason, decision.StatementId, decision.NotAfter))],
            [.. releases.Select(release => new AccessLogRelease(
                release.Release.ReleaseId, release.Custodian, release.ReleasedAt, release.Release.RecordIds))],
            EmergencyId: entry?.Request.EmergencyId);
    }

    private async Task<AccessLogItem> EmergencyItemAsync(string patientId, AccessEvent noted, CancellationToken ct)
    {
        var isReview = noted.Kind is AccessEventKind.Review;
        var emergency = await emergencies.FindAsync(
            new EmergencyRef(patientId, isReview ? noted.Custodian! : noted.Requester, noted.AccessId), ct);
        return new AccessLogItem(isReview ? "emergencyReview" : "emergency", noted.At, true, noted.AccessId, noted.Requester,
            isReview ? noted.Staff : emergency?.DeclaredBy[0], isReview ? null : emergency?.Role, DecisionKernel.EmergencyTreatment, [], [],
            Emergency: emergency);
    }

    // A request on the channel is read from the copy; one for own records, and what was read by it, from this node's own table.
    private async Task<AccessEntry?> EntryAsync(string patientId, AccessEvent noted, CancellationToken ct) =>
        await replica.GetAsync(LedgerKey.Access(new AccessRef(patientId, noted.Requester, noted.AccessId)), LedgerJson.Default.AccessEntry, ct)
        ?? await requests.EntryAsync(noted.AccessId, ct);

    private static string CursorOf(long seq)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, seq);
        return Base64Url.EncodeToString(bytes);
    }

    private static long PositionOf(string? cursor)
    {
        if (cursor is null)
            return long.MaxValue;
        return StrictBase64Url.TryDecode(cursor, sizeof(long), out var bytes) && bytes.Length == sizeof(long)
            ? BinaryPrimitives.ReadInt64BigEndian(bytes)
            : throw new ApiProblemException(ApiProblem.Invalid("cursor is not one that an earlier page gave."));
    }
}
