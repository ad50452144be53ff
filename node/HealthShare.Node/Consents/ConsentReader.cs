using System.Buffers.Text;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents;

/// <summary>Reads a patient's consents from the copy of the channel.</summary>
internal sealed class ConsentReader(Replica replica, TimeProvider clock)
{
    /// <summary>All grants of a patient; null where the channel has no such patient.</summary>
    public async Task<ConsentsOfPatient?> ListAsync(string patientId, CancellationToken ct)
    {
        if (await replica.GetAsync(LedgerKey.Patient(patientId), ct) is null)
            return null;
        var now = clock.GetUtcNow();
        var standing = await replica.ListAsync(LedgerKind.Statement, [patientId], LedgerJson.Default.StatementEntry, ct);
        var ended = await replica.ListAsync(LedgerKind.EndedStatement, [patientId], LedgerJson.Default.EndedStatementEntry, ct);
        return new ConsentsOfPatient(
        [
            .. standing.Select(entry => Standing(entry, now))
                .Concat(ended.Where(entry => entry.Kind is EndedStatementKind.RevokedGrant or EndedStatementKind.RevokedUnseen).Select(Ended))
                .OrderByDescending(consent => consent.AcceptedAt).ThenBy(consent => consent.Id, StringComparer.Ordinal),
        ]);
    }

    /// <summary>A grant that was just accepted.</summary>
    public Consent Of(StatementEntry entry) => Standing(entry, clock.GetUtcNow());

    /// <summary>A grant that was just revoked.</summary>
    public static Consent Ended(EndedStatementEntry entry) =>
        Read(entry.Signed, entry.StatementId, ConsentStatus.Revoked, entry.RelayedBy, entry.AcceptedAt) with
        {
            RevokedBy = entry.RevokedBy,
            RevokedAt = entry.RevokedAt,
        };

    private static Consent Standing(StatementEntry entry, DateTimeOffset now)
    {
        var period = ((GrantBody)SignedStatementReader.Read(entry.Signed).Body).Period;
        var status = now < period.Start ? ConsentStatus.Scheduled : period.Contains(now) ? ConsentStatus.Active : ConsentStatus.Expired;
        return Read(entry.Signed, entry.StatementId, status, entry.RelayedBy, entry.AcceptedAt);
    }

    private static Consent Read(SignedStatement? signed, string id, ConsentStatus status, string relayedBy, DateTimeOffset acceptedAt)
    {
        if (signed is null)
            return new Consent(id, status, null, null, null, acceptedAt, relayedBy, null, null, null, null);
        var statement = SignedStatementReader.Read(signed);
        using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(signed.Statement));
        var body = json.RootElement.GetProperty("body").Clone();
        return new Consent(id, status, body.GetProperty("effect").GetString(), body, statement.Issued, acceptedAt, relayedBy,
            statement.Signer.Credential, null, null, signed.Statement);
    }
}
