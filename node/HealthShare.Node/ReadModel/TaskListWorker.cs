namespace HealthShare.Node.ReadModel;

/// <summary>Tasks in the database, so that each goes on where it was.</summary>
internal interface ITaskList<TTask>
{
    /// <summary>What can be advanced now, what waits longest first.</summary>
    Task<IReadOnlyList<TTask>> DueAsync(CancellationToken ct);

    /// <summary>When the next one is due; null where there is none, and where blocks alone bring them.</summary>
    Task<DateTimeOffset?> NextDueAsync(CancellationToken ct) => Task.FromResult<DateTimeOffset?>(null);
}

/// <summary>Works through a list of tasks, some at once.</summary>
internal abstract class TaskListWorker<TTask>(ITaskList<TTask> tasks, IReadModel readModel, TimeProvider clock, ILogger logger)
    : TaskWorker(readModel, clock, logger)
{
    /// <inheritdoc/>
    public override async Task<bool> RunOnceAsync(CancellationToken ct) => await EachAsync(await tasks.DueAsync(ct), AdvanceAsync, ct);

    /// <inheritdoc/>
    protected override Task<DateTimeOffset?> NextDueAsync(CancellationToken ct) => tasks.NextDueAsync(ct);

    /// <summary>Advances a task, or puts it off.</summary>
    /// <returns>True when it moved.</returns>
    protected abstract Task<bool> AdvanceAsync(TTask task, CancellationToken ct);
}
