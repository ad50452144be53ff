using System.Data.Common;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>
/// Takes messages from the journal to the ledger, where they left off. The stages work side by side: while some records are registered, the
/// next are sealed. What is between them is in the database alone, so memory does not grow with the queue.
/// </summary>
internal sealed partial class IntakeWorker(
    IEnumerable<IIntakeStage> stages, IntakeSignal signal, StageFailures failures, TimeProvider clock, ILogger<IntakeWorker> logger) : BackgroundService
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    // Messages that trickle in are better taken ten at a time: a turn costs commits, and those hold up the journal's.
    private static readonly TimeSpan ShortestTurn = TimeSpan.FromMilliseconds(20);

    // While senders keep the journal busy, each stage leaves processors and disk to them for longer than it takes them itself.
    private const int GivingWay = 2;
    private static readonly TimeSpan LongestGivingWay = TimeSpan.FromSeconds(1);

    /// <summary>One turn of each stage, the last one first.</summary>
    /// <returns>True when something moved, so that there may be more to do at once.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken ct)
    {
        var moved = false;
        foreach (var stage in stages.OrderByDescending(stage => stage.From))
            moved |= await stage.RunOnceAsync(ct) is Turn.Moved;
        return moved;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(stages.Select(stage => Task.Run(() => RunAsync(stage, stoppingToken), stoppingToken)));

    private async Task RunAsync(IIntakeStage stage, CancellationToken ct)
    {
        var held = 0;
        while (!ct.IsCancellationRequested)
        {
            var turn = Turn.Held;
            var began = clock.GetTimestamp();
            try
            {
                turn = await stage.RunOnceAsync(ct);
            }
            catch (DbException e)
            {
                LogDatabaseAway(e);
            }
            catch (Exception e) when (!(e is OperationCanceledException && ct.IsCancellationRequested))
            {
                // A fault of this program outside of any one message. What was acknowledged is safe, and senders go on being heard.
                LogFault(stage.From, e.GetType().Name, e.StackTrace); // its words may hold content
            }
            held = turn is Turn.Held ? held + 1 : 0;
            if (turn is Turn.Held)
                await Task.Delay(failures.PauseAfter(held - 1), clock, ct);
            else if (turn is Turn.Moved && RestAfter(clock.GetElapsedTime(began)) is var rest && rest > TimeSpan.Zero)
                await Task.Delay(rest, clock, ct);
            else if (turn is Turn.Idle)
                await signal.WaitAsync(stage.From, LongestSleep, clock, ct);
        }
    }

    private TimeSpan RestAfter(TimeSpan took)
    {
        var rest = ShortestTurn - took;
        if (!signal.Door.ComesFirst(clock))
            return rest;
        var givingWay = took * GivingWay < LongestGivingWay ? took * GivingWay : LongestGivingWay;
        return givingWay > rest ? givingWay : rest;
    }

    [LoggerMessage(4134, LogLevel.Error, "The database is away; the intake waits for it.")]
    private partial void LogDatabaseAway(Exception e);

    [LoggerMessage(4137, LogLevel.Critical, "A fault of this program holds up messages that are {State}; they are tried again. {Kind}\n{Stack}")]
    private partial void LogFault(IntakeState state, string kind, string? stack);
}
