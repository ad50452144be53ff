using System.Data.Common;
using System.Runtime.CompilerServices;

namespace HealthShare.Node.Database;

/// <summary>
/// What a transaction does last, when all its other work is done: what takes a lock that many wait for. It is then held for a moment, and
/// nobody who holds it waits for another one's row.
/// </summary>
internal static class TransactionEnd
{
    private static readonly ConditionalWeakTable<DbTransaction, List<Func<CancellationToken, Task>>> Last = [];

    /// <summary>Puts work off to the end of a transaction of <see cref="IDatabase.WriteAsync"/>; where it fails, all of that fails.</summary>
    public static void Add(DbTransaction transaction, Func<CancellationToken, Task> work) => Last.GetOrCreateValue(transaction).Add(work);

    /// <summary>Does what was put off, in its order.</summary>
    public static async Task RunAsync(DbTransaction transaction, CancellationToken ct)
    {
        while (Last.TryGetValue(transaction, out var put) && Last.Remove(transaction))
        {
            foreach (var work in put)
                await work(ct);
        }
    }

    /// <summary>Forgets what was put off by work that failed: the transaction, or the object that stood for it, goes on with other work.</summary>
    public static void Forget(DbTransaction transaction) => Last.Remove(transaction);
}
