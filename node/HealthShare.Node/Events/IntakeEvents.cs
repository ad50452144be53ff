using System.Data.Common;
using Dapper;

namespace HealthShare.Node.Events;

/// <summary>Makes events of messages that go into quarantine and come out of it.</summary>
internal static class IntakeEvents
{
    /// <summary>Adds the event of a step, where it has one, for each message.</summary>
    /// <param name="transaction">The transaction that takes the step.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="step">The step.</param>
    /// <param name="detail">Its code; what staff wrote is nobody else's.</param>
    /// <param name="at">When, in milliseconds since 1970.</param>
    /// <param name="ct">Stops the work.</param>
    public static async Task AddAsync(
        DbTransaction transaction, IEnumerable<long> messages, string step, string? detail, long at, CancellationToken ct)
    {
        if (step is not ("quarantined" or "replayed" or "discarded"))
            return;
        foreach (var message in messages)
        {
            var id = await transaction.Connection!.ExecuteScalarAsync<string>(new CommandDefinition(
                "SELECT id FROM intake_message WHERE sequence = @message", new { message }, transaction, cancellationToken: ct));
            await EventTable.AddAsync(transaction, [new NodeEvent(EventTopic.Intake, step, DateTimeOffset.FromUnixTimeMilliseconds(at))
            {
                Subject = id, Code = step == "quarantined" ? detail : null,
            }], ct);
        }
    }
}
