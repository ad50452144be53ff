using System.Data.Common;
using System.Text;
using Dapper;
using HealthShare.Hl7.Values;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Lineage;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Patients;

/// <summary>
/// Which random id a person has on the channel: from the hospital's own numbers (PID-3 with their assigning authority), of which only
/// keyed hashes are kept. Thread-safe.
/// </summary>
internal sealed class PatientDirectory(IDatabase database, IntakeKeys keys, TimeProvider clock)
{
    /// <summary>The ledger's answer where another member has a patient of that id.</summary>
    public const string IdTaken = "patient.id_taken";

    // An erasure takes the patient's own row out. False for a number that no merge brought.
    private const string OriginLives = "EXISTS (SELECT 1 FROM patient_directory WHERE patient_directory.patient_id = merged_from)";

    /// <summary>The patient whom the numbers name. Numbers not known yet are learned; if none is known, a new id is made.</summary>
    /// <param name="identifiers">At least one number of one person.</param>
    /// <param name="ct">Stops the search.</param>
    /// <param name="returns">
    /// True where a person who erased comes back by a new id: that takes a registrar, and never a message alone.
    /// </param>
    /// <exception cref="PatientConflictException">The numbers belong to different patients.</exception>
    /// <exception cref="PatientErasedException">The person erased and has not come back.</exception>
    public Task<DirectoryEntry> FindOrCreateAsync(IReadOnlyList<PatientIdentifier> identifiers, CancellationToken ct, bool returns = false)
    {
        var hashes = HashesOf(identifiers);
        return AgainAfterRivalAsync(transaction => FindOrCreateAsync(transaction, hashes, returns, ct), ct);
    }

    /// <summary>The patients whom several persons' numbers name, in one commit; null where the numbers belong to different patients, <see cref="DirectoryEntry.Erased"/> for one who erased, <see cref="DirectoryEntry.Retired"/> where a number was replaced.</summary>
    public async Task<List<DirectoryEntry?>> FindOrCreateAsync(IReadOnlyList<IReadOnlyList<PatientIdentifier>> persons, CancellationToken ct)
    {
        var hashes = persons.Select(HashesOf).ToList();
        // Most are known: reading them keeps no writer waiting.
        if (await FindAsync(hashes, ct) is { } known)
            return known;
        return await AgainAfterRivalAsync(async transaction =>
        {
            var entries = new List<DirectoryEntry?>(hashes.Count);
            foreach (var person in hashes)
            {
                try
                {
                    entries.Add(await FindOrCreateAsync(transaction, person, returns: false, ct));
                }
                catch (PatientConflictException) // found by reading alone: the transaction goes on
                {
                    entries.Add(null);
                }
                catch (PatientErasedException)
                {
                    entries.Add(DirectoryEntry.Erased);
                }
                catch (NumberRetiredException)
                {
                    entries.Add(DirectoryEntry.Retired);
                }
            }
            return entries;
        }, ct);
    }

    /// <summary>Patients who were found before and enrolled, whatever their numbers lead to by now; <see cref="DirectoryEntry.Erased"/> for one who erased.</summary>
    public async Task<List<DirectoryEntry>> FoundBeforeAsync(IReadOnlyCollection<string> patientIds, CancellationToken ct)
    {
        if (patientIds.Count == 0)
            return [];
        await using var connection = await database.OpenAsync(ct);
        var erased = await connection.QueryEachAsync(null, "SELECT patient_id FROM erasure_task WHERE patient_id = @value", patientIds, row => row.GetString(0), ct);
        return [.. patientIds.Zip(erased, (patientId, task) => task is null ? new DirectoryEntry(patientId, Enrolled: true) : DirectoryEntry.Erased)];
    }

    // Null when a number is not known yet.
    private async Task<List<DirectoryEntry?>?> FindAsync(List<List<byte[]>> persons, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var owners = await connection.QueryEachAsync(null, """
            SELECT directory.patient_id, directory.enrolled
            FROM patient_identifier identifier JOIN patient_directory directory ON directory.patient_id = identifier.patient_id
            WHERE identifier.identifier = @value
            """, persons.SelectMany(person => person), row => new DirectoryEntry(row.GetString(0), row.GetInt64(1) != 0), ct);
        if (owners.Contains(null))
            return null;
        var entries = new List<DirectoryEntry?>(persons.Count);
        var at = 0;
        foreach (var person in persons)
        {
            var known = owners.GetRange(at, person.Count).Distinct().ToList();
            entries.Add(known.Count == 1 ? known[0] : null);
            at += person.Count;
        }
        return entries;
    }

