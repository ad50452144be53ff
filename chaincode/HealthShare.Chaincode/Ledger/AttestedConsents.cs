using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>What a hospital may vouch for, and which attestations count. Endorsers, nodes and auditors judge alike.</summary>
public static class AttestedConsents
{
    /// <summary>Most attestations of one hospital for one patient, withdrawn ones included: each decision reads them all.</summary>
    public const int MaxPerMember = 200;

    /// <summary>The same under an id that was merged into another, whose decisions read them as well.</summary>
    public const int MaxCarriedPerMember = 50;

    /// <summary>Why a hospital cannot attest another consent of a patient: a code and a sentence; null when it can.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="member">MSP id of the hospital.</param>
    /// <param name="grant">The consent, as <see cref="Read"/> reads it.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<(string Code, string Text)?> RefusalAsync(
        ILedgerState state, string patientId, string member, GrantBody grant, CancellationToken ct)
    {
        if (await NamedInGrant.RefusalAsync(state, patientId, grant.Scope, "body.scope", ct) is { } unknown)
            return unknown;
        var count = await CountAsync(state, patientId, member, ct);
        var most = count >= MaxCarriedPerMember && await Merging.IsMergedAsync(state, patientId, ct) ? MaxCarriedPerMember : MaxPerMember;
        return count >= most
            ? ("consent.too_many_attested", $"A hospital attests at most {most} consents of the patient; let the patient sign.")
            : null;
    }

    /// <summary>True where one hospital attested more for a patient than an id may carry to another.</summary>
    internal static async Task<bool> AreTooManyToCarryAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (var (key, _) in state.ListAsync(LedgerKind.Attestation, [patientId], ct))
        {
            _ = LedgerKey.TryParse(key, out _, out var parts);
            var member = parts[1];
            counts[member] = counts.GetValueOrDefault(member) + 1;
        }
        return counts.Values.Any(static count => count > MaxCarriedPerMember);
    }

    private static async Task<int> CountAsync(ILedgerState state, string patientId, string member, CancellationToken ct)
    {
        var count = 0;
        await foreach (var _ in state.ListAsync(LedgerKind.Attestation, [patientId, member], ct))
            count++;
        return count;
    }

    /// <summary>Reads an attestation and holds it against the rules.</summary>
    /// <param name="attestation">The attestation.</param>
    /// <param name="member">MSP id of the hospital that vouches.</param>
    /// <exception cref="PolicyException">
    /// The body is not a grant's, or <c>consent.attested_member</c>, <c>consent.attested_emergency</c> or
    /// <c>consent.attester_named</c>.
    /// </exception>
    public static GrantBody Read(AttestConsent attestation, string member)
    {
        var bytes = StatementReader.Decode(attestation.Body, Statement.MaxBytes, "The body");
        var grant = StatementReader.ReadGrant(bytes);
        // A form that only a signer may use, in any version of grants that is read here: a plain one has only these parts.
        if (!StatementWriter.WriteGrant(new GrantBody(grant.Effect, grant.Scope, grant.Period, grant.EmergencyNever)).AsSpan().SequenceEqual(bytes))
            throw new PolicyException("consent.attested_member", "An attested consent has effect, scope and period only; the rest takes a signature.");
        if (grant.EmergencyNever)
            throw new PolicyException("consent.attested_emergency", "Only a signature can keep emergencies out.");
        // Whoever vouches for a permit must have nothing from it, however deep it is named.
        if (grant.Effect is Effect.Permit && grant.Scope.Any(provision => Names(provision, member)))
            throw new PolicyException("consent.attester_named", "The hospital that attests a permit cannot be its reader.");
        return grant;
    }

    /// <summary>
    /// The attestations that count, whatever their period: neither withdrawn nor revoked by the patient. Null when one cannot be
    /// read: then nothing may be permitted. The whole range is read, so a later change invalidates the transaction.
    /// </summary>
    internal static async Task<List<StatementInForce>?> LoadAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        var counting = new List<StatementInForce>();
        var readable = true;
        await foreach (var (key, value) in state.ListAsync(LedgerKind.Attestation, [patientId], ct))
        {
            if (TryRead(key, value, patientId) is not var (entry, grant))
                readable = false;
            else if (entry.WithdrawnAt is null && !await IsEndedAsync(state, patientId, entry.Attestation.AttestationId, grant.Effect, ct))
                counting.Add(new StatementInForce(entry.Attestation.AttestationId, grant, entry.Member));
        }
        return readable ? counting : null;
    }

    /// <summary>
    /// True where something ended an attested consent but its hospital's withdrawal. A deny ends by the patient's word alone. Whatever
    /// takes a permit's id ends it: less is read then.
    /// </summary>
    /// <param name="state">The state.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="id">Id of the attested consent.</param>
    /// <param name="effect">Its effect.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<bool> IsEndedAsync(ILedgerState state, string patientId, string id, Effect effect, CancellationToken ct) =>
        effect is Effect.Permit
            ? await state.GetAsync(LedgerKey.EndedStatement(patientId, id), ct) is not null
            : await PatientRevocations.HasAsync(state, patientId, id, ct);

    private static (AttestationEntry Entry, GrantBody Grant)? TryRead(string key, ReadOnlyMemory<byte> value, string patientId)
    {
        try
        {
            var entry = JsonSerializer.Deserialize(value.Span, LedgerJson.Default.AttestationEntry)!;
            var attestation = entry.Attestation;
            return attestation.PatientId == patientId && key == LedgerKey.Attestation(patientId, entry.Member, attestation.AttestationId)
                ? (entry, Read(attestation, entry.Member))
                : null;
        }
        catch (Exception e) when (e is JsonException or PolicyException)
        {
            return null; // nothing is permitted; that is the answer
        }
    }

    private static bool Names(Provision provision, string member) =>
        (!provision.Who.IsDefault && provision.Who.Any(who => who is WhoOrg { Org: var org } && org == member))
        || (!provision.Except.IsDefault && provision.Except.Any(except => Names(except, member)));
}
