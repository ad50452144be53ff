using System.Globalization;
using System.Text;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Desk;

/// <summary>What a list of messages is narrowed to; null for anything.</summary>
/// <param name="State">Their state.</param>
/// <param name="From">Received at this time or later.</param>
/// <param name="To">Received before this time.</param>
/// <param name="Facility">Token of their facility.</param>
/// <param name="MessageKey">Keyed hash of facility and control id.</param>
/// <param name="Reused">Only those whose control id was used for other content as well.</param>
internal sealed record MessageFilter(IntakeState? State, DateTimeOffset? From, DateTimeOffset? To, string? Facility, byte[]? MessageKey, bool Reused);

/// <summary>Reads the journal for staff, a page at a time, newest first.</summary>
internal sealed class MessageQuery(IDatabase database)
{
    /// <summary>Up to <paramref name="limit"/> messages older than <paramref name="before"/>, and one more where there are more.</summary>
    public async Task<List<IntakeMessage>> ListAsync(MessageFilter filter, long before, int limit, CancellationToken ct)
    {
        var sql = new StringBuilder($"SELECT {IntakeTable.Columns} FROM intake_message WHERE sequence < @before");
        if (filter.State is { } state)
            sql.Append(CultureInfo.InvariantCulture, $" AND state = '{StateName.Of(state)}'"); // in the text: its indexes are partial ones
        if (filter.Facility is not null)
            sql.Append(" AND facility = @facility");
        if (filter.MessageKey is not null)
            sql.Append(" AND message_key = @messageKey");
        if (filter.Reused)
            sql.Append(" AND control_id_reused = 1");
        // Rows come in order of time, but for a clock that was set: the look-up by time finds where to begin and to end.
        if (filter.From is not null)
            sql.Append(" AND received_at >= @from AND sequence >= (SELECT coalesce(min(sequence), 0) FROM intake_message WHERE received_at >= @from)");
        if (filter.To is not null)
            sql.Append(" AND received_at < @to AND sequence <= (SELECT coalesce(max(sequence), 0) FROM intake_message WHERE received_at < @to)");
        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY sequence DESC LIMIT {limit + 1}");
        await using var connection = await database.OpenAsync(ct);
        var rows = await connection.QueryAsync<IntakeMessage>(new CommandDefinition(sql.ToString(), new
        {
            before, facility = filter.Facility, messageKey = filter.MessageKey,
            from = filter.From?.ToUnixTimeMilliseconds(), to = filter.To?.ToUnixTimeMilliseconds(),
        }, cancellationToken: ct));
        return rows.AsList();
    }
}
