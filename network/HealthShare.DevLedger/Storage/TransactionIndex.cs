using System.Collections.Concurrent;
using Google.Protobuf;
using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Storage;

/// <summary>Where a transaction stands in the chain and what became of it.</summary>
internal sealed record TransactionStatus(ulong Block, int Index, TxValidationCode Code);

/// <summary>Finds transactions by id, blocks by hash and the past writes of keys; rebuilt from the blocks at start.</summary>
internal sealed class TransactionIndex
{
    private readonly ConcurrentDictionary<string, TransactionStatus> transactions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ByteString, ulong> blocks = new();
    private readonly Dictionary<(string Chaincode, string Key), List<StateVersion>> history = [];
    private readonly Lock gate = new();

    public TransactionStatus? Find(string transactionId) => transactions.GetValueOrDefault(transactionId);

    /// <summary>Number of the block whose header has a hash, or null.</summary>
    public ulong? FindBlock(ByteString headerHash) => blocks.TryGetValue(headerHash, out var number) ? number : null;

    /// <summary>Adds a block by the hash of its header.</summary>
    public void AddBlock(ByteString headerHash, ulong number) => blocks[headerHash] = number;

    /// <summary>Adds a transaction; of several with one id the first stays the one that is found.</summary>
    public void Add(string transactionId, TransactionStatus status)
    {
        if (transactionId.Length > 0)
            transactions.TryAdd(transactionId, status);
    }

    /// <summary>Notes a public write of a valid transaction.</summary>
    public void AddWrite(string chaincode, string key, StateVersion version)
    {
        lock (gate)
        {
            if (!history.TryGetValue((chaincode, key), out var versions))
                history.Add((chaincode, key), versions = []);
            versions.Add(version);
        }
    }

    /// <summary>Writes of a key below a height, newest first.</summary>
    public IReadOnlyList<StateVersion> WritesOf(string chaincode, string key, ulong height)
    {
        lock (gate)
        {
            return history.TryGetValue((chaincode, key), out var versions)
                ? [.. versions.Where(version => version.Block < height).Reverse()]
                : [];
        }
    }
}
