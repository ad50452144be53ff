using System.Buffers.Text;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents;

/// <summary>Reads a patient's consents from the copy of the channel.</summary>
internal sealed class ConsentReader(Replica replica, TimeProvider clock)
{
    /// <summary>Most grants of a page.</summary>
    public const int MaxLimit = 500;

    private const string InForce = "f", Over = "o";

    /// <summary>
    /// A page of a patient's grants; null where the channel has no such patient. First those in force and all that hospitals attested, of
    /// which the rules of the channel bound the number; then those that ended, of which there may be any number, read a page at a time.
    /// </summary>
    /// <param name="patientId">Patient.</param>
    /// <param name="cursor">Where the page begins, as an earlier one gave it; null for the first.</param>
    /// <param name="limit">Most grants to return.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<ConsentsOfPatient?> ListAsync(string patientId, string? cursor, int limit, CancellationToken ct)
    {
        var parts = PageCursor.Parse(cursor, 3) ?? [InForce, PageCursor.Number(long.MaxValue), ""];
        var (list, number) = (parts[0], PageCursor.Number(parts[1]));
        if (list is not (InForce or Over) || number < 0)
            throw PageCursor.Invalid();
        if (await replica.GetAsync(LedgerKey.Patient(patientId), ct) is null)
            return null;
        var attested = await replica.ListAsync(LedgerKind.Attestation, [patientId], LedgerJson.Default.AttestationEntry, ct);
        var page = new List<Consent>();
        if (list == InForce)
        {
            var policy = await PatientPolicy.LoadAsync(replica, patientId, ct);
            var standing = await replica.ListAsync(LedgerKind.Statement, [patientId], LedgerJson.Default.StatementEntry, ct);
            var wanted = standing.Select(entry => (At: entry.AcceptedAt.ToUnixTimeMilliseconds(), Id: entry.StatementId, Of: (Func<Task<Consent>>)(() => StandingAsync(patientId, entry, policy, ct))))
                .Concat(attested.Select(entry => (At: entry.AttestedAt.ToUnixTimeMilliseconds(), Id: entry.Attestation.AttestationId, Of: (Func<Task<Consent>>)(() => OfAsync(entry, policy, ct)))))
                .Where(one => one.At < number || (one.At == number && string.CompareOrdinal(one.Id, parts[2]) > 0))
                .OrderByDescending(one => one.At).ThenBy(one => one.Id, StringComparer.Ordinal).ToList();
            foreach (var one in wanted.Take(limit))
                page.Add(await one.Of());
            if (wanted.Count > limit)
                return new ConsentsOfPatient(page, PageCursor.Of(InForce, PageCursor.Number(wanted[limit - 1].At), wanted[limit - 1].Id));
            if (page.Count == limit)
                return new ConsentsOfPatient(page, PageCursor.Of(Over, PageCursor.Number(long.MaxValue), ""));
        }
        var attestedIds = attested.Select(entry => entry.Attestation.AttestationId).ToHashSet(StringComparer.Ordinal);
        (ulong, string)? after = list == Over ? ((ulong)number, parts[2]) : null;
        while (true)
        {
            var rows = await replica.NewestAsync(LedgerKind.EndedStatement, patientId, after, limit + 1, ct);
            foreach (var row in rows)
            {
                // What a row says decides whether it is a grant, so a page is full before it is known whether another one follows.
                if (page.Count == limit)
                    return new ConsentsOfPatient(page, PageCursor.Of(Over, PageCursor.Number((long)after!.Value.Item1), after.Value.Item2));
                after = (row.Block, row.Key);
                var entry = JsonSerializer.Deserialize(row.Value, LedgerJson.Default.EndedStatementEntry)!;
                if (IsGrant(entry) && !attestedIds.Contains(entry.StatementId))
                    page.Add(Ended(entry));
            }
            if (rows.Count <= limit)
                return new ConsentsOfPatient(page);
        }
    }

    /// <summary>The grants in force that one delegate signed, newest first; the rules of the channel bound their number.</summary>
    public async Task<IReadOnlyList<Consent>> SignedByAsync(string patientId, string delegateId, CancellationToken ct)
    {
        var policy = await PatientPolicy.LoadAsync(replica, patientId, ct);
        var signed = new List<Consent>();
        foreach (var entry in await replica.ListAsync(LedgerKind.Statement, [patientId], LedgerJson.Default.StatementEntry, ct))
        {
            if (SignedStatementReader.Read(entry.Signed).Signer.Delegate == delegateId)
                signed.Add(await StandingAsync(patientId, entry, policy, ct));
        }
        return [.. signed.OrderByDescending(consent => consent.AcceptedAt).ThenBy(consent => consent.Id, StringComparer.Ordinal)];
    }

