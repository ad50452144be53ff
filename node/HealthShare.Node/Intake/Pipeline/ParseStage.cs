using System.Text.Json;
using HealthShare.Hl7;
using HealthShare.Hl7.Values;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Intake.Identity;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Lineage;
using HealthShare.Node.Intake.Provenance;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Patients;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>
/// Received to parsed: patient and meaning. Patients whom the ledger does not have yet are enrolled, each once however many of the messages
/// are about the same one.
/// </summary>
internal sealed class ParseStage(
    IntakeTable table, IDatabase database, ProvenanceTable provenance, IntakeKeys keys, Classifier classifier, PatientDirectory patients, IntakeEnrollment enrollment,
    IdentityChanges identities, ZoneWatch zones, IntakeHistory history, StageFailures failures, StageProgress progress, IntakeMetrics metrics,
    IOptions<IntakeOptions> options) : IIntakeStage
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
        var fresh = await EndRepeatedAsync(due, ct);
        var read = new List<Read>(fresh.Count);
        foreach (var (message, payload) in fresh.Zip(await table.PayloadsAsync(fresh, ct)))
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
        foreach (var run in Runs(read))
            turn = Later(turn, await FindPatientsAsync(run, ct));
        return turn is Turn.Idle ? Turn.Moved : turn; // all of them follow others that wait, and make room
    }

    // What the journal forgot and is sent again has no second effect, whoever its numbers lead to by now: it would be registered under that patient too, take a newer
    // record's place, or say again of two patients what was so then.
    private async Task<List<IntakeMessage>> EndRepeatedAsync(List<IntakeMessage> due, CancellationToken ct)
    {
        var registered = await provenance.RegisteredAsync(due.Select(message => message.RecordId!), ct);
        if (registered.Count == 0)
            return due;
        var repeated = due.Where(message => registered.Contains(message.RecordId!)).ToList();
        await database.WriteAsync(transaction => table.RegisteredAsync(transaction, repeated, ct), ct);
        metrics.Moved(IntakeState.Registered, repeated.Count);
        return [.. due.Except(repeated)];
    }

    // What changes numbers takes effect after those before it and before those that follow.
    private static IEnumerable<List<Read>> Runs(List<Read> read)
    {
        var run = new List<Read>();
        foreach (var one in read)
        {
            if (one.Identity is not null && run.Count > 0)
            {
                yield return run;
                run = [];
            }
            run.Add(one);
            if (one.Identity is null)
                continue;
            yield return run;
            run = [];
        }
        if (run.Count > 0)
            yield return run;
    }

    private Read ReadOne(IntakeMessage message, byte[] payload)
    {
        var bytes = keys.Payloads.Unprotect(payload, message.Id, "payload");
        // At the door this was so; a message that staff replay may never have come through it. Whether it is the rest of another one only the door asks: they have looked.
        var parsed = Er7Message.TryParse(bytes, Er7Limits.Default with { MaxBytes = IntakeOptions.LongestMessageBytes }, out var er7, out var error) ? er7! : throw new MalformedMessageException(error!);
        // What has its patient was taken by the rules of then, and may be on the ledger by now: no rule that came later keeps it from its end.
        if (message.PatientId is null && (IntakeRules.Form(parsed, options.Value.ProcessingIds) ?? IntakeRules.Content(parsed)) is { } wrong)
            throw new MalformedMessageException(wrong);
        var (identifiers, identity) = (IntakeRules.Identifiers(parsed), IdentityFacts.Read(parsed, keys.Authorities));
        message.NumberKeys.UnionWith(identifiers.Concat(identity?.Prior ?? []).Select(number => MessageKeys.PatientHint(keys, number)));
        var meaning = classifier.Classify(parsed, DateTimeOffset.FromUnixTimeMilliseconds(message.ReceivedAt));
        zones.Look(message, meaning.Lineage);
        return new Read(message, identifiers, meaning, identity, identity?.Change is IdentityChange.MoveVisit ? MovedBefore(message) : null);
    }

    // Only now all numbers are known by which a message may follow one that waits.
    private async Task<List<T>> InOrderAsync<T>(IReadOnlyCollection<T> some, Func<T, IntakeMessage> messageOf, CancellationToken ct)
    {
        var free = (await table.InOrderAsync([.. some.Select(messageOf)], ct)).ToHashSet();
        return [.. some.Where(one => free.Contains(messageOf(one)))];
    }

    private async Task<Turn> FindPatientsAsync(IReadOnlyList<Read> some, CancellationToken ct)
    {
        var turn = Turn.Idle;
        var read = await InOrderAsync(some, one => one.Message, ct);
        if (read.Count == 0)
            return turn;
        List<(Read Read, DirectoryEntry? Entry)> found;
        try
        {
            found = await FindAsync(read, ct);
        }
        catch (Exception e) when (!StageFailures.EndsTurn(e, ct))
        {
            return read.Count > 1 ? await Batches.HalvesAsync(read, FindPatientsAsync, ct) : await failures.HandleAsync([read[0].Message], e, ct);
        }
        var known = new List<(Read Read, DirectoryEntry Entry)>(read.Count);
        foreach (var (one, entry) in found)
        {
            if (entry is null)
                turn = Later(turn, await failures.HandleAsync([one.Message], new PatientConflictException(), ct));
            else if (entry == DirectoryEntry.Retired)
                turn = Later(turn, await failures.HandleAsync([one.Message], new NumberRetiredException(), ct));
            else if (entry == DirectoryEntry.Erased)
                turn = Later(turn, await failures.HandleAsync([one.Message], new PatientErasedException(), ct));
            else
            {
                one.Message.NumberKeys.Add(WaitingLine.KeyOf(entry.PatientId));
                known.Add((one, entry));
            }
        }
        // Also behind a message that named the patient by other numbers.
        return Later(turn, await EnrollAsync(await InOrderAsync(known, one => one.Read.Message, ct), ct));
    }

    // A patient once found stays, in whatever way the message comes to be read again: its record may be sealed or registered as that patient's, and the numbers
    // may lead to somebody else by now.
    private async Task<List<(Read Read, DirectoryEntry? Entry)>> FindAsync(List<Read> read, CancellationToken ct)
    {
        var known = read.Where(one => one.Message.PatientId is not null).ToList();
        var found = known.Zip(await patients.FoundBeforeAsync([.. known.Select(one => one.Message.PatientId!)], ct), (one, entry) => (one, (DirectoryEntry?)entry)).ToList();
        var open = read.Where(one => one.Message.PatientId is null).ToList();
        foreach (var one in open.Where(one => one.Identity is not null))
            await identities.BeforeAsync(one.Identifiers, one.Identity!, ct);
        if (open.Count > 0)
            found.AddRange(open.Zip(await patients.FindOrCreateAsync([.. open.Select(one => one.Identifiers)], ct)));
        return found;
    }

    private async Task<Turn> EnrollAsync(List<(Read Read, DirectoryEntry Entry)> known, CancellationToken ct)
    {
        var turn = Turn.Idle;
        var ready = known.Where(one => one.Entry.Enrolled).ToList();
        if (ready.Count > 0) // these need not wait for a ledger that may be away
            turn = await FinishAsync(ready, ct);
        var strangers = known.Where(one => !one.Entry.Enrolled).ToLookup(one => one.Entry.PatientId, StringComparer.Ordinal);
        if (strangers.Count == 0)
            return turn;
        var outcomes = await enrollment.EnrollAsync([.. strangers.Select(patient => patient.Key)], ct);
        var enrolled = outcomes.Where(outcome => outcome.Value is null).SelectMany(outcome => strangers[outcome.Key]).ToList();
        if (enrolled.Count > 0)
            turn = Later(turn, await FinishAsync(enrolled, ct));
        foreach (var (patientId, failure) in outcomes)
        {
            if (failure is not null)
                turn = Later(turn, await failures.HandleAsync([.. strangers[patientId].Select(one => one.Read.Message)], failure, ct));
        }
        return turn;
    }

    // What a message says of identities is done before it goes on, one by one: such messages are few.
    private async Task<Turn> FinishAsync(List<(Read Read, DirectoryEntry Entry)> known, CancellationToken ct)
    {
        var plain = known.Where(one => !HasToSpeak(one.Read)).Select(one => Parsed(one.Read, one.Entry.PatientId, null)).ToList();
        var turn = plain.Count > 0 ? await NoteAsync(plain, null, ct) : Turn.Idle;
        foreach (var (read, entry) in known.Where(one => HasToSpeak(one.Read)))
        {
            try
            {
                var note = await identities.ApplyAsync(entry.PatientId, read.Identity!, ct);
                turn = Later(turn, await NoteAsync([Parsed(read, entry.PatientId, note)], note, ct));
            }
            catch (Exception e) when (!StageFailures.EndsTurn(e, ct))
            {
                turn = Later(turn, await failures.HandleAsync([read.Message], e, ct));
            }
        }
        return turn;
    }

    // What it says of identities was done when its patient was found, and they may have changed since.
    private static bool HasToSpeak(Read read) => read.Identity is not null && read.Message.PatientId is null;

    private async Task<Turn> NoteAsync(List<ParsedMessage> parsed, IdentityNote? note, CancellationToken ct)
    {
        await database.WriteAsync(async transaction =>
        {
            await table.ParsedAsync(transaction, parsed, ct);
            if (note is not null)
                await history.AddAsync(transaction, parsed.Select(one => one.Message.Sequence), "identity", IntakeHistory.Node, note.Detail, ct);
        }, ct);
        metrics.Moved(IntakeState.Parsed, parsed.Count);
        progress.Reached(IntakeState.Parsed);
        return Turn.Moved;
    }

    private ParsedMessage Parsed(Read read, string patientId, IdentityNote? note)
    {
        var moved = note is { PriorPatient: { } prior } && read.Identity is { Visit: { } visit } ? new MovedVisit(visit, prior) : read.Moved;
        var meaning = moved is not null && read.Meaning.Lineage is { } lineage ? read.Meaning with { Lineage = lineage with { Moved = moved } } : read.Meaning;
        var plain = JsonSerializer.SerializeToUtf8Bytes(meaning, MeaningJson.Default.Meaning);
        return new ParsedMessage(read.Message, patientId, keys.Payloads.Protect(plain, read.Message.Id, "meaning"));
    }

    // Of what was read then, perhaps by a version that reads otherwise, this alone cannot be read again.
    private MovedVisit? MovedBefore(IntakeMessage message)
    {
        if (message is not { PatientId: not null, Meaning: { } kept })
            return null;
        using var before = JsonDocument.Parse(keys.Payloads.Unprotect(kept, message.Id, "meaning"));
        return before.RootElement.TryGetProperty("lineage", out var lineage) && lineage.ValueKind is JsonValueKind.Object
            && lineage.TryGetProperty("moved", out var moved) && moved.ValueKind is JsonValueKind.Object
            ? new MovedVisit(moved.GetProperty("visit").GetString()!, moved.GetProperty("from").GetString()!)
            : null;
    }

    private static Turn Later(Turn one, Turn other) => one is Turn.Moved || other is Turn.Moved ? Turn.Moved : one is Turn.Held ? one : other;

    private sealed record Read(IntakeMessage Message, IReadOnlyList<PatientIdentifier> Identifiers, Meaning Meaning, IdentityFacts? Identity, MovedVisit? Moved);
}
