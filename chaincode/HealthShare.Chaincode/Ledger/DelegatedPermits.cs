using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// Which permits of delegates count, and until when: those that the patient confirmed as they are, the others while the power
/// stands that they were signed under, and as far as it reaches by now.
/// </summary>
/// <param name="state">The state.</param>
/// <param name="credentials">The patient's own credentials.</param>
/// <param name="isTrusted">True for a credential of the patient whose signature counts.</param>
/// <param name="isSigned">True when a credential signed exactly a statement.</param>
/// <param name="isVouched">True for a signer whose vouching counts.</param>
internal sealed class DelegatedPermits(
    ILedgerState state, IReadOnlyDictionary<string, CredentialEntry> credentials, Func<CredentialEntry, bool> isTrusted,
    Func<SignedStatement, Statement, Credential, bool> isSigned, Func<VouchedEntry, bool> isVouched)
{
    private Dictionary<string, DelegatePower>? powers;

    /// <summary>The permit as far as it counts; null when it does not.</summary>
    public async Task<GrantBody?> CountingAsync(SignedStatement signed, Statement statement, CancellationToken ct)
    {
        var permit = (GrantBody)statement.Body;
        if (await Confirmations.FindAsync(state, statement.Patient, statement.Id, statement.Patient, ct) is var (word, confirmation)
            && OfPatient(word, confirmation, confirmation.Signer.Credential))
            return permit;
        // As a range, once for all of them: a power that comes or goes until the commit invalidates the transaction.
        powers ??= await DelegatePower.LoadAsync(state, statement.Patient, ct);
        if (powers.GetValueOrDefault(statement.Signer.Delegate!) is not { IsStopped: false } power
            || !power.Scope.Statements.HasFlag(DelegateActs.Permit) || !power.Scope.Covers(permit)
            || power.CredentialOf(statement.Signer.Credential) is not { } own || !isSigned(signed, statement, own)
            || !IsFounded(power))
            return null;
        var powerEnd = power.End;
        if (power.Vouched is { Attested.Joint: true })
        {
            if (await JointlyUntilAsync(power, statement, ct) is not { } jointEnd)
                return null;
            powerEnd = jointEnd < powerEnd ? jointEnd : powerEnd;
        }
        return permit.Period.End is { } end && end <= powerEnd ? permit : permit with { Period = permit.Period with { End = powerEnd } };
    }

    // The latest end of a power among the other guardians who confirmed the permit; null where none of them counts.
    private async Task<DateTimeOffset?> JointlyUntilAsync(DelegatePower first, Statement statement, CancellationToken ct)
    {
        DateTimeOffset? until = null;
        foreach (var second in powers!.Values.Where(power =>
            power is { IsStopped: false, Vouched.Attested.Kind: VouchedKind.Guardian } && power.Id != first.Id && IsFounded(power)))
        {
            if (await Confirmations.FindAsync(state, statement.Patient, statement.Id, second.Id, ct) is var (word, confirmation)
                && second.CredentialOf(confirmation.Signer.Credential) is { } own && isSigned(word, confirmation, own)
                && !(until > second.End))
                until = second.End;
        }
        return until;
    }

    private bool IsFounded(DelegatePower power) => power.Vouched is { } vouched
        ? vouched.CompleteAt is not null && isVouched(vouched)
            && vouched.Suffices(credentials.Values.Where(entry => !entry.IsRevoked).Select(entry => entry.Credential))
        : power.Appointment is { } appointment && OfPatient(appointment, SignedStatementReader.Read(appointment), appointment.Assertion.Credential);

    private bool OfPatient(SignedStatement signed, Statement statement, string credentialId) =>
        credentials.GetValueOrDefault(credentialId) is { IsRevoked: false } signer
        && isTrusted(signer) && isSigned(signed, statement, signer.Credential);
}
