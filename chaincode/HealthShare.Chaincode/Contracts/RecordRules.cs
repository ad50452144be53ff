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
        if (record.PartOf is not null)
            Require.Id(IdKind.Record, record.PartOf, "partOf");
    }

    /// <summary>A part comes with its whole. Other patients' records and other members' are none of this batch's keys, so they cannot be meant.</summary>
    public static void CheckParts(IReadOnlyList<NewRecord> batch)
    {
        var byId = batch.ToDictionary(record => record.RecordId, StringComparer.Ordinal);
        foreach (var part in batch.Where(record => record.PartOf is not null))
        {
            if (!byId.TryGetValue(part.PartOf!, out var whole) || !part.IsPartOf(whole))
                throw new ContractException("record.part_unfounded", $"Record '{part.RecordId}' is no part of a record that is registered with it and says the same.");
        }
    }

    /// <summary>A whole and its parts are new together or there together: what was registered is never added to.</summary>
    public static void CheckTogether(IReadOnlyList<NewRecord> batch, IReadOnlyList<NewRecord> fresh)
    {
        var isNew = fresh.Select(record => record.RecordId).ToHashSet(StringComparer.Ordinal);
        if (batch.FirstOrDefault(record => record.PartOf is { } whole && isNew.Contains(whole) != isNew.Contains(record.RecordId)) is { } late)
            throw new ContractException("record.part_late", $"Record '{late.RecordId}' and the one that it is a part of were not registered together.");
    }

    public static void Check(NewSupersession one)
    {
        Require.Id(IdKind.Patient, one.PatientId, "patientId");
        Require.Id(IdKind.Record, one.RecordId, "recordId");
        Require.That(Enum.IsDefined(one.Relation), "relation", "is not one that the contract knows");
        Require.That((one.By is null) == (one.Relation is Relation.Withdraws), "by", "is given exactly where a later record takes the place");
        if (one.By is null)
            return;
        Require.Id(IdKind.Record, one.By, "by");
        Require.That(one.By != one.RecordId, "by", "is the record itself");
    }

    public static async Task<RecordEntry> FindAsync(TransactionContext tx, string patientId, RecordRef record) =>
        await tx.GetAsync(LedgerKey.Record(patientId, record.Custodian, record.RecordId), LedgerJson.Default.RecordEntry)
        ?? throw new ContractException("record.not_found", $"Record '{record.RecordId}' is not on this channel.");

    /// <summary>A record that may be asked for and spoken of by itself.</summary>
    /// <exception cref="ContractException"><c>record.not_found</c> or <c>record.is_part</c>.</exception>
    public static async Task<RecordEntry> FindWholeAsync(TransactionContext tx, string patientId, RecordRef record) =>
        await FindAsync(tx, patientId, record) is { Record.PartOf: null } whole
            ? whole
            : throw new ContractException("record.is_part", $"Record '{record.RecordId}' is a part of another and goes with it.");

    // Multibase 'b' is lower-case base32 without padding; every CIDv1 begins with version 1, so with 'ba'.
    private static bool IsCid(string cid) => cid.Length is >= 8 and <= Limits.CidLength
        && cid.StartsWith("ba", StringComparison.Ordinal)
        && cid.All(static c => char.IsAsciiLetterLower(c) || c is >= '2' and <= '7');
}
