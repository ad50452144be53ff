using System.Data.Common;
using Dapper;
using HealthShare.Hl7.Values;
using HealthShare.Node.Database;

namespace HealthShare.Node.Patients;

/// <summary>Changes of the numbers that lead to patients, as the hospital's messages bring them.</summary>
internal sealed class PatientNumbers(IDatabase database, PatientDirectory directory)
{
    /// <summary>
    /// The patients whom the numbers lead to, each once; numbers not known lead to nobody, and one that was replaced to its patient still
    /// where that is <paramref name="current"/> or another number says the same.
    /// </summary>
    /// <exception cref="PatientErasedException">One of them erased.</exception>
    /// <exception cref="NumberRetiredException">A number was another patient's before it was replaced, and may be anybody's by now.</exception>
    public Task<List<DirectoryEntry>> OwnersAsync(IReadOnlyList<PatientIdentifier> numbers, string current, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var owners = new List<DirectoryEntry>();
        var replaced = new List<string>();
        foreach (var number in directory.HashesOf(numbers))
        {
            var owner = await PatientDirectory.OwnerAsync(transaction, number, ct);
            if (owner is null)
            {
                if (await PatientDirectory.IsErasedAsync(transaction, number, ct))
                    throw new PatientErasedException();
                if (await PatientDirectory.RetiredOfAsync(transaction, number, ct) is not { } before)
                    continue;
                if (before != current)
                {
                    replaced.Add(before);
                    continue;
                }
                owner = current;
            }
            if (owners.TrueForAll(known => known.PatientId != owner))
            {
                owners.Add(new DirectoryEntry(owner, await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
                    "SELECT enrolled FROM patient_directory WHERE patient_id = @owner", new { owner }, transaction, cancellationToken: ct)) != 0));
            }
        }
        return replaced.TrueForAll(before => owners.Exists(owner => owner.PatientId == before)) ? owners : throw new NumberRetiredException();
    }, ct);

    /// <summary>Lets numbers that lead to nobody lead to a patient.</summary>
    /// <exception cref="PatientConflictException">One leads to another patient meanwhile.</exception>
    /// <exception cref="PatientErasedException">One is a person's who erased.</exception>
    public Task LearnAsync(IReadOnlyList<PatientIdentifier> numbers, string patientId, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        foreach (var number in directory.HashesOf(numbers))
            await LearnAsync(transaction, number, patientId, ct);
    }, ct);

    /// <summary>
    /// Replaces numbers by others of the same person: the new ones lead to the patient, the old ones to nobody any more, since the hospital
    /// may give them to somebody else. Nothing happens where no old one is known.
    /// </summary>
    /// <exception cref="PatientConflictException">Old and new numbers lead to different patients: a merge is needed.</exception>
    /// <exception cref="PatientErasedException">A new one is a person's who erased: that takes a registrar, and never a message alone.</exception>
    public Task ReplaceAsync(IReadOnlyList<PatientIdentifier> old, IReadOnlyList<PatientIdentifier> fresh, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var stays = directory.HashesOf(fresh);
        var goes = directory.HashesOf(old).Where(number => !stays.Exists(other => other.AsSpan().SequenceEqual(number))).ToList();
        var owners = new HashSet<string>(StringComparer.Ordinal);
        foreach (var number in goes)
        {
            if (await PatientDirectory.OwnerAsync(transaction, number, ct) is { } owner)
                owners.Add(owner);
        }
        if (owners.Count == 0)
            return;
        if (owners.Count > 1)
            throw new PatientConflictException();
        var patientId = owners.Single();
        foreach (var number in stays)
            await LearnAsync(transaction, number, patientId, ct);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO retired_identifier (identifier, patient_id) VALUES (@number, @patientId)
            ON CONFLICT (identifier) DO UPDATE SET patient_id = @patientId
            """, goes.Select(number => new { number, patientId }), transaction, cancellationToken: ct));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM patient_identifier WHERE identifier = @number", goes.Select(number => new { number }), transaction, cancellationToken: ct));
    }, ct);

    private static async Task LearnAsync(DbTransaction transaction, byte[] number, string patientId, CancellationToken ct)
    {
        if (await PatientDirectory.IsErasedAsync(transaction, number, ct))
            throw new PatientErasedException();
        await PatientDirectory.ReleaseAsync(transaction, number, ct);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO patient_identifier (identifier, patient_id) VALUES (@number, @patientId) ON CONFLICT (identifier) DO NOTHING",
            new { number, patientId }, transaction, cancellationToken: ct));
        if (await PatientDirectory.OwnerAsync(transaction, number, ct) != patientId)
            throw new PatientConflictException();
    }
}

/// <summary>A number was replaced by another one, and may be somebody else's by now.</summary>
internal sealed class NumberRetiredException()
    : Exception("The patient's number was replaced by another one; send the message with that one, or join the number to its patient.");
