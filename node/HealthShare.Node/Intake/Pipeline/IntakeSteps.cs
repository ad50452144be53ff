using System.Buffers.Text;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Hl7;
using HealthShare.Node.Content;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Keys;
using HealthShare.Node.Patients;
using HealthShare.Policy.Ids;
using HealthShare.Vault;
using HealthShare.Vault.Records;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>
/// The steps from the journal to the ledger. Each can be repeated at will: what it did before a crash it finds again, and its change of
/// state is the last thing it does.
/// </summary>
internal sealed class IntakeSteps(
    IntakeTable table, IDatabase database, IntakeKeys keys, Classifier classifier, PatientDirectory patients, LabelKeys labelKeys,
    RecordSealer sealer, SealedRecords sealedRecords, IIntakeLedger ledger)
{
    /// <summary>Received to parsed: patient and meaning. What cannot become a record goes to quarantine.</summary>
    /// <returns>The state that the message has reached.</returns>
    public async Task<IntakeState> ParseAsync(IntakeMessage message, CancellationToken ct)
    {
        string patientId;
        Meaning meaning;
        try
        {
            var parsed = Er7Message.Parse(await PayloadAsync(message, ct));
            meaning = MeaningOf(parsed, message);
            patientId = await PatientAsync(parsed, ct);
        }
        catch (PatientConflictException e)
        {
            return await QuarantineAsync(message, "patient.conflict", e.Message, ct);
        }
        catch (ClassificationException e)
        {
            return await QuarantineAsync(message, "message.not_classified", e.Message, ct);
        }
        var sealedMeaning = keys.Payloads.Protect(JsonSerializer.SerializeToUtf8Bytes(meaning, MeaningJson.Default.Meaning), message.Id, "meaning");
        await database.WriteAsync(transaction => table.ParsedAsync(transaction, message, patientId, sealedMeaning, ct), ct);
        return IntakeState.Parsed;
    }

    /// <summary>Parsed to stored: the exact bytes received, sealed under keys of their own, in the content store.</summary>
    /// <exception cref="IOException">The store could not write.</exception>
    public async Task StoreAsync(IReadOnlyList<IntakeMessage> messages, CancellationToken ct)
    {
        var records = new List<RecordToSeal>(messages.Count);
        foreach (var message in messages)
            records.Add(new RecordToSeal(new RecordContext(ledger.Channel, message.RecordId!), await PayloadAsync(message, ct)));
        await sealer.SealAsync(records, ct);
        await database.WriteAsync(async transaction =>
        {
            foreach (var message in messages)
                await table.StoredAsync(transaction, message, ct);
        }, ct);
    }

    /// <summary>Stored to registered: one transaction for all.</summary>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">The ledger is away or refuses.</exception>
    public async Task RegisterAsync(IReadOnlyList<IntakeMessage> messages, CancellationToken ct)
    {
        var records = new List<NewRecord>(messages.Count);
        foreach (var message in messages)
            records.Add(await RecordAsync(message, ct));
        await ledger.RegisterAsync(records, ct);
        await database.WriteAsync(async transaction =>
        {
            foreach (var message in messages)
                await table.RegisteredAsync(transaction, message, ct);
        }, ct);
    }

    /// <summary>Puts a message aside for the hospital's staff, whole.</summary>
    public async Task<IntakeState> QuarantineAsync(IntakeMessage message, string code, string reason, CancellationToken ct)
    {
        await database.WriteAsync(transaction => table.QuarantinedAsync(transaction, message, code, reason, ct), ct);
        return IntakeState.Quarantined;
    }

    // A fault of this program that one message brings out would stop the node again at every start, and with it all other messages.
    // So this one waits, whole, for whoever mends the fault. The exception's words may hold content: only its type is told.
    private Meaning MeaningOf(Er7Message parsed, IntakeMessage message)
    {
        try
        {
            return classifier.Classify(parsed, DateTimeOffset.FromUnixTimeMilliseconds(message.ReceivedAt));
        }
        catch (Exception e) when (e is not ClassificationException)
        {
            throw new ClassificationException($"The rules failed on this message with {e.GetType().Name}: please report it.");
        }
    }

    private async Task<byte[]> PayloadAsync(IntakeMessage message, CancellationToken ct) =>
        keys.Payloads.Unprotect(await table.PayloadAsync(message.Id, ct), message.Id, "payload");

    private async Task<string> PatientAsync(Er7Message message, CancellationToken ct)
    {
        var entry = await patients.FindOrCreateAsync(IntakeRules.Identifiers(message), ct);
        if (entry.Enrolled)
            return entry.PatientId;
        // The label key first: no patient is on the ledger whose tokens could not be computed.
        using var labelKey = await labelKeys.GetOrCreateAsync(entry.PatientId, ct);
        try
        {
            await ledger.EnrollAsync(entry.PatientId, ct);
        }
        catch (LedgerException e) when (e.Code == PatientDirectory.IdTaken)
        {
            await patients.ReplaceAsync(entry.PatientId, ct); // the next try has another id
            throw;
        }
        await patients.EnrolledAsync(entry.PatientId, ct);
        return entry.PatientId;
    }

    private async Task<NewRecord> RecordAsync(IntakeMessage message, CancellationToken ct)
    {
        var meaning = JsonSerializer.Deserialize(keys.Payloads.Unprotect(message.Meaning, message.Id, "meaning"), MeaningJson.Default.Meaning)!;
        var stored = await sealedRecords.FindAsync(message.RecordId!, ct)
            ?? throw new VaultException("record.not_sealed", $"Record '{message.RecordId}' is not among the sealed ones.");
        using var labelKey = await labelKeys.FindAsync(message.PatientId!, ct)
            ?? throw new VaultException("label_key.absent", $"Patient '{message.PatientId}' has no label key here.");
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
