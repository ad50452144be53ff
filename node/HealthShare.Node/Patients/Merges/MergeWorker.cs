using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients.Merges;

/// <summary>Lets the hospital's numbers follow merges when their waiting time is over, and undoes it where one is stopped.</summary>
internal sealed class MergeWorker(MergeTasks tasks, IReadModel readModel, TimeProvider clock, ILogger<MergeWorker> logger)
    : TaskWorker(readModel, clock, logger)
{
    /// <inheritdoc/>
    public override async Task<bool> RunOnceAsync(CancellationToken ct) => await EachAsync(await tasks.DueAsync(ct), tasks.CarryOutAsync, ct);

    /// <inheritdoc/>
    protected override Task<DateTimeOffset?> NextDueAsync(CancellationToken ct) => Task.FromResult<DateTimeOffset?>(null);
}
