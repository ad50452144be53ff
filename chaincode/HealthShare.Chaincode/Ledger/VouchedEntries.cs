namespace HealthShare.Chaincode.Ledger;

/// <summary>What a hospital vouches for in a signer.</summary>
public enum VouchedKind
{
    /// <summary>A guardian, with credentials of the guardian's own.</summary>
    Guardian,

    /// <summary>A new credential of the patient's own, in place of one that was lost.</summary>
    Credential,
}

/// <summary>Argument of <c>Patients:Attest</c>: a signer that the calling hospital vouches for.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="SignerId">Id chosen by the first that vouches, <c>dg-…</c>.</param>
/// <param name="Kind">What is vouched for.</param>
/// <param name="Credentials">The guardian's credentials, 1 to 4, or the one credential of the patient.</param>
/// <param name="End">
/// First instant without the guardian's power: the beginning of a month in UTC, at most a year ahead; null for a credential.
/// </param>
/// <param name="Joint">True for a guardian whose permits count only once another guardian of the patient has confirmed them.</param>
public sealed record AttestSigner(
    string PatientId, string SignerId, VouchedKind Kind, IReadOnlyList<Credential> Credentials, DateTimeOffset? End = null,
    bool Joint = false);

/// <summary>Argument of <c>Patients:Object</c>.</summary>
/// <param name="PatientId">Patient.</param>
/// <param name="SignerId">The signer.</param>
/// <param name="Statement">
/// The patient's signed revocation of that signer (<c>revokeDelegate</c>), which any member relays; null for the objection of an
/// affiliated hospital of its own.
/// </param>
public sealed record ObjectToSigner(string PatientId, string SignerId, SignedStatement? Statement = null);

/// <summary>One hospital's word.</summary>
/// <param name="Member">MSP id.</param>
/// <param name="At">Proposal time.</param>
public sealed record Voucher(string Member, DateTimeOffset At);

/// <summary>A signer that hospitals vouch for. Kept for ever.</summary>
/// <param name="Attested">What is vouched for.</param>
/// <param name="Vouchers">Who vouches, in their order; each once, with its latest word.</param>
/// <param name="Needed">How many it takes: 2 where the patient had another credential, in force or not, by the latest word; else 1.</param>
/// <param name="CompleteAt">Proposal time of the word that made it enough; null before. Whether it still is: <see cref="Suffices"/>.</param>
/// <param name="ObjectedBy">MSP id of the hospital that objected, or relayed the patient's objection; null while nobody did.</param>
/// <param name="ObjectedAt">Proposal time of the objection.</param>
/// <param name="Objection">Id of the patient's signed objection; null for a hospital's.</param>
public sealed record VouchedEntry(
    AttestSigner Attested, IReadOnlyList<Voucher> Vouchers, int Needed, DateTimeOffset? CompleteAt = null, string? ObjectedBy = null,
    DateTimeOffset? ObjectedAt = null, string? Objection = null)
{
    /// <summary>How long a vouched signer may only take away, counted from the word that made it enough.</summary>
    public static readonly TimeSpan Waiting = TimeSpan.FromHours(72);

    /// <summary>
    /// Whether the words that count now are enough: two always; a single one only for a patient who never had a credential but the one
    /// that it vouches for. It is asked at every use, or a hospital could bring a signer before the patient has a passkey and wake it
    /// later; and it is asked of revoked ones, too, or it would wake with the revocation of the last.
    /// </summary>
    /// <param name="words">How many words count, see <see cref="WordsAsync"/>.</param>
    /// <param name="held">The patient's credentials, those that were revoked included.</param>
    public bool Suffices(int words, IEnumerable<Credential> held) => words >= 2 || (words == 1 && held.All(IsVouchedFor));

    /// <summary>As the other, by the credentials on the ledger, read as a range: one that comes until the commit invalidates the transaction.</summary>
    public async Task<bool> SufficesAsync(ILedgerState state, CancellationToken ct)
    {
        var words = await WordsAsync(state, ct);
        return Suffices(words, words == 1 ? await HeldAsync(state, ct) : []);
    }

    /// <summary>How many words count now, see <see cref="Governance.Counts"/>. The entries of the hospitals are read.</summary>
    public async Task<int> WordsAsync(ILedgerState state, CancellationToken ct)
    {
        var members = new List<OrganizationEntry>(Vouchers.Count);
        foreach (var voucher in Vouchers)
        {
            if (await state.FindAsync(LedgerKey.Organization(voucher.Member), LedgerJson.Default.OrganizationEntry, ct) is { } member)
                members.Add(member);
        }
        return WordsOf(members);
    }

    /// <summary>As the other, by the members as they are.</summary>
    public int WordsOf(IReadOnlyCollection<OrganizationEntry> members) => Vouchers.Count(
        voucher => Governance.Counts(members.FirstOrDefault(member => member.MspId == voucher.Member), voucher.At));

    /// <summary>True for the credential of the patient's own that is vouched for: the very same, byte for byte.</summary>
    // Not its id: a guardian's credential, or another key under the patient's id, is not the patient's own.
    public bool IsVouchedFor(Credential credential) => Attested is { Kind: VouchedKind.Credential, Credentials: [var own] }
        && LedgerValue.Same(own, credential, LedgerJson.Default.Credential);

    private async Task<IEnumerable<Credential>> HeldAsync(ILedgerState state, CancellationToken ct) =>
        (await state.ListAsync(LedgerKind.Credential, Attested.PatientId, LedgerJson.Default.CredentialEntry, ct)).Select(static entry => entry.Credential);
}