    /// <summary>
    /// The permits that delegates and guardians signed and that do not count, or will not from a time on, unless somebody confirms them:
    /// by the patient's word any of them, by a guardian's those that another guardian may only permit jointly.
    /// </summary>
    /// <param name="patientId">Patient.</param>
    /// <param name="guardianId">The guardian who would confirm; null for the patient.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<IReadOnlyList<UnconfirmedPermit>> UnconfirmedAsync(string patientId, string? guardianId, CancellationToken ct)
    {
        var (now, policy) = (clock.GetUtcNow(), await PatientPolicy.LoadAsync(replica, patientId, ct));
        var unconfirmed = new List<UnconfirmedPermit>();
        foreach (var lapsed in policy.Lapsed.Where(permit => guardianId is null || permit.Cause is LapseCause.NotConfirmed))
        {
            // Who confirmed once cannot do so again, even where that word does not count any more.
            if (await replica.GetAsync(LedgerKey.Statement(patientId, lapsed.StatementId), LedgerJson.Default.StatementEntry, ct) is not { } entry
                || SignedStatementReader.Read(entry.Signed).Signer.Delegate is not { } signer || signer == guardianId
                || await replica.GetAsync(LedgerKey.Confirmation(patientId, lapsed.StatementId, guardianId ?? patientId), ct) is not null)
                continue;
            var consent = await StandingAsync(patientId, entry, policy, ct);
            if (consent.Status is not (ConsentStatus.Expired or ConsentStatus.UsedUp))
                unconfirmed.Add(new UnconfirmedPermit(consent, lapsed.From > now ? lapsed.From : null));
        }
        return [.. unconfirmed.OrderBy(permit => permit.LapsesAt ?? DateTimeOffset.MinValue).ThenBy(permit => permit.Consent.Id, StringComparer.Ordinal)];
    }

    /// <summary>One grant of a patient, read by its keys; null where there is none.</summary>
    public async Task<Consent?> FindAsync(string patientId, string statementId, CancellationToken ct)
    {
        if (await replica.GetAsync(LedgerKey.Statement(patientId, statementId), LedgerJson.Default.StatementEntry, ct) is { } grant)
            return await OfAsync(patientId, grant, ct);
        // Only affiliated hospitals attest, and an affiliation stays.
        foreach (var affiliation in await replica.ListAsync(LedgerKind.Affiliation, [patientId], LedgerJson.Default.AffiliationEntry, ct))
        {
            if (await replica.GetAsync(LedgerKey.Attestation(patientId, affiliation.Member, statementId), LedgerJson.Default.AttestationEntry, ct) is { } attested)
                return await OfAsync(attested, ct);
        }
        return await replica.GetAsync(LedgerKey.EndedStatement(patientId, statementId), LedgerJson.Default.EndedStatementEntry, ct) is { } ended && IsGrant(ended)
            ? Ended(ended)
            : null;
    }

    private static bool IsGrant(EndedStatementEntry entry) => entry.Kind is EndedStatementKind.RevokedGrant or EndedStatementKind.ReplacedGrant
        or EndedStatementKind.ExpiredGrant or EndedStatementKind.RevokedUnseen;

    /// <summary>A grant that was just accepted or signed a second time.</summary>
    public async Task<Consent> OfAsync(string patientId, StatementEntry entry, CancellationToken ct) =>
        await StandingAsync(patientId, entry, await PatientPolicy.LoadAsync(replica, patientId, ct), ct);

    /// <summary>An attestation that was just accepted or withdrawn.</summary>
    public async Task<Consent> OfAsync(AttestationEntry entry, CancellationToken ct) =>
        await OfAsync(entry, await PatientPolicy.LoadAsync(replica, entry.Attestation.PatientId, ct), ct);

    private async Task<Consent> OfAsync(AttestationEntry entry, PatientPolicy policy, CancellationToken ct)
    {
        var (patientId, id) = (entry.Attestation.PatientId, entry.Attestation.AttestationId);
        // By the rule that decides: an id under which something ended may be none that the patient revoked.
        var effect = AttestedConsents.Read(entry.Attestation, entry.Member).Effect;
        var ended = await AttestedConsents.IsEndedAsync(replica, patientId, id, effect, ct)
            ? await replica.GetAsync(LedgerKey.EndedStatement(patientId, id), LedgerJson.Default.EndedStatementEntry, ct)
            : null;
        return Lapsing(Attested(entry, ended, clock.GetUtcNow()), effect, policy);
    }

    /// <summary>A grant that was revoked, or whose period is over.</summary>
    public static Consent Ended(EndedStatementEntry entry) =>
        Read(entry.Signed, entry.StatementId, entry.Kind is EndedStatementKind.ExpiredGrant ? ConsentStatus.Expired : ConsentStatus.Revoked,
            entry.RelayedBy, entry.AcceptedAt) with
        {
            RevokedBy = entry.RevokedBy,
            RevokedAt = entry.RevokedAt,
        };

    private async Task<Consent> StandingAsync(string patientId, StatementEntry entry, PatientPolicy policy, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
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
        return Lapsing(Read(entry.Signed, entry.StatementId, status, entry.RelayedBy, entry.AcceptedAt) with
        {
            EffectiveFrom = effectiveFrom,
            CoSignedBy = entry.CoSigned?.Assertion.Credential,
            UsesLeft = usesLeft,
        }, grant.Effect, policy);
    }

    // By the code that decides. What is over or used up is so whatever became of its signer.
    private Consent Lapsing(Consent consent, Effect effect, PatientPolicy policy) =>
        consent.Status is ConsentStatus.Active or ConsentStatus.Scheduled or ConsentStatus.Waiting
        && policy.LapseOf(consent.Id, effect, clock.GetUtcNow()) is { } cause
            ? consent with { Status = ConsentStatus.Lapsed, Lapse = cause }
            : consent;

    private static Consent Attested(AttestationEntry entry, EndedStatementEntry? ended, DateTimeOffset now)
    {
        var (attestation, member) = (entry.Attestation, entry.Member);
        var period = AttestedConsents.Read(attestation, member).Period;
        using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(attestation.Body));
        var body = json.RootElement.Clone();
        var endedAt = ended is null ? entry.WithdrawnAt : ended.RevokedAt ?? ended.AcceptedAt;
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
