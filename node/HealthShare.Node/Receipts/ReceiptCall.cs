using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Receipts;

/// <summary>What a transaction's call says: a patient's statement, or what a hospital attested.</summary>
/// <param name="Function"><c>Contract:Transaction</c>.</param>
/// <param name="PatientId">Patient.</param>
/// <param name="Id">Id of the statement or attestation, or of the signer that hospitals vouch for.</param>
/// <param name="Signed">The statement with its assertion; null for an attestation.</param>
/// <param name="Statement">The statement as read; null for an attestation.</param>
/// <param name="Attestation">The argument of a hospital's own word, such as an attestation; null for a statement.</param>
internal sealed record ReceiptCall(
    string Function, string PatientId, string Id, SignedStatement? Signed, Statement? Statement, JsonElement? Attestation)
{
    /// <summary>Who signed, with which credential: the statement's signer, or for a second signature the credential that made it.</summary>
    public StatementSigner? Signer => Signed is not { Assertion.Credential: var second } ? null
        : Function == LedgerTransactions.CoSignConsent ? new StatementSigner(second) : Statement!.Signer;

    /// <summary>Reads the call of a transaction.</summary>
    /// <exception cref="FabricDataException">It brings neither a statement nor an attestation.</exception>
    public static ReceiptCall Read(EndorserTransactionView call)
    {
        if (call.Arguments is not [var argument])
            throw new FabricDataException($"The call {call.Function} has {call.Arguments.Count} arguments.");
        try
        {
            using var json = JsonDocument.Parse(argument.Memory);
            switch (call.Function)
            {
                case LedgerTransactions.AttestConsent:
                    var consent = Of(LedgerJson.Default.AttestConsent);
                    return new ReceiptCall(call.Function, consent.PatientId, consent.AttestationId, null, null, json.RootElement.Clone());
                case LedgerTransactions.AttestSigner:
                    var signer = Of(LedgerJson.Default.AttestSigner);
                    return new ReceiptCall(call.Function, signer.PatientId, signer.SignerId, null, null, json.RootElement.Clone());
                case LedgerTransactions.WithdrawAttestation:
                    var withdrawal = Of(LedgerJson.Default.WithdrawAttestation);
                    return new ReceiptCall(call.Function, withdrawal.PatientId, withdrawal.AttestationId, null, null, json.RootElement.Clone());
                case LedgerTransactions.ObjectToSigner:
                    var objection = Of(LedgerJson.Default.ObjectToSigner);
                    return objection.Statement is { } signed
                        ? OfStatement(signed)
                        : new ReceiptCall(call.Function, objection.PatientId, objection.SignerId, null, null, json.RootElement.Clone());
                case LedgerTransactions.CoSignConsent:
                    return OfCoSignature(Of(LedgerJson.Default.CoSignConsent));
                default:
                    return json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("assertion", out _)
                        ? OfStatement(Of(LedgerJson.Default.SignedStatement))
                        : throw new FabricDataException($"The call {call.Function} brings neither a statement nor an attestation.");
            }

            T Of<T>(JsonTypeInfo<T> type) => json.Deserialize(type) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or PolicyException)
        {
            throw new FabricDataException($"The argument of {call.Function} cannot be read.", e);
        }

        // The call brings the assertion alone; what it was made over is what was endorsed with it.
        ReceiptCall OfCoSignature(CoSignConsent second)
        {
            var value = Writes(call, ContractCatalog.ChaincodeName).FirstOrDefault(write => write.Key == LedgerKey.Statement(second.PatientId, second.StatementId)).Value;
            return value.Length > 0 && JsonSerializer.Deserialize(value.Span, LedgerJson.Default.StatementEntry) is { CoSigned: { } written } entry
                && written.Assertion == second.Assertion && OfStatement(entry.Signed with { Assertion = second.Assertion }) is var read
                && (read.PatientId, read.Id) == (second.PatientId, second.StatementId)
                ? read
                : throw new FabricDataException("What was endorsed does not write the second signature that the call brings.");
        }

        ReceiptCall OfStatement(SignedStatement signed)
        {
            var statement = SignedStatementReader.Read(signed);
            return new ReceiptCall(call.Function, statement.Patient, statement.Id, signed, statement, null);
        }
    }

    /// <summary>Reads the call of a transaction; null where it brings neither a statement nor an attestation.</summary>
    public static ReceiptCall? TryRead(EndorserTransactionView call)
    {
        try
        {
            return Read(call);
        }
        catch (FabricDataException)
        {
            return null;
        }
    }

    /// <summary>True where the transaction writes an entry of this patient under this id.</summary>
    public bool IsWrittenBy(EndorserTransactionView call, string chaincode) => Writes(call, chaincode).Any(
        write => LedgerKey.TryParse(write.Key, out var kind, out var parts)
            && kind is LedgerKind.Statement or LedgerKind.EndedStatement or LedgerKind.Attestation or LedgerKind.VouchedSigner
            && parts[0] == PatientId && parts[^1] == Id);

    private static IEnumerable<(string Key, ReadOnlyMemory<byte> Value)> Writes(EndorserTransactionView call, string chaincode) =>
        call.RwSets.Where(set => set.Name == chaincode).SelectMany(set => set.Public.Writes).Where(write => !write.IsDelete)
            .Select(write => (write.Key, write.Value.Memory));
}
