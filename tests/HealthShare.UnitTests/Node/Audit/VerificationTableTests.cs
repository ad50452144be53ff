using HealthShare.Node.Audit.Verification;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Audit;

public sealed class VerificationTableTests
{
    [Fact]
    public Task A_restart_says_that_a_run_was_interrupted_and_lets_another_begin() => RestartAsync(DatabaseProvider.Sqlite);

    [PostgresFact]
    public Task On_Postgres_a_restart_says_that_a_run_was_interrupted_and_lets_another_begin() => RestartAsync(DatabaseProvider.Postgresql);

    private static async Task RestartAsync(DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider);
        var table = new VerificationTable(test.Instance, TimeProvider.System);
        var run = (await table.TryAddAsync(null, default))!;
        await table.NoteAsync(run.Id, 40, 100, default);
        Assert.Null(await table.TryAddAsync(null, default));

        await test.ReopenAsync();
        table = new VerificationTable(test.Instance, TimeProvider.System);
        Assert.Equal(VerificationState.Running, (await table.FindAsync(run.Id, default))!.State);
        await table.InterruptAsync(default);
        var interrupted = (await table.FindAsync(run.Id, default))!;
        Assert.Equal((VerificationState.Interrupted, 40, 100), (interrupted.State, interrupted.BlocksDone, interrupted.BlocksTotal));
        Assert.Null(interrupted.FinishedAt);
        // What a late worker has to say about it changes nothing any more.
        await table.FinishAsync(run.Id, VerificationState.Passed, 100, null, null, default);
        Assert.Equal(interrupted, await table.FindAsync(run.Id, default));

        var next = (await table.TryAddAsync("ab", default))!;
        await table.FinishAsync(next.Id, VerificationState.Failed, 3, null, "ledger.timeout", default);
        Assert.Equal((VerificationState.Failed, 3, "ledger.timeout"),
            (await table.FindAsync(next.Id, default)) is { } ended ? (ended.State, ended.BlocksDone, ended.Reason) : default);
        Assert.Equal(2, (await table.ListAsync(null, 10, default)).Items.Count);

        var third = (await table.TryAddAsync(null, default))!;
        Assert.True(await table.NoteAsync(third.Id, 5, 100, default));
        Assert.True(await table.StopAsync(third.Id, default));
        Assert.False(await table.NoteAsync(third.Id, 6, 100, default));
        var stopped = (await table.FindAsync(third.Id, default))!;
        Assert.Equal((VerificationState.Interrupted, 5, VerificationTable.Stopped), (stopped.State, stopped.BlocksDone, stopped.Reason));
        Assert.NotNull(stopped.FinishedAt);
        Assert.True(await table.StopAsync(next.Id, default)); // over already
        Assert.Equal(VerificationState.Failed, (await table.FindAsync(next.Id, default))!.State);
        Assert.False(await table.StopAsync("nothing", default));
    }
}
