using System.Buffers.Text;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Content;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Lineage;
using HealthShare.Node.Keys;
using HealthShare.Node.Patients.Erasures;
using HealthShare.Policy.Ids;
using HealthShare.Vault;
using HealthShare.Vault.Keys;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>Makes of stored messages what the ledger is told of them: tokens in place of codes.</summary>
internal sealed class RecordBuilder(IntakeKeys keys, LabelKeys labelKeys, SealedRecords sealedRecords, ErasureTasks erasures)
{
    /// <summary>The records of messages; a patient's in their order.</summary>
    /// <exception cref="VaultException">A record was not sealed here, or its patient's label key is not here.</exception>
    public async Task<List<BuiltRecord>> BuildAsync(IReadOnlyList<IntakeMessage> messages, CancellationToken ct)
    {
        var sealedOnes = (await sealedRecords.FindAsync([.. messages.Select(message => message.RecordId!)], ct)).OfType<SealedRecord>()
            .ToDictionary(record => record.RecordId, StringComparer.Ordinal);
        var parts = await sealedRecords.PartsAsync([.. sealedOnes.Keys], ct);
        var records = new List<BuiltRecord>(messages.Count);
        foreach (var patient in messages.GroupBy(message => message.PatientId!, StringComparer.Ordinal))
        {
            using var labelKey = await labelKeys.FindAsync(patient.Key, ct)
                ?? throw (await erasures.FindAsync(patient.Key, ct) is null
                    ? new VaultException("label_key.absent", $"Patient '{patient.Key}' has no label key here.")
                    : new VaultException(StageFailures.Erased, "The patient erased what is shared while the message was under way."));
            foreach (var message in patient)
                records.Add(Build(message, labelKey, sealedOnes.GetValueOrDefault(message.RecordId!), parts[message.RecordId!]));
        }
        return records;
    }

    private BuiltRecord Build(IntakeMessage message, SecretKey labelKey, SealedRecord? stored, IEnumerable<SealedRecord> parts)
    {
        var meaning = JsonSerializer.Deserialize(keys.Payloads.Unprotect(message.Meaning, message.Id, "meaning"), MeaningJson.Default.Meaning)!;
        if (stored is null)
            throw new VaultException("record.not_sealed", $"Record '{message.RecordId}' is not among the sealed ones.");
        var whole = new NewRecord(
            message.PatientId!, message.RecordId!, Tokens(TokenDimension.Category, meaning.Categories), Tokens(TokenDimension.Label, meaning.Labels),
            meaning.Confidentiality, meaning.Date, stored.Cid.ToString(), stored.Size, Base64Url.EncodeToString(stored.Commitment),
            OneToken(TokenDimension.Author, meaning.Author), OneToken(TokenDimension.Encounter, meaning.Encounter));
        return new BuiltRecord(message, [whole, .. parts.Select(part => whole with
        {
            RecordId = part.RecordId, PartOf = whole.RecordId, Cid = part.Cid.ToString(), Size = part.Size, KeyCommitment = Base64Url.EncodeToString(part.Commitment),
        })], meaning.Lineage);

        List<string> Tokens(TokenDimension dimension, IReadOnlyList<string> codes) =>
            [.. codes.Select(code => Token.Compute(labelKey.Bytes, dimension, code)).Order(StringComparer.Ordinal)];

        string? OneToken(TokenDimension dimension, string? code) =>
            code is null ? null : Token.Compute(labelKey.Bytes, dimension, code);
    }
}

/// <summary>What becomes of a message.</summary>
/// <param name="Message">The message.</param>
/// <param name="Records">What the ledger is told: the message's record, and its parts.</param>
/// <param name="Lineage">How it stands to others; null where it stands alone.</param>
internal sealed record BuiltRecord(IntakeMessage Message, IReadOnlyList<NewRecord> Records, LineageFacts? Lineage);
