using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client.Events;

/// <summary>
/// Holds what peers deliver against what is due: the next number, this channel, the hash of the block before. It lives as long as
/// the reader, so that a reconnection, or another peer, cannot skip, repeat or fork. Who signed a block is not its business; that
/// is the block verifier's.
/// </summary>
internal sealed class BlockSequence(string channel, ulong first)
{
    private ByteString? previousHash;

    /// <summary>Number of the block that is due.</summary>
    public ulong Next { get; private set; } = first;

    /// <summary>Accepts a whole block.</summary>
    /// <exception cref="RpcException"><see cref="StatusCode.DataLoss"/>: it is not the block that is due.</exception>
    public void Accept(Block block)
    {
        if (block.Header is not { } header)
        {
            throw Fault("has no header");
        }
        CheckNumber(header.Number);
        if (previousHash is not null && header.PreviousHash != previousHash)
        {
            throw Fault("does not follow the block before it");
        }
        if (block.Data is null || BlockHashes.DataHash(block.Data) != header.DataHash)
        {
            throw Fault("holds data of another hash than its header says");
        }
        if (ChannelOf(block) is { } other && other != channel)
        {
            throw Fault("is of another channel");
        }
        previousHash = BlockHashes.HeaderHash(header);
        Next++;
    }

    /// <summary>Accepts a filtered block, which carries no hashes.</summary>
    /// <exception cref="RpcException"><see cref="StatusCode.DataLoss"/>: it is not the block that is due.</exception>
    public void Accept(FilteredBlock block)
    {
        CheckNumber(block.Number);
        if (block.ChannelId != channel)
        {
            throw Fault("is of another channel");
        }
        Next++;
    }

    public RpcException Fault(string what) => new(StatusCode.DataLoss, $"Block {Next} as delivered {what}.");

    private void CheckNumber(ulong number)
    {
        if (number != Next)
        {
            throw new RpcException(StatusCode.DataLoss, $"Block {number} came where block {Next} was due.");
        }
    }

    // A block may hold envelopes that nobody can read; peers flag them and go on. The first readable one speaks for the block.
    private static string? ChannelOf(Block block)
    {
        foreach (var transaction in new BlockView(block).Transactions)
        {
            try
            {
                return transaction.ChannelId;
            }
            catch (FabricDataException)
            {
                continue;
            }
        }
        return null;
    }
}
