using Microsoft.Data.Sqlite;

namespace HealthShare.Node.Database;

/// <summary>
/// Lets writes that wait at the same time share one commit, and with it one wait for the disk. Each runs behind its own savepoint: one that
/// fails is undone alone. Nobody is told that a write is done before it is on the disk.
/// </summary>
/// <param name="open">Opens the connection that writes; it is kept until something goes wrong.</param>
internal sealed class GroupCommit(Func<Task<SqliteConnection>> open) : IDisposable
{
    private const int MostInGroup = 256; // so that the first of a group does not wait for many more than itself
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);
    private readonly Lock gate = new();
    private readonly Queue<PendingWrite> waiting = new();
    private bool running;
    private Task underWay = Task.CompletedTask;
    private SqliteConnection? connection;

    /// <summary>Adds a write to the next group; done when that is on the disk.</summary>
    public async Task<T> RunAsync<T>(Func<SqliteTransaction, Task<T>> work, CancellationToken ct)
    {
        var write = new PendingWrite<T>(work);
        await using var registration = ct.Register(() => write.Cancel(ct));
        TaskCompletionSource? end = null;
        lock (gate)
        {
            waiting.Enqueue(write);
            if (!running)
            {
                end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                (running, underWay) = (true, end.Task);
            }
        }
        if (end is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static one => _ = one.Self.DrainAsync(one.End), (Self: this, End: end), preferLocal: false); // belongs to no caller
        return await write.Outcome;
    }

    /// <summary>
    /// Lets go of the file. What is under way ends first, as where a node stops while something that nobody waits for is noted: a connection
    /// is not for two at a time. What does not end within 10 seconds fails.
    /// </summary>
    public void Dispose()
    {
        Task last;
        lock (gate)
            last = underWay;
        last.Wait(LongestEnd);
        LetGo();
    }

    private async Task DrainAsync(TaskCompletionSource end)
    {
        while (Next() is { Count: > 0 } group)
        {
            try
            {
                await CommitAsync(group);
            }
            catch (Exception e)
            {
                foreach (var write in group)
                    write.Fail(e); // those that failed by themselves have said why
                LetGo();
            }
        }
        end.SetResult();
    }

    // Whatever becomes of the connection, the next group is written over another one: nobody must wait for ever for this one's end.
    private void LetGo()
    {
        var broken = connection;
        connection = null;
        try
        {
            broken?.Dispose();
        }
        catch (SqliteException)
        {
            // Its writers have heard of the failure that brought it here.
        }
    }

    private List<PendingWrite> Next()
    {
        var group = new List<PendingWrite>();
        lock (gate)
        {
            while (group.Count < MostInGroup && waiting.TryDequeue(out var write))
            {
                if (write.TryBegin())
                    group.Add(write);
            }
            running = group.Count > 0;
        }
        return group;
    }

    private async Task CommitAsync(List<PendingWrite> group)
    {
        connection ??= await open();
        // Immediate: the write lock is taken now, so that what is read inside cannot be overtaken.
        await using var transaction = connection.BeginTransaction(deferred: false);
        if (group is [var single])
        {
            await single.RunAsync(transaction);
        }
        else
        {
            foreach (var write in group)
                await RunApartAsync(write, transaction);
        }
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (SqliteException) when (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) != 0)
        {
            // A full disk ends the transaction below its object, which would then ask for the rollback of one that is not there, and fail whenever it or
            // its connection is let go of. Another one gives it something to roll back.
            await transaction.WriteAsync("BEGIN", [], CancellationToken.None);
            throw;
        }
        foreach (var write in group)
            write.Complete();
    }

    // A fault that ended the whole transaction, as a full disk does, shows in the savepoint, which is gone.
    private static async Task RunApartAsync(PendingWrite write, SqliteTransaction transaction)
    {
        await transaction.WriteAsync("SAVEPOINT apart", [], CancellationToken.None);
        try
        {
            await write.RunAsync(transaction);
        }
        catch (Exception e)
        {
            await transaction.WriteAsync("ROLLBACK TO apart", [], CancellationToken.None);
            await transaction.WriteAsync("RELEASE apart", [], CancellationToken.None);
            write.Fail(e);
            return;
        }
        await transaction.WriteAsync("RELEASE apart", [], CancellationToken.None);
    }
}
