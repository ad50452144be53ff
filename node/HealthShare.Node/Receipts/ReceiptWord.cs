using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Receipts;

/// <summary>What comes to something that a patient signed or a hospital attested, after its first transaction; each has a receipt of its own.</summary>
internal static class ReceiptWord
{
    /// <summary>The second signature under a broad permit.</summary>
    public const string CoSignature = "coSignature";

    /// <summary>The withdrawal of an attested consent by its hospital.</summary>
    public const string Withdrawal = "withdrawal";

    /// <summary>A hospital's own objection to a signer that hospitals vouch for; a patient's is a statement with an id.</summary>
    public const string Objection = "objection";

    /// <summary>A hospital's word for such a signer, its latest.</summary>
    public static string Of(string member) => $"word:{member}";

    /// <summary>What a write to the ledger is; null where it is none of these.</summary>
    public static string? Of(StateWrite write) => write is not { Value: { } json } ? null : write.Kind switch
    {
        LedgerKind.Statement => JsonSerializer.Deserialize(json.Span, LedgerJson.Default.StatementEntry)!.CoSigned is null ? null : CoSignature,
        LedgerKind.Attestation => JsonSerializer.Deserialize(json.Span, LedgerJson.Default.AttestationEntry)!.WithdrawnAt is null ? null : Withdrawal,
        LedgerKind.VouchedSigner => JsonSerializer.Deserialize(json.Span, LedgerJson.Default.VouchedEntry)! switch
        {
            { ObjectedBy: null } => Of(write.Creator),
            { Objection: null } => Objection,
            _ => null,
        },
        _ => null,
    };
}
