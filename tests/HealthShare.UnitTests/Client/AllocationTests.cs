using System.Security.Cryptography;
using Google.Protobuf;
using HealthShare.Fabric.Client;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.UnitTests.Protocol.Grpc;

namespace HealthShare.UnitTests.Client;

/// <summary>
/// What a transaction allocates in the client: its payload once, and nothing for a key. The bounds leave room for everything but
/// one more copy. Measured over the whole process, so nothing runs beside it; the least of several measurements counts.
/// </summary>
[Collection(Support.AloneCollection.Name)]
public sealed class AllocationTests : IDisposable
{
    private const int Payload = 4 * 1024 * 1024;
    private const int Room = Payload / 2;
    private readonly TestAuthority authority = new("identity authority");
    private readonly SigningIdentity identity;

    public AllocationTests() => identity = FakeGateway.NewIdentity(authority);

    [Fact]
    public async Task A_transaction_takes_its_payload_once()
    {
        await using var gateway = new CountingGateway();
        await using var client = new GatewayClient(gateway, identity, "channel-1");
        var request = new TransactionRequest("basic", "put", (ReadOnlyMemory<byte>[])[new byte[Payload]]);

        var taken = await LeastAsync(async () =>
        {
            gateway.Own = 0;
            await client.SubmitAsync(request);
            return gateway.Own;
        });
        Assert.InRange(taken, 0, Payload + Room);
    }

    [Fact]
    public async Task A_message_is_written_to_the_connection_from_a_buffer_that_is_used_again()
    {
        var message = new EvaluateRequest { ProposedTransaction = new() { ProposalBytes = UnsafeByteOperations.UnsafeWrap(new byte[Payload]) } };

        var taken = await LeastAsync(async () =>
        {
            using var content = new UnaryContent(message, GrpcDefaults.MaxMessageSize);
            await content.CopyToAsync(Stream.Null);
            return 0;
        });
        Assert.InRange(taken, 0, Room);
    }

    [Fact]
    public async Task A_thousand_signatures_parse_no_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportPkcs8PrivateKeyPem();
        var parsing = await LeastAsync(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                using var parsed = ECDsa.Create();
                parsed.ImportFromPem(pem);
            }
            return Task.FromResult(0L);
        });
        var signing = await LeastAsync(() =>
        {
            for (var i = 0; i < 1000; i++)
                identity.Sign("message"u8);
            return Task.FromResult(0L);
        });
        Assert.InRange(signing, 0, parsing - 1); // parsing and signing would take more than parsing alone
    }

    public void Dispose()
    {
        identity.Dispose();
        authority.Dispose();
    }

    // The work returns what of it is not the client's.
    private static async Task<long> LeastAsync(Func<Task<long>> work)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var others = await work();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before - others);
        }
        return least;
    }

    /// <summary>A gateway in this process, without a wire: it answers at once and counts what it takes itself.</summary>
    private sealed class CountingGateway : IGrpcChannel
    {
        public long Own { get; set; }

        public Uri Address { get; } = new("http://127.0.0.1:1");

        public Task<TResponse> UnaryAsync<TRequest, TResponse>(
            GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken ct = default)
            where TRequest : class, IMessage<TRequest>
            where TResponse : class, IMessage<TResponse>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            IMessage answer = request switch
            {
                EndorseRequest endorse => new EndorseResponse { PreparedTransaction = FakeGateway.Prepare(endorse) },
                SubmitRequest => new SubmitResponse(),
                _ => new CommitStatusResponse { BlockNumber = 7 },
            };
            Own += GC.GetAllocatedBytesForCurrentThread() - before;
            return Task.FromResult((TResponse)answer);
        }

        public IAsyncEnumerable<TResponse> ServerStreamAsync<TRequest, TResponse>(
            GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcCallOptions options = default, CancellationToken ct = default)
            where TRequest : class, IMessage<TRequest>
            where TResponse : class, IMessage<TResponse> => throw new NotSupportedException();

        public Task<IGrpcDuplexCall<TRequest, TResponse>> DuplexAsync<TRequest, TResponse>(
            GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options = default, CancellationToken ct = default)
            where TRequest : class, IMessage<TRequest>
            where TResponse : class, IMessage<TResponse> => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
