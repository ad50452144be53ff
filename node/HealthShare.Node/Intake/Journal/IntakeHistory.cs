using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;

namespace HealthShare.Node.Intake.Journal;

/// <summary>What was done with messages, when and by whom. A step is written in the transaction that takes it.</summary>
internal sealed class IntakeHistory(IDatabase database, TimeProvider clock)
{
    /// <summary>Who takes the steps of the pipeline.</summary>
    public const string Node = "node";

    /// <summary>Writes the same step of several messages.</summary>
    public Task AddAsync(DbTransaction transaction, IEnumerable<long> messages, string step, string actor, string? detail, CancellationToken ct)
    {
        var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO intake_history (message, at, step, actor, detail) VALUES (@message, @at, @step, @actor, @detail)",
            messages.Select(message => new { message, at, step, actor, detail }), transaction, cancellationToken: ct));
    }

    /// <summary>The steps of one message in their order.</summary>
    public async Task<List<IntakeStep>> ListAsync(long message, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var steps = await connection.QueryAsync<IntakeStep>(new CommandDefinition(
            "SELECT at AS At, step AS Step, actor AS Actor, detail AS Detail FROM intake_history WHERE message = @message ORDER BY sequence",
            new { message }, cancellationToken: ct));
        return steps.AsList();
    }
}

/// <summary>One step of a message.</summary>
/// <param name="At">When, in milliseconds since 1970.</param>
/// <param name="Step">What was done: a state's name, or <c>replayed</c> or <c>contentRead</c>.</param>
/// <param name="Actor">Who did it: a caller's name, a door's, or <c>node</c>.</param>
/// <param name="Detail">A code or a reason; null for none.</param>
internal sealed record IntakeStep(long At, string Step, string Actor, string? Detail);
