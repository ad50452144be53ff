using System.Buffers.Text;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Content;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Intake.Journal;
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
    public async Task<List<NewRecord>> BuildAsync(IReadOnlyList<IntakeMessage> messages, CancellationToken ct)
    {
        var sealedOnes = (await sealedRecords.FindAsync([.. messages.Select(message => message.RecordId!)], ct)).OfType<SealedRecord>()
            .ToDictionary(record => record.RecordId, StringComparer.Ordinal);
        var records = new List<NewRecord>(messages.Count);
        foreach (var patient in messages.GroupBy(message => message.PatientId!, StringComparer.Ordinal))
        {
            using var labelKey = await labelKeys.FindAsync(patient.Key, ct)
                ?? throw (await erasures.FindAsync(patient.Key, ct) is null
                    ? new VaultException("label_key.absent", $"Patient '{patient.Key}' has no label key here.")
                    : new VaultException(StageFailures.Erased, "The patient erased what is shared while the message was under way."));
            foreach (var message in patient)
                records.Add(Build(message, labelKey, sealedOnes.GetValueOrDefault(message.RecordId!)));
        }
        return records;
    }

    private NewRecord Build(IntakeMessage message, SecretKey labelKey, SealedRecord? stored)
    {
        var meaning = JsonSerializer.Deserialize(keys.Payloads.Unprotect(message.Meaning, message.Id, "meaning"), MeaningJson.Default.Meaning)!;
        if (stored is null)
            throw new VaultException("record.not_sealed", $"Record '{message.RecordId}' is not among the sealed ones.");
        return new NewRecord(
            message.PatientId!, message.RecordId!, Tokens(TokenDimension.Category, meaning.Categories), Tokens(TokenDimension.Label, meaning.Labels),
            meaning.Confidentiality, meaning.Date, stored.Cid.ToString(), stored.Size, Base64Url.EncodeToString(stored.Commitment),
            OneToken(TokenDimension.Author, meaning.Author), OneToken(TokenDimension.Encounter, meaning.Encounter));

        List<string> Tokens(TokenDimension dimension, IReadOnlyList<string> codes) =>
            [.. codes.Select(code => Token.Compute(labelKey.Bytes, dimension, code)).Order(StringComparer.Ordinal)];

        string? OneToken(TokenDimension dimension, string? code) =>
            code is null ? null : Token.Compute(labelKey.Bytes, dimension, code);
    }
}
