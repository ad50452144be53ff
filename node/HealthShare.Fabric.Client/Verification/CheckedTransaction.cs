using System.Diagnostics.CodeAnalysis;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>A transaction with what its own bytes tell: whether it is well formed and rightly signed, and who endorsed it.</summary>
/// <param name="View">The transaction.</param>
/// <param name="Id">Its id, or null where it cannot be read.</param>
/// <param name="Verdict">The outcome so far.</param>
/// <param name="Signers">Endorsers whose signatures are right, each once.</param>
/// <param name="Signatures">How many signatures were checked.</param>
internal sealed record CheckedTransaction(
    TransactionView View, string? Id, Verdict Verdict, IReadOnlyList<MspIdentity> Signers, int Signatures);

/// <summary>The flag a transaction deserves, and why.</summary>
internal readonly record struct Verdict(TxValidationCode Code, string Reason)
{
    public static Verdict Valid { get; } = new(TxValidationCode.Valid, "it is valid");

    public bool IsValid => Code == TxValidationCode.Valid;
}

/// <summary>Ends the examination of a transaction with the flag it deserves.</summary>
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "Never leaves the verifier.")]
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Never leaves the verifier.")]
internal sealed class RefusedException(TxValidationCode code, string reason) : Exception(reason)
{
    public Verdict Verdict { get; } = new(code, reason);
}
