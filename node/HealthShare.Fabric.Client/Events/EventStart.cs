namespace HealthShare.Fabric.Client;

/// <summary>
/// Where a stream begins. <see cref="Newest"/> and <see cref="Next"/> are turned into a block number before the stream is opened,
/// so that nothing is missed however long the first connection takes. A number or an <see cref="EventPosition"/> converts.
/// </summary>
public sealed record EventStart
{
    private EventStart(Origin origin, EventPosition? position = null, string? transactionId = null) =>
        (From, Position, TransactionId) = (origin, position, transactionId);

    internal enum Origin
    {
        Position,
        Newest,
        Next,
        Transaction,
    }

    /// <summary>With the first block of the channel.</summary>
    public static EventStart Oldest { get; } = new(Origin.Position, new EventPosition(0));

    /// <summary>With the newest block there is.</summary>
    public static EventStart Newest { get; } = new(Origin.Newest);

    /// <summary>With the next block to be committed.</summary>
    public static EventStart Next { get; } = new(Origin.Next);

    internal Origin From { get; }

    internal EventPosition? Position { get; }

    internal string? TransactionId { get; }

    /// <summary>With a block; 0 is the genesis block.</summary>
    public static EventStart AtBlock(ulong number) => new(Origin.Position, new EventPosition(number));

    /// <summary>With a position that a checkpointer kept.</summary>
    public static EventStart At(EventPosition position) => new(Origin.Position, position);

    /// <summary>
    /// Behind a transaction, wherever it is; the peer is asked for its block. Streams of whole blocks begin with that block,
    /// since other transactions of it may not have been seen; so do a chaincode's events, where the transaction raised none.
    /// </summary>
    /// <param name="transactionId">Id of a committed transaction, valid or not.</param>
    public static EventStart After(string transactionId)
    {
        ArgumentException.ThrowIfNullOrEmpty(transactionId);
        return new EventStart(Origin.Transaction, transactionId: transactionId);
    }

    /// <summary>With a block.</summary>
    public static implicit operator EventStart(ulong number) => AtBlock(number);

    /// <summary>With a position that a checkpointer kept.</summary>
    public static implicit operator EventStart(EventPosition position) => At(position);
}
