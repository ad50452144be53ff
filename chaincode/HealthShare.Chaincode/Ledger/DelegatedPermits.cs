using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// Which permits of delegates count, and until when: those that the patient confirmed as they are, the others while the power
/// stands that they were signed under, and as far as it reaches by now.
/// </summary>
/// <param name="state">The state.</param>
/// <param name="credentials">The patient's own credentials.</param>
/// <param name="trustedFrom">From when the signature of a credential of the patient counts; null where it does not.</param>
/// <param name="isSigned">True when a credential signed exactly a statement.</param>
/// <param name="vouchedFrom">From when a signer counts that hospitals vouch for; null where it does not.</param>
internal sealed class DelegatedPermits(
    ILedgerState state, IReadOnlyDictionary<string, CredentialEntry> credentials, Func<CredentialEntry, DateTimeOffset?> trustedFrom,
    Func<SignedStatement, Statement, Credential, bool> isSigned, Func<VouchedEntry, DateTimeOffset?> vouchedFrom)
{
    private Dictionary<string, DelegatePower>? powers;

    /// <summary>
    /// The permit as far as it counts, and from when: more than once where it reaches further later, and empty where it never counts.
    /// </summary>
    public async Task<IReadOnlyList<(GrantBody Permit, DateTimeOffset From)>> CountingAsync(
        SignedStatement signed, Statement statement, CancellationToken ct)
    {
        var permit = (GrantBody)statement.Body;
        var counting = new List<(GrantBody Permit, DateTimeOffset From)>();
        if (await Confirmations.FindAsync(state, statement.Patient, statement.Id, statement.Patient, ct) is var (word, confirmation)
            && OfPatientFrom(word, confirmation, confirmation.Signer.Credential) is { } confirmed)
            counting.Add((permit, confirmed));
        if (counting is [(_, var from)] && from == CustodianView.Always)
            return counting;
        // As a range, once for all of them: a power that comes or goes until the commit invalidates the transaction.
        powers ??= await DelegatePower.LoadAsync(state, statement.Patient, ct);
        if (powers.GetValueOrDefault(statement.Signer.Delegate!) is not { IsStopped: false } power
            || !power.Scope.Statements.HasFlag(DelegateActs.Permit) || !power.Scope.Covers(permit)
            || power.CredentialOf(statement.Signer.Credential) is not { } own || DelegatePower.WasRevoked(credentials.Values, own)
            || !isSigned(signed, statement, own) || await FoundedFromAsync(power, ct) is not { } founded)
            return counting;
        if (power.Vouched is not { Attested.Joint: true })
            counting.Add((Until(permit, power.End), founded));
        foreach (var (jointFrom, jointEnd) in power.Vouched is { Attested.Joint: true } ? await JointlyAsync(power, statement, ct) : [])
            counting.Add((Until(permit, jointEnd < power.End ? jointEnd : power.End), jointFrom > founded ? jointFrom : founded));
        return counting;
    }

    /// <summary>Why a permit of a delegate that <see cref="CountingAsync"/> finds nothing of does not count.</summary>
    public async Task<LapseCause> CauseAsync(SignedStatement signed, Statement statement, CancellationToken ct)
    {
        if (powers?.GetValueOrDefault(statement.Signer.Delegate!) is not { } power)
            return LapseCause.NotVerified;
        if (power.IsStopped)
            return power.Vouched is null ? LapseCause.DelegateRevoked : LapseCause.SignerObjected;
        if (!power.Scope.Statements.HasFlag(DelegateActs.Permit) || !power.Scope.Covers((GrantBody)statement.Body)
            || power.CredentialOf(statement.Signer.Credential) is not { } own)
            return LapseCause.DelegateNarrowed;
        if (DelegatePower.WasRevoked(credentials.Values, own))
            return LapseCause.CredentialRevoked;
        if (!isSigned(signed, statement, own))
            return LapseCause.NotVerified;
        if (await FoundedFromAsync(power, ct) is not null)
            return LapseCause.NotConfirmed;
        if (power.Vouched is { } vouched)
        {
            return vouched.CompleteAt is null
                || !vouched.Suffices(await vouched.WordsAsync(state, ct), credentials.Values.Select(entry => entry.Credential))
                ? LapseCause.SignerNotVouched
                : LapseCause.NotAccepted;
        }
        return power.Appointment is { } appointment
            && credentials.GetValueOrDefault(appointment.Assertion.Credential) is { IsRevoked: false } appointer
            ? trustedFrom(appointer) is null ? LapseCause.NotAccepted : LapseCause.NotVerified
            : LapseCause.AppointerRevoked;
    }

    // From when, and until when at the latest, other guardians who confirmed the permit are in power.
    private async Task<Dictionary<DateTimeOffset, DateTimeOffset>> JointlyAsync(DelegatePower first, Statement statement, CancellationToken ct)
    {
        var ends = new Dictionary<DateTimeOffset, DateTimeOffset>();
        foreach (var second in powers!.Values.Where(power =>
            power is { IsStopped: false, Vouched.Attested.Kind: VouchedKind.Guardian } && power.Id != first.Id))
        {
            if (await FoundedFromAsync(second, ct) is { } from
                && await Confirmations.FindAsync(state, statement.Patient, statement.Id, second.Id, ct) is var (word, confirmation)
                && second.CredentialOf(confirmation.Signer.Credential) is { } own && !DelegatePower.WasRevoked(credentials.Values, own)
                && isSigned(word, confirmation, own)
                && !(ends.TryGetValue(from, out var end) && end > second.End))
                ends[from] = second.End;
        }
        return ends;
    }

    private static GrantBody Until(GrantBody permit, DateTimeOffset powerEnd) =>
        permit.Period.End is { } end && end <= powerEnd ? permit : permit with { Period = permit.Period with { End = powerEnd } };

    private async Task<DateTimeOffset?> FoundedFromAsync(DelegatePower power, CancellationToken ct) => power.Vouched is { } vouched
        ? vouched.CompleteAt is not null
            && vouched.Suffices(await vouched.WordsAsync(state, ct), credentials.Values.Select(entry => entry.Credential))
            ? vouchedFrom(vouched)
            : null
        : power.Appointment is { } appointment
            ? OfPatientFrom(appointment, SignedStatementReader.Read(appointment), appointment.Assertion.Credential)
            : null;

    private DateTimeOffset? OfPatientFrom(SignedStatement signed, Statement statement, string credentialId) =>
        credentials.GetValueOrDefault(credentialId) is { IsRevoked: false } signer
        && trustedFrom(signer) is { } from && isSigned(signed, statement, signer.Credential) ? from : null;
}
