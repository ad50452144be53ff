using Dapper;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Incidents;

namespace HealthShare.Node.Patients;

/// <summary>
/// Notes who looks patients up by their numbers, for a year, and tells the privacy officer of somebody who walks through them.
/// </summary>
internal sealed class LookUps(IDatabase database, IncidentLog incidents, TimeProvider clock) : IPruned
{
    /// <summary>Numbers that are nobody's, of one person within an hour, that make an incident.</summary>
    public const int MostMisses = 20;

    /// <summary>Numbers of any kind, of one person within an hour, that make an incident.</summary>
    public const int Most = 100;

    private static readonly TimeSpan Counted = TimeSpan.FromHours(1), KeptFor = TimeSpan.FromDays(365);

    /// <inheritdoc/>
    public string Name => "look-ups of patients";

    /// <summary>Notes a look-up; durable when this returns.</summary>
    /// <param name="caller">Who asked.</param>
    /// <param name="patientId">Who was found; null for nobody.</param>
    /// <param name="ct">Stops it, where it is not noted.</param>
    public Task NoteAsync(Caller caller, string? patientId, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        var now = clock.GetUtcNow();
        var values = new { at = now.ToUnixTimeMilliseconds(), person = caller.Person, patientId, since = (now - Counted).ToUnixTimeMilliseconds() };
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO patient_look_up (happened_at, person, patient_id) VALUES (@at, @person, @patientId)", values, transaction, cancellationToken: ct));
        var (all, found) = await transaction.Connection!.QuerySingleAsync<(long, long)>(new CommandDefinition(
            "SELECT count(*), count(patient_id) FROM patient_look_up WHERE person = @person AND happened_at > @since",
            values, transaction, cancellationToken: ct));
        if (all < Most && all - found < MostMisses)
            return;
        // Once in an hour of the clock for each person: the same subject is noted once.
        await incidents.NoteAsync(new Incident(now, "patient.numbers_tried", null, $"{caller.Person} {now:yyyy-MM-ddTHH}",
            $"{all} look-ups by number within an hour, {all - found} of them of nobody."), transaction, ct);
    }, ct);

    /// <inheritdoc/>
    public Task<int> PruneAsync(CancellationToken ct) => database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
        "DELETE FROM patient_look_up WHERE happened_at < @old", new { old = (clock.GetUtcNow() - KeptFor).ToUnixTimeMilliseconds() },
        transaction, cancellationToken: ct)), ct);
}
