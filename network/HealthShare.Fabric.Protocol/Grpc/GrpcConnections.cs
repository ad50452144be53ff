namespace HealthShare.Fabric.Protocol.Grpc;

/// <summary>
/// The connections of a channel that show one certificate. Once replaced, they close with the last call that began on them:
/// closing them sooner would fail calls that are on their way to a connection.
/// </summary>
internal sealed class GrpcConnections(HttpMessageHandler handler) : HttpMessageInvoker(handler)
{
    private int users = 1; // the channel

    /// <summary>Counts a call in; false where the connections were replaced and have closed.</summary>
    public bool TryEnter()
    {
        while (Volatile.Read(ref users) is > 0 and var now)
        {
            if (Interlocked.CompareExchange(ref users, now + 1, now) == now)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Counts a call out, or the channel that has other connections now.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            Dispose();
        }
    }
}
