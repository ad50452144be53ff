using System.Collections.Concurrent;
using System.Data.Common;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Incidents;
using HealthShare.Vault;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Webhooks;

/// <summary>
/// Sends what is due, again and again until it is taken. What is to be sent stands in the database before it is tried and its end after, so
/// a node that dies in between sends it once more under the same id.
/// </summary>
internal sealed partial class WebhookWorker(
    WebhookTable webhooks, DeliveryTable deliveries, EventTable events, EventFeed feed, WebhookSender sender, IncidentLog incidents, IDatabase database,
    IOptions<WebhooksOptions> options, IOptions<EventsOptions> kept, TimeProvider clock, ILogger<WebhookWorker> logger) : BackgroundService
{
    private const int AtOnce = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), PruneEach = TimeSpan.FromMinutes(30), LongestNote = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim inFlight = new(AtOnce);
    private readonly ConcurrentDictionary<string, Task> sending = new(StringComparer.Ordinal);
    private DateTimeOffset pruned;

    /// <summary>Makes what is to be sent of new events, sends what is due, and waits for how that ends.</summary>
    /// <returns>True when something was sent, or made to be.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken ct)
    {
        var (more, begun) = await TurnAsync(ct);
        return (await Task.WhenAll(begun)).Any(static sent => sent) || more;
    }

    public override void Dispose()
    {
        base.Dispose();
        inFlight.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var following = feed.Follow();
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = feed.NextAsync();
            try
            {
                if ((await TurnAsync(stoppingToken)).More)
                    continue;
            }
            catch (DbException e) // away for now: all stays where it is
            {
                LogNoDatabase(e);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            await next.WaitAsync(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await Task.WhenAll(sending.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Each webhook has a sending of its own, which nobody waits for here: one that answers slowly delays no other, and no new event.
    private async Task<(bool More, IReadOnlyList<Task<bool>> Begun)> TurnAsync(CancellationToken ct)
    {
        var (now, more) = (clock.GetUtcNow(), false);
        var (last, _) = await events.HeadAsync(ct);
        var live = (await webhooks.ListAsync(ct)).Where(webhook => webhook.DisabledAt is null).ToList();
        foreach (var webhook in live.Where(webhook => webhook.HasMore(last) && webhook.PausedUntil <= now.ToUnixTimeMilliseconds()))
        {
            try
            {
                more |= await webhooks.ExpandAsync(webhook, last, ct);
            }
            catch (Exception e) when (e is not (DbException or OperationCanceledException))
            {
                await PauseAsync(webhook, e, ct); // the others go on
            }
        }
        var begun = new List<Task<bool>>();
        foreach (var webhook in live.Where(webhook => webhook.PausedUntil <= now.ToUnixTimeMilliseconds()))
        {
            var place = new TaskCompletionSource();
            if (!sending.TryAdd(webhook.Id, place.Task))
                continue; // is at it
            begun.Add(SendAllAsync(webhook, place, ct));
        }
        if (now - pruned >= PruneEach)
        {
            await deliveries.PruneAsync(now - kept.Value.KeepFor, ct);
            pruned = now;
        }
        return (more, begun);
    }

    // True where something was sent.
    private async Task<bool> SendAllAsync(WebhookRow webhook, TaskCompletionSource place, CancellationToken ct)
    {
        await Task.Yield();
        var sent = false;
        try
        {
            // One by one: a webhook that is switched off meanwhile gets nothing more.
            while (await deliveries.DueAsync(webhook.Id, 1, ct) is [var delivery])
            {
                sent = true;
                if (!await SendAsync(webhook, delivery, ct))
                    return true; // the others wait with it
            }
        }
        catch (Exception e) when (e is DbException or OperationCanceledException) // what is not noted is sent once more under the same id
        {
            if (!ct.IsCancellationRequested)
                LogNoDatabase(e);
        }
        catch (Exception e)
        {
            await PauseAsync(webhook, e, ct);
        }
        finally
        {
            sending.TryRemove(webhook.Id, out _);
            place.SetResult();
        }
        return sent;
    }

    // What nobody foresaw is said once and tried again later, and counts like something that was not taken.
    private async Task PauseAsync(WebhookRow webhook, Exception failure, CancellationToken ct)
    {
        LogUnforeseen(failure, webhook.Id);
        try
        {
            await database.WriteAsync(transaction => WebhookTable.NotTakenAsync(transaction, webhook.Id, clock.GetUtcNow(), null, ct), ct);
        }
        catch (Exception e) when (e is DbException or OperationCanceledException)
        {
            if (!ct.IsCancellationRequested)
                LogNoDatabase(e);
        }
    }

    private async Task<bool> SendAsync(WebhookRow webhook, DueDelivery delivery, CancellationToken ct)
    {
        WebhookOutcome outcome;
        await inFlight.WaitAsync(ct);
        try
        {
            outcome = await TryAsync(webhook, delivery, ct);
        }
        finally
        {
            inFlight.Release();
        }
        var now = clock.GetUtcNow();
        using var patience = new CancellationTokenSource(LongestNote); // what was taken is noted also as the node stops
        await database.WriteAsync(transaction => NoteAsync(transaction, webhook, delivery, outcome, now, patience.Token), patience.Token);
        LogTried(webhook.Id, delivery.Id, outcome.Outcome);
        return outcome.IsTaken;
    }

    private async Task NoteAsync(
        DbTransaction transaction, WebhookRow webhook, DueDelivery delivery, WebhookOutcome outcome, DateTimeOffset now, CancellationToken ct)
    {
        await DeliveryTable.TriedAsync(transaction, delivery, outcome, now, options.Value.GiveUpAfter, ct);
        if (outcome.IsTaken)
        {
            await WebhookTable.TakenAsync(transaction, webhook.Id, ct);
            return;
        }
        var since = await WebhookTable.NotTakenAsync(transaction, webhook.Id, now, outcome.RetryAfter, ct);
        var code = outcome.IsGone ? "gone" : now - since >= options.Value.DisableAfter ? "failing" : null;
        if (code is not null && await WebhookTable.DisableAsync(transaction, webhook.Id, code, now, ct))
        {
            await incidents.NoteAsync(new Incident(now, "webhook.disabled", null, $"{webhook.Id} {now.ToUnixTimeSeconds()}",
                $"{code}, last {outcome.Outcome}"), transaction, ct);
        }
        await WebhookTable.GaveUpAsync(transaction, webhook.Id, ct);
    }

    private async Task<WebhookOutcome> TryAsync(WebhookRow webhook, DueDelivery delivery, CancellationToken ct)
    {
        try
        {
            return await sender.SendAsync(webhook.Id, webhook.Url, delivery.Id, delivery.Body, ct);
        }
        catch (VaultException e)
        {
            LogNoSecret(webhook.Id, e.Code);
            return new WebhookOutcome("secretUnreadable"); // waits like one that is not taken, and is switched off at last
        }
        catch (Exception e) when (e is not (DbException or OperationCanceledException))
        {
            LogUnforeseen(e, webhook.Id);
            return new WebhookOutcome("failed"); // and so does what nobody foresaw
        }
    }

    [LoggerMessage(3921, LogLevel.Information, "Webhook {Webhook}, delivery {Delivery}: {Outcome}.")]
    private partial void LogTried(string webhook, string delivery, string outcome);

    [LoggerMessage(3922, LogLevel.Warning, "Webhooks wait for the database.")]
    private partial void LogNoDatabase(Exception e);

    [LoggerMessage(3925, LogLevel.Error, "Webhook {Webhook}: a delivery could not be sent.")]
    private partial void LogUnforeseen(Exception e, string webhook);

    [LoggerMessage(3923, LogLevel.Error, "The secret of webhook {Webhook} does not open: {Code}.")]
    private partial void LogNoSecret(string webhook, string code);
}
