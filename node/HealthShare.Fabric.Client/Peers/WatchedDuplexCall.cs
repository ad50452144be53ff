using System.Runtime.CompilerServices;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.Fabric.Client.Peers;

/// <summary>A stream in both directions that tells its peer's health how it fares.</summary>
internal sealed class WatchedDuplexCall<TRequest, TResponse>(GatewayPeer peer, IGrpcDuplexCall<TRequest, TResponse> inner)
    : IGrpcDuplexCall<TRequest, TResponse>
{
    public Task WriteAsync(TRequest message, CancellationToken ct = default) => inner.WriteAsync(message, ct);

    public Task CompleteAsync() => inner.CompleteAsync();

    public async IAsyncEnumerable<TResponse> ReadAllAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        await using var items = inner.ReadAllAsync(ct).GetAsyncEnumerator(ct);
        var heard = false;
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (RpcException e)
            {
                peer.StreamFailed(e);
                throw;
            }
            if (!heard)
            {
                heard = true;
                peer.StreamAnswered();
            }
            yield return items.Current;
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
