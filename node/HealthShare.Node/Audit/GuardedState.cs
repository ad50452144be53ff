using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;

namespace HealthShare.Node.Audit;

/// <summary>
/// Marks what fails in the state itself (a database that is away, a disk that is full, a wait that was cancelled), so that a replay can tell it from what
/// the content of a transaction brings about.
/// </summary>
internal sealed class GuardedState(IReplayState inner) : IReplayState
{
    public async Task<byte[]?> GetAsync(string key, CancellationToken ct)
    {
        try
        {
            return await inner.GetAsync(key, ct);
        }
        catch (Exception e)
        {
            throw new StateFailedException(e);
        }
    }

    public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
        LedgerKind kind, IReadOnlyList<string> parts, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var entries = inner.ListAsync(kind, parts, ct).GetAsyncEnumerator(ct);
        while (await MoveNextAsync(entries))
            yield return entries.Current;
    }

    public void Apply(IEnumerable<KVWrite> writes)
    {
        try
        {
            inner.Apply(writes);
        }
        catch (Exception e)
        {
            throw new StateFailedException(e);
        }
    }

    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<KeyValuePair<string, ReadOnlyMemory<byte>>> entries)
    {
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (Exception e)
        {
            throw new StateFailedException(e);
        }
    }
}

/// <summary>The state could not be read or written.</summary>
internal sealed class StateFailedException(Exception cause) : Exception("The state could not be read or written.", cause)
{
    /// <summary>Throws what it was, with its stack.</summary>
    public void Rethrow() => ExceptionDispatchInfo.Throw(InnerException!);
}
