using System.Text.Json;
using HealthShare.Hl7;
using HealthShare.Hl7.Values;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Patients;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>
/// Received to parsed: patient and meaning. Patients whom the ledger does not have yet are enrolled, each once however many of the messages
/// are about the same one.
/// </summary>
internal sealed class ParseStage(
    IntakeTable table, IDatabase database, IntakeKeys keys, Classifier classifier, PatientDirectory patients, IntakeEnrollment enrollment,
    StageFailures failures, StageProgress progress, IntakeMetrics metrics) : IIntakeStage
{
    private const int MostAtOnce = 64; // their database transaction must not hold up the journal's for long

    public IntakeState From => IntakeState.Received;

    public async Task<Turn> RunOnceAsync(CancellationToken ct)
    {
        var due = Batches.Bounded(await table.DueAsync(From, MostAtOnce, ct));
        if (due.Count == 0)
            return Turn.Idle;
        using var working = progress.Begin();
        var turn = Turn.Idle;
        var read = new List<Read>(due.Count);
        foreach (var (message, payload) in due.Zip(await table.PayloadsAsync(due, ct)))
        {
            try
            {
                read.Add(ReadOne(message, payload));
            }
            catch (Exception e) when (!StageFailures.EndsTurn(e, ct))
            {
                turn = Later(turn, await failures.HandleAsync([message], e, ct));
            }
        }
        return read.Count == 0 ? turn : Later(turn, await FindPatientsAsync(read, ct));
    }

    private Read ReadOne(IntakeMessage message, byte[] payload)
    {
        var bytes = keys.Payloads.Unprotect(payload, message.Id, "payload");
        // At the door this was so; a message that staff replay may never have come through it.
        var parsed = Er7Message.TryParse(bytes, Er7Limits.Default with { MaxBytes = int.MaxValue }, out var er7, out var error) ? er7! : throw new MalformedMessageException(error!);
        if ((IntakeRules.Form(parsed) ?? IntakeRules.Content(parsed)) is { } wrong)
            throw new MalformedMessageException(wrong);
        var meaning = classifier.Classify(parsed, DateTimeOffset.FromUnixTimeMilliseconds(message.ReceivedAt));
        var plain = JsonSerializer.SerializeToUtf8Bytes(meaning, MeaningJson.Default.Meaning);
        return new Read(message, IntakeRules.Identifiers(parsed), keys.Payloads.Protect(plain, message.Id, "meaning"));
    }

    private async Task<Turn> FindPatientsAsync(IReadOnlyList<Read> read, CancellationToken ct)
    {
        var turn = Turn.Idle;
        IReadOnlyList<DirectoryEntry?> entries;
        try
        {
            entries = await patients.FindOrCreateAsync([.. read.Select(one => one.Identifiers)], ct);
        }
        catch (Exception e) when (!StageFailures.EndsTurn(e, ct))
        {
            return read.Count > 1 ? await Batches.HalvesAsync(read, FindPatientsAsync, ct) : await failures.HandleAsync([read[0].Message], e, ct);
        }
        var known = new List<(Read Read, DirectoryEntry Entry)>(read.Count);
        foreach (var (one, entry) in read.Zip(entries))
        {
            if (entry is null)
                turn = Later(turn, await failures.HandleAsync([one.Message], new PatientConflictException(), ct));
            else if (entry == DirectoryEntry.Erased)
                turn = Later(turn, await failures.HandleAsync([one.Message], new PatientErasedException(), ct));
            else
                known.Add((one, entry));
        }
        return Later(turn, await EnrollAsync(known, ct));
    }

    private async Task<Turn> EnrollAsync(List<(Read Read, DirectoryEntry Entry)> known, CancellationToken ct)
    {
        var turn = Turn.Idle;
        var ready = known.Where(one => one.Entry.Enrolled).Select(one => Parsed(one.Read, one.Entry)).ToList();
        if (ready.Count > 0) // these need not wait for a ledger that may be away
            turn = await NoteAsync(ready, ct);
        var strangers = known.Where(one => !one.Entry.Enrolled).ToLookup(one => one.Entry.PatientId, StringComparer.Ordinal);
        if (strangers.Count == 0)
            return turn;
        var outcomes = await enrollment.EnrollAsync([.. strangers.Select(patient => patient.Key)], ct);
        var enrolled = outcomes.Where(outcome => outcome.Value is null).SelectMany(outcome => strangers[outcome.Key])
            .Select(one => Parsed(one.Read, one.Entry)).ToList();
        if (enrolled.Count > 0)
            turn = await NoteAsync(enrolled, ct);
        foreach (var (patientId, failure) in outcomes)
        {
            if (failure is not null)
                turn = Later(turn, await failures.HandleAsync([.. strangers[patientId].Select(one => one.Read.Message)], failure, ct));
        }
        return turn;
    }

    private async Task<Turn> NoteAsync(List<ParsedMessage> parsed, CancellationToken ct)
    {
        await database.WriteAsync(transaction => table.ParsedAsync(transaction, parsed, ct), ct);
        metrics.Moved(IntakeState.Parsed, parsed.Count);
        progress.Reached(IntakeState.Parsed);
        return Turn.Moved;
    }

    private static ParsedMessage Parsed(Read read, DirectoryEntry entry) => new(read.Message, entry.PatientId, read.Meaning);

    private static Turn Later(Turn one, Turn other) => one is Turn.Moved || other is Turn.Moved ? Turn.Moved : one is Turn.Held ? one : other;

    private sealed record Read(IntakeMessage Message, IReadOnlyList<PatientIdentifier> Identifiers, byte[] Meaning);
}
