using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Events;

namespace HealthShare.Node.Intake.Journal;

/// <summary>
/// What was done with messages, when and by whom. A step is written in the transaction that takes it: the usual ones beside the message with its
/// state, all others here.
/// </summary>
internal sealed class IntakeHistory(IDatabase database, TimeProvider clock)
{
    /// <summary>Who takes the steps of the pipeline.</summary>
    public const string Node = "node";

    /// <summary>Writes the same step of several messages.</summary>
    public async Task AddAsync(
        DbTransaction transaction, IEnumerable<long> messages, string step, string actor, string? detail, CancellationToken ct)
    {
        var at = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO intake_history (message, at, step, actor, detail) VALUES (@message, @at, @step, @actor, @detail)",
            messages.Select(message => new { message, at, step, actor, detail }), transaction, cancellationToken: ct));
        await IntakeEvents.AddAsync(transaction, messages, step, detail, at, ct);
    }

    /// <summary>Writes a step of the message whose record it is, as long as the journal remembers it.</summary>
    public Task AddOfRecordAsync(DbTransaction transaction, string recordId, string step, string actor, string? detail, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO intake_history (message, at, step, actor, detail)
            SELECT sequence, @at, @step, @actor, @detail FROM intake_message WHERE record_id = @recordId
            """, new { recordId, at = clock.GetUtcNow().ToUnixTimeMilliseconds(), step, actor, detail }, transaction, cancellationToken: ct));

    /// <summary>Keeps the usual steps of a message that leaves the usual way, before what it does next: it may take them again.</summary>
    public static async Task KeepAsync(DbTransaction transaction, long message, CancellationToken ct)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO intake_history (message, at, step, actor, detail)
            SELECT message, at, step, actor, detail FROM intake_step WHERE message = @message AND place IN (0, 2, 3, 4) ORDER BY place
            """, new { message }, transaction, cancellationToken: ct));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE intake_message SET actor = NULL, parsed_at = NULL, stored_at = NULL, registered_at = NULL WHERE sequence = @message",
            new { message }, transaction, cancellationToken: ct));
    }

    /// <summary>The steps of one message in their order.</summary>
    public async Task<List<IntakeStep>> ListAsync(long message, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        var steps = await connection.QueryAsync<IntakeStep>(new CommandDefinition(
            "SELECT at AS At, step AS Step, actor AS Actor, detail AS Detail FROM intake_step WHERE message = @message ORDER BY at, place, sequence",
            new { message }, cancellationToken: ct));
        return steps.AsList();
    }
}

/// <summary>One step of a message.</summary>
internal sealed class IntakeStep
{
    /// <summary>When, in milliseconds since 1970.</summary>
    public long At { get; set; }

    /// <summary>What was done: a state's name, or such as <c>replayed</c> or <c>contentRead</c>.</summary>
    public string Step { get; set; } = "";

    /// <summary>Who did it: a caller's name, a door's, or <c>node</c>.</summary>
    public string Actor { get; set; } = "";

    /// <summary>A code or a reason; null for none.</summary>
    public string? Detail { get; set; }
}
