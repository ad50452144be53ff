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
        var attested = await replica.ListAsync(LedgerKind.Attestation, [patientId], LedgerJson.Default.AttestationEntry, ct);
        var attestedIds = attested.Select(entry => entry.Attestation.AttestationId).ToHashSet(StringComparer.Ordinal);
        var revoked = ended.ToLookup(entry => entry.StatementId, StringComparer.Ordinal);
        var grants = new List<Consent>(standing.Count);
        foreach (var entry in standing)
            grants.Add(await StandingAsync(patientId, entry, now, ct));
        return new ConsentsOfPatient(
        [
            .. grants
                .Concat(attested.Select(entry => Attested(entry, revoked[entry.Attestation.AttestationId].FirstOrDefault(), now)))
                .Concat(ended.Where(entry => entry.Kind is EndedStatementKind.RevokedGrant or EndedStatementKind.ReplacedGrant or EndedStatementKind.ExpiredGrant
                    || (entry.Kind is EndedStatementKind.RevokedUnseen && !attestedIds.Contains(entry.StatementId))).Select(Ended))
                .OrderByDescending(consent => consent.AcceptedAt).ThenBy(consent => consent.Id, StringComparer.Ordinal),
        ]);
    }

    /// <summary>One grant of a patient; null where there is none.</summary>
    public async Task<Consent?> FindAsync(string patientId, string statementId, CancellationToken ct) =>
        (await ListAsync(patientId, ct))?.Consents.FirstOrDefault(consent => consent.Id == statementId);

    /// <summary>A grant that was just accepted or signed a second time.</summary>
    public Task<Consent> OfAsync(string patientId, StatementEntry entry, CancellationToken ct) =>
        StandingAsync(patientId, entry, clock.GetUtcNow(), ct);

    /// <summary>An attestation that was just accepted or withdrawn.</summary>
    public Consent Of(AttestationEntry entry) => Attested(entry, null, clock.GetUtcNow());

    /// <summary>A grant that was revoked, or whose period is over.</summary>
    public static Consent Ended(EndedStatementEntry entry) =>
        Read(entry.Signed, entry.StatementId, entry.Kind is EndedStatementKind.ExpiredGrant ? ConsentStatus.Expired : ConsentStatus.Revoked,
            entry.RelayedBy, entry.AcceptedAt) with
        {
            RevokedBy = entry.RevokedBy,
            RevokedAt = entry.RevokedAt,
        };

    private async Task<Consent> StandingAsync(string patientId, StatementEntry entry, DateTimeOffset now, CancellationToken ct)
    {
        var grant = (GrantBody)SignedStatementReader.Read(entry.Signed).Body;
        var settings = await replica.GetAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings, ct) ?? new ChannelSettings();
        var coSigner = entry.CoSigned is { } second
            ? await replica.GetAsync(LedgerKey.Credential(patientId, second.Assertion.Credential), LedgerJson.Default.CredentialEntry, ct)
            : null;
        var effectiveFrom = BroadPermits.EffectiveFrom(entry, grant, coSigner, settings);
        var usesLeft = grant.Uses - (grant.Uses is null ? 0
            : (await replica.EntriesAsync(LedgerKind.Use, [patientId, entry.StatementId], ct)).Count);
        var status = StatusOf(grant.Period, now);
        if (status is ConsentStatus.Active)
            status = usesLeft is 0 ? ConsentStatus.UsedUp : now < effectiveFrom ? ConsentStatus.Waiting : status;
        return Read(entry.Signed, entry.StatementId, status, entry.RelayedBy, entry.AcceptedAt) with
        {
            EffectiveFrom = effectiveFrom,
            CoSignedBy = entry.CoSigned?.Assertion.Credential,
            UsesLeft = usesLeft,
        };
    }

    private static Consent Attested(AttestationEntry entry, EndedStatementEntry? ended, DateTimeOffset now)
    {
        var (attestation, member) = (entry.Attestation, entry.Member);
        var period = AttestedConsents.Read(attestation, member).Period;
        using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(attestation.Body));
        var body = json.RootElement.Clone();
        var endedAt = ended?.RevokedAt ?? entry.WithdrawnAt;
        return new Consent(attestation.AttestationId, endedAt is null ? StatusOf(period, now) : ConsentStatus.Revoked,
            body.GetProperty("effect").GetString(), body, null, entry.AttestedAt, member, null, ended?.RevokedBy, endedAt, null, member,
            attestation.Form is AttestationForm.Paper ? "paper" : "word");
    }

    private static ConsentStatus StatusOf(Period period, DateTimeOffset now) =>
        now < period.Start ? ConsentStatus.Scheduled : period.Contains(now) ? ConsentStatus.Active : ConsentStatus.Expired;

    private static Consent Read(SignedStatement? signed, string id, ConsentStatus status, string relayedBy, DateTimeOffset acceptedAt)
    {
        if (signed is null)
            return new Consent(id, status, null, null, null, acceptedAt, relayedBy, null, null, null, null);
        var statement = SignedStatementReader.Read(signed);
        using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(signed.Statement));
        var body = json.RootElement.GetProperty("body").Clone();
        return new Consent(id, status, body.GetProperty("effect").GetString(), body, statement.Issued, acceptedAt, relayedBy,
            statement.Signer.Credential, null, null, signed.Statement, Delegate: statement.Signer.Delegate);
    }
}