    /// <summary>True for a patient whom the ledger has, as far as was noted.</summary>
    public async Task<bool> IsEnrolledAsync(string patientId, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM patient_directory WHERE patient_id = @patientId AND enrolled = 1", new { patientId }, cancellationToken: ct)) > 0;
    }

    /// <summary>Notes that the ledger has the patient.</summary>
    public Task EnrolledAsync(string patientId, CancellationToken ct) => EnrolledAsync([patientId], ct);

    /// <summary>Notes that the ledger has these patients.</summary>
    public Task EnrolledAsync(IReadOnlyCollection<string> patientIds, CancellationToken ct) => database.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("UPDATE patient_directory SET enrolled = 1 WHERE patient_id = @patientId",
            patientIds.Select(patientId => new { patientId }), transaction, cancellationToken: ct)), ct);

    /// <summary>
    /// Gives a person another id, where somebody else on the channel took the one that was chosen: it is that member's patient then,
    /// and nothing of this hospital's may come under it. Nothing is changed once the ledger is known to have the patient.
    /// </summary>
    public Task ReplaceAsync(string patientId, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var open = await transaction.Connection!.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT 1 FROM patient_directory WHERE patient_id = @patientId AND enrolled = 0", new { patientId }, transaction, cancellationToken: ct));
        if (open is null)
            return;
        var fresh = await CreateAsync(transaction, ct);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE patient_identifier SET patient_id = @fresh WHERE patient_id = @patientId", new { fresh, patientId }, transaction, cancellationToken: ct));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM patient_directory WHERE patient_id = @patientId", new { patientId }, transaction, cancellationToken: ct));
    }, ct);

    /// <summary>Joins a number to a patient that the ledger has, such as one whom another hospital enrolled.</summary>
    /// <exception cref="PatientConflictException">The number belongs to another patient.</exception>
    /// <exception cref="PatientErasedException">The patient erased.</exception>
    public Task JoinAsync(PatientIdentifier identifier, string patientId, CancellationToken ct)
    {
        var hashes = HashesOf([identifier]);
        return AgainAfterRivalAsync<object?>(async transaction =>
        {
            if (await IsErasedAsync(transaction, patientId, ct))
                throw new PatientErasedException();
            var free = new List<byte[]>();
            foreach (var hash in hashes)
            {
                var owner = await OwnerAsync(transaction, hash, ct);
                if (owner is null)
                    free.Add(hash);
                else if (owner != patientId)
                    throw new PatientConflictException();
            }
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO patient_directory (patient_id, enrolled, created_at) VALUES (@patientId, 1, @now)
                ON CONFLICT (patient_id) DO UPDATE SET enrolled = 1
                """, new { patientId, now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct));
            foreach (var hash in hashes)
                await ReturnAsync(transaction, hash, ct);
            foreach (var hash in free)
                await LearnAsync(transaction, hash, patientId, ct);
            return null;
        }, ct);
    }

    /// <summary>
    /// Takes a person who erased out: no number leads to the id any more. The numbers' hashes alone stay, so that what still comes in
    /// is put aside and does not bring the person back unasked. Numbers that a merge brought lead back to the id that they came from,
    /// while that one lives: this was not erased.
    /// </summary>
    public static async Task EraseAsync(DbTransaction transaction, string patientId, DateTimeOffset at, CancellationToken ct)
    {
        foreach (var sql in (string[])
        [
            $"UPDATE patient_identifier SET patient_id = merged_from, merged_from = NULL WHERE patient_id = @patientId AND {OriginLives}",
            """
            INSERT INTO erased_identifier (identifier, erased_at) SELECT identifier, @at FROM patient_identifier WHERE patient_id = @patientId
            ON CONFLICT (identifier) DO NOTHING
            """,
            """
            INSERT INTO erased_identifier (identifier, erased_at) SELECT identifier, @at FROM retired_identifier WHERE patient_id = @patientId
            ON CONFLICT (identifier) DO NOTHING
            """,
            "DELETE FROM retired_identifier WHERE patient_id = @patientId",
            "DELETE FROM patient_identifier WHERE patient_id = @patientId",
            "DELETE FROM patient_directory WHERE patient_id = @patientId",
        ])
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                sql, new { patientId, at = at.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct));
        }
        await LineageTable.ForgetAsync(transaction, patientId, ct);
    }

    /// <summary>Lets the numbers of one id lead to another, where two were merged.</summary>
    public static async Task MergeAsync(DbTransaction transaction, string merged, string surviving, DateTimeOffset at, CancellationToken ct)
    {
        var known = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM patient_identifier WHERE patient_id = @merged", new { merged }, transaction, cancellationToken: ct));
        if (known == 0)
            return; // no patient of this hospital
        foreach (var sql in (string[])
        [
            """
            INSERT INTO patient_directory (patient_id, enrolled, created_at) VALUES (@surviving, 1, @at)
            ON CONFLICT (patient_id) DO UPDATE SET enrolled = 1
            """,
            "UPDATE patient_identifier SET patient_id = @surviving, merged_from = @merged WHERE patient_id = @merged AND merged_from IS NULL",
        ])
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                sql, new { surviving, merged, at = at.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct));
        }
    }

    /// <summary>Lets numbers that a merge took along lead back to where they led before; to nowhere, where that id was erased since.</summary>
    public static async Task UnmergeAsync(DbTransaction transaction, string merged, string surviving, DateTimeOffset at, CancellationToken ct)
    {
        foreach (var sql in (string[])
        [
            $"UPDATE patient_identifier SET patient_id = merged_from, merged_from = NULL WHERE patient_id = @surviving AND merged_from = @merged AND {OriginLives}",
            """
            INSERT INTO erased_identifier (identifier, erased_at)
            SELECT identifier, @at FROM patient_identifier WHERE patient_id = @surviving AND merged_from = @merged
            ON CONFLICT (identifier) DO NOTHING
            """,
            "DELETE FROM patient_identifier WHERE patient_id = @surviving AND merged_from = @merged",
        ])
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                sql, new { merged, surviving, at = at.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct));
        }
    }

    /// <summary>True for a patient who erased, as far as the blocks have come.</summary>
    public static async Task<bool> IsErasedAsync(DbTransaction transaction, string patientId, CancellationToken ct) =>
        await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM erasure_task WHERE patient_id = @patientId", new { patientId }, transaction, cancellationToken: ct)) > 0;

    /// <summary>The patient whom a number names; null where it names none. No number is learned by it.</summary>
    public async Task<string?> FindAsync(PatientIdentifier identifier, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var owners = await connection.QueryEachAsync(null, "SELECT patient_id FROM patient_identifier WHERE identifier = @value", HashesOf([identifier]), row => row.GetString(0), ct);
        return owners.OfType<string>().Distinct(StringComparer.Ordinal).ToList() is [var one] ? one : null; // of two, nobody's until they are merged
    }

    // Where writers run side by side, a number that was free a moment ago may be another one's by now. The rival's commit is
    // visible to the next attempt, which therefore finds the patient instead of making a second one for the same person.
    private async Task<T> AgainAfterRivalAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await database.WriteAsync(work, ct);
            }
            catch (RivalException)
            {
                ct.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task<DirectoryEntry> FindOrCreateAsync(
        DbTransaction transaction, IReadOnlyList<byte[]> identifiers, bool returns, CancellationToken ct)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        var missing = new List<byte[]>();
        foreach (var identifier in identifiers)
        {
            if (await OwnerAsync(transaction, identifier, ct) is { } owner)
                known.Add(owner);
            else
                missing.Add(identifier);
        }
        if (known.Count > 1)
            throw new PatientConflictException();
        foreach (var identifier in missing.ToList())
        {
            if (returns)
                await ReturnAsync(transaction, identifier, ct);
            else if (await IsErasedAsync(transaction, identifier, ct))
                throw new PatientErasedException();
            else if (await RetiredOfAsync(transaction, identifier, ct) is { } replaced)
            {
                // Beside another number of the same person it says nothing; alone it may be anybody's.
                if (!known.Contains(replaced))
                    throw new NumberRetiredException();
                missing.Remove(identifier);
            }
        }
        var patientId = known.SingleOrDefault() ?? await CreateAsync(transaction, ct);
        foreach (var identifier in missing)
            await LearnAsync(transaction, identifier, patientId, ct);
        var enrolled = await transaction.Connection!.QuerySingleAsync<long>(new CommandDefinition(
            "SELECT enrolled FROM patient_directory WHERE patient_id = @patientId", new { patientId }, transaction, cancellationToken: ct));
        return new DirectoryEntry(patientId, enrolled != 0);
    }

    private static async Task LearnAsync(DbTransaction transaction, byte[] identifier, string patientId, CancellationToken ct)
    {
        var learned = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO patient_identifier (identifier, patient_id) VALUES (@identifier, @patientId) ON CONFLICT (identifier) DO NOTHING",
            new { identifier, patientId }, transaction, cancellationToken: ct));
        if (learned == 0)
            throw new RivalException();
    }

    internal static async Task<bool> IsErasedAsync(DbTransaction transaction, byte[] identifier, CancellationToken ct) =>
        await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM erased_identifier WHERE identifier = @identifier", new { identifier }, transaction, cancellationToken: ct)) > 0;

    private static async Task ReturnAsync(DbTransaction transaction, byte[] identifier, CancellationToken ct)
    {
        await ReleaseAsync(transaction, identifier, ct);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM erased_identifier WHERE identifier = @identifier", new { identifier }, transaction, cancellationToken: ct));
    }

    /// <summary>Lets a number that was replaced be given anew.</summary>
    internal static Task<int> ReleaseAsync(DbTransaction transaction, byte[] identifier, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "DELETE FROM retired_identifier WHERE identifier = @identifier", new { identifier }, transaction, cancellationToken: ct));

    /// <summary>The patient whom a number led to before it was replaced; null for one that was not.</summary>
    internal static async Task<string?> RetiredOfAsync(DbTransaction transaction, byte[] identifier, CancellationToken ct) =>
        await transaction.Connection!.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            "SELECT patient_id FROM retired_identifier WHERE identifier = @identifier", new { identifier }, transaction, cancellationToken: ct));

    internal static async Task<string?> OwnerAsync(DbTransaction transaction, byte[] identifier, CancellationToken ct) =>
        await transaction.Connection!.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            "SELECT patient_id FROM patient_identifier WHERE identifier = @identifier", new { identifier }, transaction, cancellationToken: ct));

    private async Task<string> CreateAsync(DbTransaction transaction, CancellationToken ct)
    {
        var patientId = LedgerId.New(IdKind.Patient);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO patient_directory (patient_id, enrolled, created_at) VALUES (@patientId, 0, @now)",
            new { patientId, now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct));
        return patientId;
    }

    // In one order for everybody, so that two messages about a person never wait for each other's rows; and each number once, under each name that
    // its authority has: who is known, erased or had a number that was replaced under one of them is it under all.
    internal List<byte[]> HashesOf(IReadOnlyList<PatientIdentifier> identifiers) =>
        [.. identifiers.SelectMany(identifier => keys.Authorities.KeysOf(identifier.Authority).Select(authority => HashOf(identifier, authority))).DistinctBy(Convert.ToHexString).OrderBy(Convert.ToHexString, StringComparer.Ordinal)];

    private byte[] HashOf(PatientIdentifier identifier, string name)
    {
        var (authority, id, series) = (Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(identifier.Id), NumberSeries.Of(identifier));
        return series.Length == 0 ? keys.Hash("patient-identifier", authority, id)
            : keys.Hash("patient-identifier", authority, id, Encoding.UTF8.GetBytes(series));
    }

    /// <summary>Another transaction took the number first; this one is undone and begins again.</summary>
    private sealed class RivalException : Exception;
}

/// <summary>A patient as this hospital's directory has them.</summary>
/// <param name="PatientId">Random id on the channel, <c>pt-…</c>.</param>
/// <param name="Enrolled">Whether the ledger is known to have the patient.</param>
internal sealed record DirectoryEntry(string PatientId, bool Enrolled)
{
    /// <summary>A person who erased and has no id any more.</summary>
    public static DirectoryEntry Erased { get; } = new("", false);

    /// <summary>A number that was replaced by another one, and names nobody any more.</summary>
    public static DirectoryEntry Retired { get; } = new("-", false);
}

/// <summary>The numbers of one person belong to different patients: staff must merge or correct them.</summary>
internal sealed class PatientConflictException() : Exception("The patient's numbers belong to different patients here.");

/// <summary>The person erased what is shared; only a registrar brings them back, under a new id.</summary>
internal sealed class PatientErasedException() : Exception("The person erased what is shared; a registrar may enrol them anew.");
