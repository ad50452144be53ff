using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using HealthShare.Node.Auth;
using HealthShare.Node.Database;
using HealthShare.Node.Problems;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Events;

/// <summary>Makes the stream of one caller: what the caller may read, from where it left off, as long as the caller may be there.</summary>
internal sealed class EventStreams(
    EventTable table, EventFeed feed, JobBoard jobs, CallerStanding standing, CursorSeal seal, IDatabase database,
    IHostApplicationLifetime host, IOptions<EventsOptions> options, TimeProvider clock)
{
    private const string LogItemType = "accessLog";

    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(5), StandingEach = TimeSpan.FromSeconds(1);

    /// <summary>The position that a caller's last item names; null where there is none.</summary>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the node gave this caller no such id.</exception>
    public long? PositionOf(Caller caller, string? lastEventId)
    {
        if (string.IsNullOrEmpty(lastEventId))
            return null;
        return seal.Open(ListOf(caller), lastEventId) is { } text
            ? long.Parse(text, CultureInfo.InvariantCulture)
            : throw new ApiProblemException(ApiProblem.Invalid("Last-Event-ID is not one that a stream gave you."));
    }

    /// <summary>The stream. It ends with the caller's session, token or certificate, with the connection and with the node.</summary>
    /// <param name="http">The request.</param>
    /// <param name="caller">Who called.</param>
    /// <param name="from">Events after this one; null for those that happen from now on.</param>
    /// <param name="ct">The connection is gone.</param>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync(
        HttpContext http, Caller caller, long? from, [EnumeratorCancellation] CancellationToken ct)
    {
        using var following = feed.Follow();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, host.ApplicationStopping);
        var (filter, followsLog) = (EventTopics.For(caller), EventTopics.FollowsAccessLog(caller));
        var (next, look) = (feed.NextAsync(), feed.Current);
        var (last, pruned) = await table.HeadAsync(ct);
        var lost = from < pruned || from > last; // beyond the last: the node's database is older than the stream
        var (position, job) = (from is { } known && !lost ? known : last, 0L);
        var log = followsLog ? await LogAsync(caller.PatientId!, null, ct) : default;
        var opened = new StreamOpened([.. filter.Topics.Select(EventTable.NameOf), .. followsLog ? (string[])[LogItemType] : []], options.Value.Heartbeat.TotalSeconds);
        yield return Item(lost ? "reset" : "ready", opened, EventJson.Default.StreamOpened, IdOf(caller, position));
        if (from is not null && followsLog)
            yield return LogItem(caller);
        var (told, stood) = (clock.GetTimestamp(), long.MinValue);
        while (true)
        {
            var (before, items) = (look, new List<SseItem<string>>());
            look = feed.Current;
            last = Math.Max(last, look.Last);
            while (position < last && items.Count == 0)
                position = await AddEventsAsync(items, caller, filter, look, position, last, ct);
            if (followsLog && look.MayHaveLogged(before, caller.PatientId!) && await LogAsync(caller.PatientId!, log.From, ct) is var now && now != log)
            {
                log = now;
                items.Add(LogItem(caller));
            }
            (job, var changed) = jobs.Since(job, caller);
            items.AddRange(changed.Select(progress => Item("progress", progress, EventJson.Default.JobProgress)));
            if (items.Count == 0 && clock.GetElapsedTime(told) >= options.Value.Heartbeat)
                items.Add(Item("heartbeat", new Heartbeat(clock.GetUtcNow()), EventJson.Default.Heartbeat, IdOf(caller, position)));
            // Before anything is said, so that nobody hears what happened after the session was ended; and now and then while nothing is.
            if (items.Count > 0 || stood == long.MinValue || clock.GetElapsedTime(stood) >= StandingEach)
            {
                if (host.ApplicationStopping.IsCancellationRequested || !await standing.IsGoodAsync(http, ct))
                    break;
                stood = clock.GetTimestamp();
            }
            foreach (var item in items)
                yield return item;
            if (items.Count > 0)
                told = clock.GetTimestamp();
            if (position < last)
                continue;
            await WaitAsync(next, stop.Token);
            if (ct.IsCancellationRequested)
                yield break; // nobody is there
            if (host.ApplicationStopping.IsCancellationRequested)
                break;
            next = feed.NextAsync();
        }
        yield return Item("end", new StreamEnded(host.ApplicationStopping.IsCancellationRequested ? "stopping" : "session"), EventJson.Default.StreamEnded);
    }

    private async Task<long> AddEventsAsync(
        List<SseItem<string>> items, Caller caller, EventFilter filter, EventLook look, long position, long last, CancellationToken ct)
    {
        var handed = last == look.Last ? look.Wanted(filter, position) : null;
        var events = handed ?? await table.ReadAsync(filter, position, last, ct);
        long? quarantined = events.Any(one => one.Topic is EventTopic.Intake) ? await QuarantinedAsync(ct) : null;
        items.AddRange(events.Select(one => Item(EventTable.NameOf(one.Topic),
            one.Topic is EventTopic.Intake ? one.ToView() with { Count = quarantined } : one.ToView(), EventJson.Default.EventView,
            IdOf(caller, one.Sequence))));
        return handed is null && events.Count == EventTable.Batch ? events[^1].Sequence : last;
    }

    private async Task WaitAsync(Task next, CancellationToken ct)
    {
        var longest = options.Value.Heartbeat < LongestLook ? options.Value.Heartbeat : LongestLook;
        await next.WaitAsync(longest, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Numbers of the log become visible out of their order on some databases, so what is counted begins a little before the newest.
    private async Task<(long From, long Count)> LogAsync(string patientId, long? from, CancellationToken ct)
    {
        const long Overlap = 1000;
        await using var connection = await database.OpenAsync(ct);
        from ??= await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT max(seq) FROM access_event", cancellationToken: ct)) - Overlap ?? 0;
        return (from.Value, await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM access_event WHERE patient_id = @patientId AND seq > @from", new { patientId, from }, cancellationToken: ct)));
    }

    private async Task<long> QuarantinedAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM intake_message WHERE state = 'quarantined'", cancellationToken: ct));
    }

    private SseItem<string> LogItem(Caller caller) => Item(LogItemType,
        new EventView("grown", clock.GetUtcNow(), caller.PatientId, null, null, null, null), EventJson.Default.EventView);

    private string IdOf(Caller caller, long position) => seal.Seal(ListOf(caller), position.ToString(CultureInfo.InvariantCulture));

    private static string ListOf(Caller caller) => $"events {caller.Standing}";

    private static SseItem<string> Item<T>(string type, T data, JsonTypeInfo<T> json, string? id = null) =>
        new(JsonSerializer.Serialize(data, json), type) { EventId = id };
}
