using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <summary>What a record must be.</summary>
internal static class RecordRules
{
    public static void Check(NewRecord record)
    {
        Require.Id(IdKind.Patient, record.PatientId, "patientId");
        Require.Id(IdKind.Record, record.RecordId, "recordId");
        Require.Tokens(record.Categories, 1, "categories");
        Require.Tokens(record.Labels, 0, "labels");
        Require.That(record.Author is null || Token.IsValid(record.Author), "author", "is not a token");
        Require.That(record.Encounter is null || Token.IsValid(record.Encounter), "encounter", "is not a token");
        Require.That(LedgerCode.IsConfidentiality(record.Confidentiality), "confidentiality", "is not U, L, M, N, R or V");
        Require.That(IsCid(record.Cid), "cid", "is not a CIDv1 in base32");
        Require.That(record.Size is >= 1 and <= Limits.RecordBytes, "size", "is not 1 to 2^40");
        Require.Hash(record.KeyCommitment, "keyCommitment");
    }

    public static async Task<RecordEntry> FindAsync(TransactionContext tx, string patientId, RecordRef record) =>
        await tx.GetAsync(LedgerKey.Record(patientId, record.Custodian, record.RecordId), LedgerJson.Default.RecordEntry)
        ?? throw new ContractException("record.not_found", $"Record '{record.RecordId}' is not on this channel.");

    // Multibase 'b' is lower-case base32 without padding; every CIDv1 begins with version 1, so with 'ba'.
    private static bool IsCid(string cid) => cid.Length is >= 8 and <= Limits.CidLength
        && cid.StartsWith("ba", StringComparison.Ordinal)
        && cid.All(static c => char.IsAsciiLetterLower(c) || c is >= '2' and <= '7');
}
